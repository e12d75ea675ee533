import PkgResolve

/// Reads the table of a kept package back. Every length is checked: a table that passes its checksum may still be another
/// program's.
struct ExpandedTableReader: RecordReading {
  let bytes: UnsafeRawBufferPointer
  var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The key that the table begins with; nil where it has none.
  static func key(_ bytes: UnsafeRawBufferPointer) -> ExpandedKey? {
    var reader = ExpandedTableReader(bytes)
    return try? reader.key()
  }

  /// The package that the whole table describes, its contents in `file`, `contents` bytes long.
  static func package(
    _ bytes: UnsafeRawBufferPointer, contents: UInt64, file: ContentFile
  ) throws(ExpandedDamage) -> UnpackedPackage {
    var reader = ExpandedTableReader(bytes)
    _ = try reader.key()
    let name = try reader.text()
    let version = try reader.text()
    let architecture = try reader.text()
    let timestamp = try reader.number(Int64.self)
    let said = try reader.metadata()
    var scripts = [String: [UInt8]]()
    for _ in 0..<(try reader.number(UInt32.self)) {
      let name = try reader.text()
      scripts[name] = try reader.run()
    }
    var entries = Entries(package: "\(name):\(architecture)", contents: contents, file: file)
    try entries.read(from: &reader)
    guard reader.offset == bytes.count else { throw ExpandedDamage() }
    return UnpackedPackage(
      name: name, version: version, architecture: architecture,
      metadata: said.metadata(entries), scripts: scripts, timestamp: timestamp,
      entries: entries.entries)
  }

  private mutating func key() throws(ExpandedDamage) -> ExpandedKey {
    let digest = try text()
    let hasChecksum = try number(UInt8.self)
    let checksum = try text()
    guard hasChecksum <= 1 else { throw ExpandedDamage() }
    return ExpandedKey(digest: digest, checksum: hasChecksum == 1 ? checksum : nil)
  }

  /// What the package says of itself, but for what stands with each entry.
  private enum Said {
    case debian(ControlStanza)
    case alpine(fields: [ApkMetadata.Field], checksum: String, size: Int64)

    func metadata(_ entries: Entries) -> PackageMetadata {
      switch self {
      case .debian(let stanza): .debian(stanza)
      case .alpine(let fields, let checksum, let size):
        .alpine(
          ApkMetadata(
            fields: fields, checksum: checksum, size: size, checksums: entries.checksums,
            owners: entries.owners))
      }
    }
  }

  private mutating func metadata() throws(ExpandedDamage) -> Said {
    let family = try number(UInt8.self)
    guard family <= 1 else { throw ExpandedDamage() }
    var fields = [(name: String, value: String)]()
    for _ in 0..<(try number(UInt32.self)) {
      let name = try text()
      fields.append((name, try text()))
    }
    if family == 0 { return .debian(ControlStanza(fields: fields)) }
    return .alpine(
      fields: fields.map { ApkMetadata.Field($0.name, $0.value) }, checksum: try text(),
      size: try number(Int64.self))
  }
}

extension ExpandedTableReader {
  /// The entries of a table as they are read.
  fileprivate struct Entries {
    let package: String
    let contents: UInt64
    let file: ContentFile
    var entries: [(path: TreePath, entry: FileEntry)] = []
    var checksums: [TreePath: [UInt8]] = [:]
    var owners: [TreePath: OwnerNames] = [:]

    init(package: String, contents: UInt64, file: ContentFile) {
      self.package = package
      self.contents = contents
      self.file = file
    }

    mutating func read(from reader: inout ExpandedTableReader) throws(ExpandedDamage) {
      let count = Int(try reader.number(UInt32.self))
      // An entry has at least 24 bytes: a number that is wrong must not take memory.
      entries.reserveCapacity(min(count, reader.bytes.count / 24))
      for _ in 0..<count { try readEntry(from: &reader) }
    }

    private mutating func readEntry(from reader: inout ExpandedTableReader) throws(ExpandedDamage) {
      let kind = ExpandedKind(rawValue: try reader.number(UInt8.self))
      let flags = ExpandedFlags(rawValue: try reader.number(UInt8.self))
      let mode = try reader.number(UInt16.self)
      let uid = try reader.number(UInt32.self)
      let gid = try reader.number(UInt32.self)
      let mtime = try reader.number(Int64.self)
      guard let kind, flags.isSubset(of: .all), mode <= 0o7777,
        let path = TreePath(normalised: try reader.piece())
      else { throw ExpandedDamage() }
      var entry = FileEntry(
        kind: try entryKind(kind, linked: flags.contains(.linkGroup), from: &reader), mode: mode,
        uid: uid, gid: gid, mtime: mtime)
      if flags.contains(.attributes) {
        for _ in 0..<(try reader.number(UInt32.self)) {
          let name = try reader.text()
          entry.xattrs[name] = try reader.run()
        }
      }
      if flags.contains(.checksum) { checksums[path] = try reader.run() }
      if flags.contains(.owners) {
        let user = try reader.text()
        owners[path] = OwnerNames(user: user, group: try reader.text())
      }
      entries.append((path, entry))
    }

    private func entryKind(
      _ kind: ExpandedKind, linked: Bool, from reader: inout ExpandedTableReader
    ) throws(ExpandedDamage) -> FileEntry.Kind {
      switch kind {
      case .directory: return .directory
      case .fifo: return .fifo
      case .symlink: return .symlink(target: try reader.run())
      case .characterDevice, .blockDevice:
        let major = try reader.number(UInt32.self)
        let minor = try reader.number(UInt32.self)
        return kind == .blockDevice
          ? .blockDevice(major: major, minor: minor) : .characterDevice(major: major, minor: minor)
      case .regular:
        let content = try content(from: &reader)
        let group =
          linked
          ? FileEntry.LinkGroup(package: package, number: Int(try reader.number(UInt32.self)))
          : nil
        return .regular(content, linkGroup: group)
      }
    }

    private func content(
      from reader: inout ExpandedTableReader
    ) throws(ExpandedDamage) -> Content {
      let count = try reader.number(UInt64.self)
      guard count > 0 else { return Content([]) }
      let offset = try reader.number(UInt64.self)
      let checksum = try reader.number(UInt32.self)
      guard offset <= contents, count <= contents - offset, let place = Int64(exactly: offset),
        let count = Int(exactly: count)
      else { throw ExpandedDamage() }
      return Content(file: file, offset: place, count: count, checksum: checksum)
    }
  }
}
