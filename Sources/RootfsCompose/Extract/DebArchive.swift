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
    isCancelled: @escaping () -> Bool = { false }
  ) throws(ComposeError) -> UnpackedPackage {
    try unpack(
      path: path, subject: subject, sink: ContentSink(spool), threads: DecoderThreads(1),
      limits: limits,
      isCancelled: isCancelled)
  }

  /// Unpacks the package at `path`, its data member on several of `threads` where it is made of several blocks.
  static func unpack(
    path: String, subject: String, sink: ContentSink, threads: DecoderThreads,
    limits: UnpackLimits = .standard, isCancelled: @escaping () -> Bool
  ) throws(ComposeError) -> UnpackedPackage {
    try CharacterLocale.withUTF8 { () throws(ComposeError) in
      try unpack(
        try ArchiveReader.package(at: path, subject: subject), path: path, sink: sink,
        threads: threads, limits: limits, isCancelled: isCancelled)
    }
  }

  private static func unpack(
    _ archive: consuming ArchiveReader, path: String, sink: ContentSink, threads: DecoderThreads,
    limits: UnpackLimits, isCancelled: @escaping () -> Bool
  ) throws(ComposeError) -> UnpackedPackage {
    let subject = archive.subject
    let timestamp = try readFormat(archive)
    let control = try readControl(archive, limits: limits, isCancelled: isCancelled)
    let data = try dataMember(archive)
    let label = "\(control.name):\(control.architecture)"
    let unpack = { (tar: borrowing ArchiveReader) throws(ComposeError) in
      var unpacker = DataUnpacker(package: label, subject: subject, sink: sink, limits: limits)
      try unpacker.unpack(tar, isCancelled: isCancelled)
      return unpacker.entries
    }
    let entries: [(path: TreePath, entry: FileEntry)]
    if data.compression == ARCHIVE_FILTER_XZ {
      let blocks = XZIndex.blockCount(path: path, offset: data.offset, size: data.size)
      entries = try Self.readXZ(
        archive, data.name, blocks, threads, isCancelled: isCancelled, unpack)
    } else {
      entries = try archive.readTar(member: data.name, compression: data.compression, unpack)
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

  private static func readXZ<Result>(
    _ archive: borrowing ArchiveReader, _ member: String, _ blocks: Int,
    _ threads: DecoderThreads, isCancelled: @escaping () -> Bool,
    _ body: (borrowing ArchiveReader) throws(ComposeError) -> Result
  ) throws(ComposeError) -> Result {
    try threads.with(upTo: blocks) { (count) throws(ComposeError) in
      try archive.readXZ(member: member, threads: count, isCancelled: isCancelled, body)
    }
  }

  private struct DataMember {
    let name: String
    let compression: Int32
    /// In bytes, within the package's file.
    let offset: Int64
    let size: Int64
  }

  /// Moves to the data member.
  private static func dataMember(
    _ archive: borrowing ArchiveReader
  ) throws(ComposeError) -> DataMember {
    guard let entry = try nextEntry(archive) else {
      throw ComposeError(
        .invalidArchive, archive.subject, "ends before its data member; expected data.tar")
    }
    let name = text(entry)
    guard let compression = compression(of: name, base: "data.tar", in: dataCompressions) else {
      throw ComposeError(
        .invalidArchive, archive.subject,
        "has the member \(name) where data.tar is expected, plain or packed as .gz, .xz, .zst, "
          + ".bz2 or .lzma")
    }
    return DataMember(
      name: name, compression: compression, offset: archive.offset, size: entry.size)
  }

  /// The next member's name; members that begin with `_` are passed over, as deb(5) asks.
  static func nextMember(_ archive: borrowing ArchiveReader) throws(ComposeError) -> String? {
    try nextEntry(archive).map(text)
  }

  private static func nextEntry(
    _ archive: borrowing ArchiveReader
  ) throws(ComposeError) -> ArchiveEntry? {
    while let entry = try archive.next() {
      if !text(entry).hasPrefix("_") { return entry }
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
