/// The header blocks of a tar member: ustar, after pax records where ustar cannot hold a value.
///
/// Sources: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header"; OCI image-spec, layer.md, "File
/// Attributes" (`SCHILY.xattr.`). The same entry always makes the same bytes. User and group names are left empty:
/// the archive is about another system than the one that writes it.
enum TarHeader {
  static let blockSize = 512
  /// Two zero blocks: POSIX.1-2017, pax, "ustar Interchange Format".
  static let end = [UInt8](repeating: 0, count: 2 * blockSize)

  /// Pax records and header block. Throws ``OCIError`` (`invalidEntry`) for an entry that no reader could unpack.
  static func encode(_ entry: TarEntry) throws(OCIError) -> [UInt8] {
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: blockSize, alignment: 16)
    defer { block.deallocate() }
    return try encode(entry, block: block) + block
  }

  /// Puts the header block into `block`, of ``blockSize`` bytes, and returns what must stand before it: pax records, empty
  /// for almost all entries.
  ///
  /// Throws ``OCIError`` (`invalidEntry`) for an entry that no reader could unpack.
  static func encode(
    _ entry: TarEntry, block memory: UnsafeMutableRawBufferPointer
  ) throws(OCIError) -> [UInt8] {
    try validate(entry)
    var pax = PaxRecords()
    let block = UstarBlock(in: memory)
    setName(of: entry, block, &pax)
    if let target = entry.linkTarget {
      if target.count > 100 || needsPax(target) { pax.add("linkpath", target, isText: true) }
      block.set(link: target.prefix(100))
    }
    block.set(typeFlag: entry.typeFlag)
    block.set(mode: entry.mode)
    setNumbers(of: entry, block, &pax)
    if !entry.xattrs.isEmpty {
      // Dictionaries have no order of their own.
      for (name, value) in entry.xattrs.sorted(by: {
        $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
      }) {
        pax.add("SCHILY.xattr." + name, value, isText: false)
      }
    }
    block.seal()
    return try pax.encode(subject: entry.subject)
  }

  /// Zero bytes that follow `size` bytes of content, up to the next block.
  static func padding(_ size: Int64) -> Int {
    let rest = Int(size % Int64(blockSize))
    return rest == 0 ? 0 : blockSize - rest
  }

  private static let slash = UInt8(ascii: "/")

  /// Directories' names end in a slash, and the root's is "./".
  private static func setName(
    of entry: TarEntry, _ block: UstarBlock, _ pax: inout PaxRecords
  ) {
    let isDirectory = if case .directory = entry.kind { true } else { false }
    let path = entry.path.isEmpty ? [UInt8(ascii: ".")] : entry.path
    let isPax = needsPax(path)
    if path.count + (isDirectory ? 1 : 0) <= 100 && !isPax {
      block.set(name: path[...], isDirectory: isDirectory)
      return
    }
    let name = isDirectory ? path + [slash] : path
    if !isPax, let split = splitName(name) {
      block.set(prefix: split.prefix)
      block.set(name: split.name, isDirectory: false)
    } else {
      pax.add("path", name, isText: true)
      block.set(name: name.prefix(100), isDirectory: false)
    }
  }

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
    of entry: TarEntry, _ block: UstarBlock, _ pax: inout PaxRecords
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
    switch PathFault(of: entry.path) {
    case .unsafe:
      throw refuse("a layer's path must be relative, without \".\", \"..\" or empty parts")
    case .whiteout:
      throw refuse("in a layer, a name that begins with \".wh.\" deletes a file below; rename it")
    case nil: break
    }
    if entry.path.isEmpty && entry.kind != .directory {
      throw refuse("the root of a layer must be a directory")
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

/// Why a layer must not hold a path.
private enum PathFault {
  /// Absolute, or a part is empty, `.` or `..`.
  case unsafe
  /// OCI image-spec, layer.md, "Whiteouts".
  case whiteout

  init?(of path: [UInt8]) {
    if path.isEmpty { return nil }
    var isWhiteout = false
    var start = 0
    for index in 0...path.count where index == path.count || path[index] == UInt8(ascii: "/") {
      let part = path[start..<index]
      start = index + 1
      guard let first = part.first else {
        self = .unsafe
        return
      }
      if first != UInt8(ascii: ".") { continue }
      if part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8) {
        self = .unsafe
        return
      }
      if part.starts(with: ".wh.".utf8) { isWhiteout = true }
    }
    guard isWhiteout else { return nil }
    self = .whiteout
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
  fileprivate var typeFlag: UInt8 {
    switch kind {
    case .regular: UInt8(ascii: "0")
    case .hardlink: UInt8(ascii: "1")
    case .symlink: UInt8(ascii: "2")
    case .characterDevice: UInt8(ascii: "3")
    case .blockDevice: UInt8(ascii: "4")
    case .directory: UInt8(ascii: "5")
    case .fifo: UInt8(ascii: "6")
    }
  }
}
