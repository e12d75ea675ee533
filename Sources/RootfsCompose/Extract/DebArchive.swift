import CLibArchive
import PkgResolve

/// Reads Debian's binary packages.
///
/// Source of the format: deb(5). Nothing is written but to the spool, and nothing of a package is executed. Calls
/// on different threads may share one spool.
public struct DebArchive {
  /// Unpacks the package at `path`.
  ///
  /// `subject` is what messages call it, `libc6_2.41-12_amd64.deb`. `isCancelled` is asked at every block. Throws
  /// ``ComposeError``: `invalidArchive` where the package breaks its format, `unsafePath` where a path or link leaves
  /// the tree, `limitExceeded`, `storeUnreadable`, `storeUnwritable`, `cancelled`.
  public static func unpack(
    path: String, subject: String, spool: ContentSpool, limits: UnpackLimits = .standard,
    isCancelled: () -> Bool = { false }
  ) throws(ComposeError) -> UnpackedPackage {
    try CharacterLocale.withUTF8 { () throws(ComposeError) in
      try unpack(
        try ArchiveReader.package(at: path, subject: subject), spool: spool, limits: limits,
        isCancelled: isCancelled)
    }
  }

  private static func unpack(
    _ archive: consuming ArchiveReader, spool: ContentSpool, limits: UnpackLimits,
    isCancelled: () -> Bool
  ) throws(ComposeError) -> UnpackedPackage {
    let subject = archive.subject
    let timestamp = try readFormat(archive)
    let control = try readControl(archive, limits: limits, isCancelled: isCancelled)
    let (member, compression) = try dataMember(archive)
    let label = "\(control.name):\(control.architecture)"
    let entries = try archive.readTar(member: member, compression: compression) {
      (tar) throws(ComposeError) in
      var unpacker = DataUnpacker(
        package: label, subject: subject, spool: spool, limits: limits)
      try unpacker.unpack(tar, isCancelled: isCancelled)
      return unpacker.entries
    }
    while let extra = try archive.next() {
      // deb(5): new members may come after the data member; readers pass over them.
      let name = text(extra)
      guard !name.hasPrefix("data.tar"), !name.hasPrefix("control.tar") else {
        throw ComposeError(
          .invalidArchive, subject, "has a second member \(name); expected one data.tar")
      }
    }
    return UnpackedPackage(
      name: control.name, version: control.version, architecture: control.architecture,
      metadata: .debian(control.stanza), scripts: control.members, timestamp: timestamp,
      entries: entries)
  }

  /// When the package at `path` was built, in seconds since 1970: reads the first ar header only.
  ///
  /// `subject` is what messages call it; the file's name where nil.
  public static func timestamp(
    path: String, subject: String? = nil
  ) throws(ComposeError) -> Int64 {
    let name = subject ?? path.split(separator: "/").last.map(String.init) ?? path
    return try readFormat(try ArchiveReader.package(at: path, subject: name))
  }

  /// Reads `debian-binary` and returns its time.
  private static func readFormat(_ archive: borrowing ArchiveReader) throws(ComposeError) -> Int64 {
    guard let first = try archive.next(), text(first) == "debian-binary" else {
      throw ComposeError(
        .invalidArchive, archive.subject,
        "does not begin with the member debian-binary; expected a Debian package")
    }
    let time = first.mtime
    let format = try archive.contents(of: "debian-binary", limit: 1024)
    let line = format.prefix { $0 != 0x0a }
    let minor = line.dropFirst(2)
    guard line.starts(with: "2.".utf8), !minor.isEmpty, line.count < format.count,
      minor.allSatisfy({ (0x30...0x39).contains($0) })
    else {
      let found = String(decoding: line.prefix(20), as: UTF8.self)
      throw ComposeError(
        .invalidArchive, archive.subject, "is of format \"\(found)\"; expected 2.0")
    }
    return time
  }

  /// Moves to the data member.
  private static func dataMember(
    _ archive: borrowing ArchiveReader
  ) throws(ComposeError) -> (name: String, compression: Int32) {
    guard let name = try nextMember(archive) else {
      throw ComposeError(
        .invalidArchive, archive.subject, "ends before its data member; expected data.tar")
    }
    guard let compression = compression(of: name, base: "data.tar", in: dataCompressions) else {
      throw ComposeError(
        .invalidArchive, archive.subject,
        "has the member \(name) where data.tar is expected, plain or packed as .gz, .xz, .zst, "
          + ".bz2 or .lzma")
    }
    return (name, compression)
  }

  /// The next member's name; members that begin with `_` are passed over, as deb(5) asks.
  static func nextMember(_ archive: borrowing ArchiveReader) throws(ComposeError) -> String? {
    while let entry = try archive.next() {
      let name = text(entry)
      if !name.hasPrefix("_") { return name }
    }
    return nil
  }

  /// libarchive's number for the compression that a member's suffix names; nil for a member of another name.
  static func compression(of name: String, base: String, in known: [String: Int32]) -> Int32? {
    name.hasPrefix(base) ? known[String(name.dropFirst(base.count))] : nil
  }

  static let controlCompressions = [
    "": ARCHIVE_FILTER_NONE, ".gz": ARCHIVE_FILTER_GZIP, ".xz": ARCHIVE_FILTER_XZ,
    ".zst": ARCHIVE_FILTER_ZSTD,
  ]

  private static let dataCompressions = controlCompressions.merging([
    ".bz2": ARCHIVE_FILTER_BZIP2, ".lzma": ARCHIVE_FILTER_LZMA,
  ]) { first, _ in first }

  private static func text(_ entry: ArchiveEntry) -> String {
    String(decoding: entry.name ?? [], as: UTF8.self)
  }
}
