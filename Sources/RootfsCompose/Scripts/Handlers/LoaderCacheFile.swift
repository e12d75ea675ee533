/// The bytes of `/etc/ld.so.cache`, format `glibc-ld.so.cache1.1`.
///
/// Source: glibc's dl-cache.h: a 48-byte header, 24-byte entries in descending order of names as the loader
/// compares them, a table of strings, and an extension with the generator's name. All numbers are little-endian.
struct LoaderCacheFile {
  /// An ELF library for libc 6, by Debian's architecture.
  static let flags: [String: UInt32] = ["amd64": 0x0303, "arm64": 0x0a03]
  private static let machines: [UInt32: UInt16] = [0x0303: 62, 0x0a03: 183]
  private static let generator = "dhi-compose"

  private struct Entry {
    let name: String
    let path: String
  }

  private let flags: UInt32
  private var entries: [Entry] = []

  init(flags: UInt32) { self.flags = flags }

  /// Adds the libraries of a directory by their own names (`DT_SONAME`); an earlier directory's name stays first.
  mutating func add(directory: TreePath, of tree: FileTree) throws(ComposeError) {
    guard let place = tree.resolve(directory) else { return }
    var names: Set<String> = []
    for path in tree.children(of: place) where LoaderDirectories.isLibrary(path) {
      guard let file = tree.resolve(path), let content = tree[file]?.content,
        content.count <= 1 << 29, try content.prefix(4) == [0x7f, 0x45, 0x4c, 0x46]
      else { continue }
      let library = ELFLibrary(try content.bytes())
      guard let library, library.machine == Self.machines[flags] else { continue }
      let name = library.soname ?? path.nameText
      guard names.insert(name).inserted, !name.contains("/") else { continue }
      entries.append(Entry(name: name, path: directory.description + "/" + name))
    }
  }

  var bytes: [UInt8] {
    let sorted = entries.enumerated().sorted { left, right in
      let order = Self.compare(left.element.name, right.element.name)
      return order == 0 ? left.offset < right.offset : order > 0
    }.map(\.element)
    let stringsStart = 48 + 24 * sorted.count
    var table: [UInt8] = []
    var strings: [UInt8] = []
    for entry in sorted {
      let value = stringsStart + strings.count
      strings += Array(entry.path.utf8) + [0]
      // The name is the tail of the path and shares its bytes.
      let key = value + entry.path.utf8.count - entry.name.utf8.count
      table += Self.little(flags) + Self.little(UInt32(clamping: key))
      table += Self.little(UInt32(clamping: value)) + [UInt8](repeating: 0, count: 12)
    }
    var result = Array("glibc-ld.so.cache1.1".utf8)
    let end = stringsStart + strings.count
    let extensionStart = (end + 3) / 4 * 4
    result += Self.little(UInt32(clamping: sorted.count))
    result += Self.little(UInt32(clamping: strings.count))
    // Little-endian, then padding.
    result += [2, 0, 0, 0] + Self.little(UInt32(clamping: extensionStart))
    result += [UInt8](repeating: 0, count: 12) + table + strings
    result += [UInt8](repeating: 0, count: extensionStart - end)
    let generator = Array(Self.generator.utf8)
    let sections: [UInt32] = [
      0xeaa4_2174, 1, 0, 0, UInt32(clamping: extensionStart + 24),
      UInt32(clamping: generator.count),
    ]
    for number in sections { result += Self.little(number) }
    return result + generator
  }

  private static func little(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  /// The loader's order of names: runs of digits compare as numbers and stand after other characters.
  static func compare(_ left: String, _ right: String) -> Int {
    var left = Array(left.utf8)[...]
    var right = Array(right.utf8)[...]
    func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }
    while let first = left.first {
      if isDigit(first) {
        guard isDigit(right.first) else { return 1 }
        let one = left.prefix { isDigit($0) }
        let two = right.prefix { isDigit($0) }
        left = left.dropFirst(one.count)
        right = right.dropFirst(two.count)
        let (a, b) = (one.drop { $0 == 0x30 }, two.drop { $0 == 0x30 })
        if a.count != b.count { return a.count < b.count ? -1 : 1 }
        if !a.elementsEqual(b) { return a.lexicographicallyPrecedes(b) ? -1 : 1 }
      } else if isDigit(right.first) {
        return -1
      } else if first != right.first {
        return Int(first) - Int(right.first ?? 0)
      } else {
        left = left.dropFirst()
        right = right.dropFirst()
      }
    }
    return right.isEmpty ? 0 : -Int(right.first ?? 0)
  }
}

/// What the loader reads of a 64-bit little-endian shared library.
///
/// Source: the System V gABI, chapters 4 and 5.
struct ELFLibrary {
  let machine: UInt16
  /// `DT_SONAME`; nil where the library has none.
  private(set) var soname: String?

  private let bytes: [UInt8]

  init?(_ bytes: [UInt8]) {
    self.bytes = bytes
    guard bytes.count >= 64, bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]),
      Self.number(bytes, 16, 2) == 3
    else { return nil }
    machine = UInt16(truncatingIfNeeded: Self.number(bytes, 18, 2) ?? 0)
    let start = Self.number(bytes, 32, 8) ?? 0
    let size = Self.number(bytes, 54, 2) ?? 0
    let count = Self.number(bytes, 56, 2) ?? 0
    guard size >= 56, count < 4096, start < UInt64(bytes.count) else { return nil }
    var loads: [(address: UInt64, offset: UInt64, size: UInt64)] = []
    var dynamic: (offset: UInt64, size: UInt64)?
    for index in 0..<count {
      let base = start + index * size
      guard let kind = Self.number(bytes, base, 4), let offset = Self.number(bytes, base + 8, 8),
        let address = Self.number(bytes, base + 16, 8),
        let fileSize = Self.number(bytes, base + 32, 8)
      else { return nil }
      if kind == 1 { loads.append((address, offset, fileSize)) }
      if kind == 2 { dynamic = (offset, fileSize) }
    }
    guard let dynamic else { return nil }
    soname = name(dynamic, loads)
  }

  private func name(
    _ dynamic: (offset: UInt64, size: UInt64),
    _ loads: [(address: UInt64, offset: UInt64, size: UInt64)]
  ) -> String? {
    var table: UInt64?
    var index: UInt64?
    for entry in 0..<min(dynamic.size / 16, 4096) {
      let (base, isOver) = dynamic.offset.addingReportingOverflow(entry * 16)
      guard !isOver, let tag = Self.number(bytes, base, 8),
        let value = Self.number(bytes, base &+ 8, 8), tag != 0
      else { break }
      if tag == 5 { table = value }
      if tag == 14 { index = value }
    }
    guard let table, let index,
      let load = loads.first(where: { table >= $0.address && table - $0.address < $0.size })
    else { return nil }
    let (offset, isOver) = (table - load.address).addingReportingOverflow(load.offset)
    let (place, isFar) = offset.addingReportingOverflow(index)
    guard !isOver, !isFar, let start = Int(exactly: place), start < bytes.count else { return nil }
    let window = bytes[start...].prefix(256)
    let text = window.prefix { $0 != 0 }
    return text.isEmpty || text.count == window.count ? nil : String(decoding: text, as: UTF8.self)
  }

  private static func number(_ bytes: [UInt8], _ offset: UInt64, _ size: Int) -> UInt64? {
    guard let start = Int(exactly: offset), start <= bytes.count - size else { return nil }
    return (0..<size).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64($1 * 8) }
  }
}
