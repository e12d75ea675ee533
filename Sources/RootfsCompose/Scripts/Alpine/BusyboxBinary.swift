/// What a busybox or bbsuid binary holds of the links it makes.
struct BusyboxBinary {
  /// The largest binary read, in bytes.
  static let maximumSize = 32 << 20
  static let maximumApplets = 2048

  /// The applets' names in byte order; nil where the binary has no table of them.
  ///
  /// Source: busybox's `applet_names`, one run of names, each ended by a NUL, that begins with `[` and `[[` and ends
  /// where a name would be empty.
  let applets: [String]?

  /// The paths below the folders of programs that the binary names, its own and busybox's left out: what bbsuid links.
  let linkedPaths: [TreePath]

  init(_ bytes: [UInt8]) {
    applets = bytes.withUnsafeBufferPointer(Self.applets(in:))
    linkedPaths = Self.programPaths(in: bytes)
  }

  private static func applets(in bytes: UnsafeBufferPointer<UInt8>) -> [String]? {
    let start: [UInt8] = [0x5b, 0, 0x5b, 0x5b, 0]
    guard bytes.count > start.count else { return nil }
    var found: [String]?
    for index in 0..<(bytes.count - start.count)
    where bytes[index] == start[0] && bytes[index + 1] == 0 {
      guard bytes[index..<(index + start.count)].elementsEqual(start),
        let names = names(from: bytes[index...])
      else { continue }
      // Text of the same beginning elsewhere would be shorter.
      if names.count > found?.count ?? 2 { found = names }
    }
    return found
  }

  private static func names(from bytes: Slice<UnsafeBufferPointer<UInt8>>) -> [String]? {
    var names: [String] = []
    var rest = bytes
    while names.count < maximumApplets {
      guard let end = rest.prefix(65).firstIndex(of: 0) else { return nil }
      let name = rest[..<end]
      if name.isEmpty { return names }
      guard name.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }) else {
        return nil
      }
      names.append(String(decoding: name, as: UTF8.self))
      rest = rest[(end + 1)...]
    }
    return nil
  }

  private static func programPaths(in bytes: [UInt8]) -> [TreePath] {
    guard bytes.count <= 1 << 20 else { return [] }
    let folders = ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/"].map { Array($0.utf8) }
    let own = ["bin/busybox", "bin/bbsuid"]
    var paths: [TreePath] = []
    for text in bytes.split(separator: 0) where text.count <= 64 {
      guard let folder = folders.first(where: { text.starts(with: $0) }),
        text.count > folder.count,
        text.dropFirst(folder.count).allSatisfy({ isNameByte($0) }), let path = TreePath(text),
        !own.contains(String(decoding: path.bytes, as: UTF8.self)), paths.count < maximumApplets
      else { continue }
      paths.append(path)
    }
    return paths
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: "."):
      true
    default: false
    }
  }
}
