import PkgResolve

/// Writes the table of a kept package: its key, what it says of itself, its entries in order.
struct ExpandedTableWriter: RecordWriting {
  var bytes: [UInt8] = []

  /// nil where the package cannot be kept: some content of it lies in no file, or a number is too large.
  init?(_ package: UnpackedPackage, key: ExpandedKey) {
    bytes.reserveCapacity(4096 + 128 * package.entries.count)
    add(key.digest)
    add(UInt8(key.checksum == nil ? 0 : 1))
    add(key.checksum ?? "")
    add(package.name)
    add(package.version)
    add(package.architecture)
    add(package.timestamp)
    add(package.metadata)
    add(UInt32(package.scripts.count))
    for (name, script) in package.scripts.sorted(by: { $0.key < $1.key }) {
      add(name)
      add(script)
    }
    add(UInt32(package.entries.count))
    let apk = package.apk
    for (path, entry) in package.entries {
      guard
        add(path, entry, checksum: apk?.checksums[path], owners: apk?.owners[path])
      else { return nil }
    }
    guard bytes.count <= ExpandedForm.tableLimit else { return nil }
  }

  private mutating func add(_ metadata: PackageMetadata) {
    switch metadata {
    case .debian(let stanza):
      add(UInt8(0))
      add(UInt32(stanza.fields.count))
      for (name, value) in stanza.fields {
        add(name)
        add(value)
      }
    case .alpine(let apk):
      add(UInt8(1))
      add(UInt32(apk.fields.count))
      for field in apk.fields {
        add(field.name)
        add(field.value)
      }
      add(apk.checksum)
      add(apk.size)
    }
  }

  private mutating func add(
    _ path: TreePath, _ entry: FileEntry, checksum: [UInt8]?, owners: OwnerNames?
  ) -> Bool {
    var flags = ExpandedFlags()
    if case .regular(_, .some) = entry.kind { flags.insert(.linkGroup) }
    if !entry.xattrs.isEmpty { flags.insert(.attributes) }
    if checksum != nil { flags.insert(.checksum) }
    if owners != nil { flags.insert(.owners) }
    add(ExpandedKind(entry.kind).rawValue)
    add(flags.rawValue)
    add(entry.mode)
    add(entry.uid)
    add(entry.gid)
    add(entry.mtime)
    add(path.bytes)
    switch entry.kind {
    case .directory, .fifo: break
    case .symlink(let target): add(target)
    case .characterDevice(let major, let minor), .blockDevice(let major, let minor):
      add(major)
      add(minor)
    case .regular(let content, let group):
      guard add(content) else { return false }
      if let group {
        guard let number = UInt32(exactly: group.number) else { return false }
        add(number)
      }
    }
    if !entry.xattrs.isEmpty {
      add(UInt32(entry.xattrs.count))
      for (name, value) in entry.xattrs.sorted(by: { $0.key < $1.key }) {
        add(name)
        add(value)
      }
    }
    if let checksum { add(checksum) }
    if let owners {
      add(owners.user)
      add(owners.group)
    }
    return true
  }

  private mutating func add(_ content: Content) -> Bool {
    add(UInt64(content.count))
    guard content.count > 0 else { return true }
    guard let place = content.place else { return false }
    add(place.offset)
    add(content.checksum)
    return true
  }
}
