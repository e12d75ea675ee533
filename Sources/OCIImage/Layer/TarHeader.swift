/// The header blocks of a tar member: ustar, after pax records where ustar cannot hold a value.
///
/// Sources: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header"; OCI image-spec, layer.md, "File
/// Attributes" (`SCHILY.xattr.`). The same entry always makes the same bytes. User and group names are left empty:
/// the archive is about another system than the one that writes it.
enum TarHeader {
  static let blockSize = 512
  /// Two zero blocks: POSIX.1-2017, pax, "ustar Interchange Format".
  static let end = [UInt8](repeating: 0, count: 2 * blockSize)

  /// Throws ``OCIError`` (`invalidEntry`) for an entry that no reader could unpack.
  static func encode(_ entry: TarEntry) throws(OCIError) -> [UInt8] {
    try validate(entry)
    var name = entry.path
    if entry.kind == .directory { name += name.isEmpty ? Array("./".utf8) : [slash] }
    var pax = PaxRecords()
    var block = UstarBlock()
    if let split = splitName(name), !needsPax(name) {
      block.set(prefix: split.prefix, name: split.name)
    } else {
      pax.add("path", name, isText: true)
      block.set(prefix: [], name: name.prefix(100))
    }
    if let target = entry.linkTarget {
      if target.count > 100 || needsPax(target) { pax.add("linkpath", target, isText: true) }
      block.set(link: target.prefix(100))
    }
    block.set(typeFlag: entry.typeFlag)
    block.set(mode: entry.mode)
    setNumbers(of: entry, &block, &pax)
    // Dictionaries have no order of their own.
    for (name, value) in entry.xattrs.sorted(by: {
      $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
    }) {
      pax.add("SCHILY.xattr." + name, value, isText: false)
    }
    return try pax.encode(subject: entry.subject) + block.encode()
  }

  /// Zero bytes that follow `size` bytes of content, up to the next block.
  static func padding(_ size: Int64) -> Int {
    let rest = Int(size % Int64(blockSize))
    return rest == 0 ? 0 : blockSize - rest
  }

  private static let slash = UInt8(ascii: "/")

  /// Text outside ASCII goes into a pax record, which says that it is UTF-8. Bytes that are not UTF-8 stay in the
  /// ustar field where they fit: readers hand its bytes on as they are, while a pax path ought to be UTF-8.
  private static func needsPax(_ name: [UInt8]) -> Bool {
    !name.allSatisfy { $0 < 0x80 } && isUTF8(name)
  }

  static func isUTF8(_ bytes: [UInt8]) -> Bool {
    String(validating: bytes, as: UTF8.self) != nil
  }

  /// The name cut at a slash into a prefix of at most 155 bytes and a name of at most 100; nil where none fits.
  private static func splitName(
    _ name: [UInt8]
  ) -> (prefix: ArraySlice<UInt8>, name: ArraySlice<UInt8>)? {
    if name.count <= 100 { return ([], name[...]) }
    guard name.count <= 256 else { return nil }
    // The last byte may be a directory's slash, where a cut would leave an empty name.
    guard let cut = name.prefix(156).dropLast(name.count <= 156 ? 1 : 0).lastIndex(of: slash),
      cut > 0, name.count - cut - 1 <= 100
    else { return nil }
    return (name[..<cut], name[(cut + 1)...])
  }

  private static func setNumbers(
    of entry: TarEntry, _ block: inout UstarBlock, _ pax: inout PaxRecords
  ) {
    if !block.set(uid: entry.uid) { pax.add("uid", String(entry.uid)) }
    if !block.set(gid: entry.gid) { pax.add("gid", String(entry.gid)) }
    if !block.set(size: entry.size) { pax.add("size", String(entry.size)) }
    if !block.set(mtime: entry.mtime) { pax.add("mtime", String(entry.mtime)) }
    switch entry.kind {
    case .characterDevice(let major, let minor), .blockDevice(let major, let minor):
      block.set(major: major, minor: minor)
    default: break
    }
  }

  private static func validate(_ entry: TarEntry) throws(OCIError) {
    func refuse(_ reason: String) -> OCIError { OCIError(.invalidEntry, entry.subject, reason) }
    let components = entry.path.split(separator: slash, omittingEmptySubsequences: false)
    let unsafe = components.contains { $0.isEmpty || $0.elementsEqual("..".utf8) || $0 == [0x2E] }
    if !entry.path.isEmpty && unsafe {
      throw refuse("a layer's path must be relative, without \".\", \"..\" or empty parts")
    }
    if entry.path.isEmpty && entry.kind != .directory {
      throw refuse("the root of a layer must be a directory")
    }
    if components.contains(where: { $0.starts(with: ".wh.".utf8) }) {
      throw refuse("in a layer, a name that begins with \".wh.\" deletes a file below; rename it")
    }
    if entry.path.contains(0) || entry.linkTarget?.contains(0) == true {
      throw refuse("a NUL byte stands in the path or the link target")
    }
    if entry.linkTarget?.isEmpty == true { throw refuse("the link has no target") }
    if entry.mode > 0o7777 {
      throw refuse("mode 0o\(String(entry.mode, radix: 8)) is over 0o7777")
    }
    if entry.size < 0 { throw refuse("size \(entry.size) is negative") }
    switch entry.kind {
    case .characterDevice(let major, let minor), .blockDevice(let major, let minor):
      if max(major, minor) > UstarBlock.maximumDeviceNumber {
        throw refuse("device number \(major):\(minor) is too large for tar")
      }
    default: break
    }
    if entry.xattrs.keys.contains(where: {
      $0.isEmpty || $0.utf8.contains { $0 == 0x3D || $0 == 0 }
    }) {
      throw refuse("the name of an extended attribute is empty or has \"=\" or NUL in it")
    }
  }
}

extension TarEntry {
  fileprivate var linkTarget: [UInt8]? {
    switch kind {
    case .symlink(let target), .hardlink(let target): target
    default: nil
    }
  }

  /// POSIX.1-2017, pax, "ustar Interchange Format", `typeflag`.
  fileprivate var typeFlag: Character {
    switch kind {
    case .regular: "0"
    case .hardlink: "1"
    case .symlink: "2"
    case .characterDevice: "3"
    case .blockDevice: "4"
    case .directory: "5"
    case .fifo: "6"
    }
  }
}
