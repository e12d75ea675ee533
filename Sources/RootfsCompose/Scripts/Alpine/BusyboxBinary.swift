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
    var index = 0
    while index < bytes.count - start.count {
      guard bytes[index] == start[0], bytes[index + 1] == 0,
        bytes[index..<(index + start.count)].elementsEqual(start)
      else {
        index += 1
        continue
      }
      // A table that begins within this one ends as it does, and is shorter: each byte is read once only.
      let run = run(from: bytes[index...])
      index = run.end
      // Text of the same beginning elsewhere would be shorter.
      if let names = run.names, names.count > found?.count ?? 2 { found = names }
    }
    return found
  }

  /// The names from one place on, nil where no empty one ends them, and where reading ended.
  private static func run(
    from bytes: Slice<UnsafeBufferPointer<UInt8>>
  ) -> (names: [String]?, end: Int) {
    var names: [String] = []
    var rest = bytes
    while names.count < maximumApplets {
      guard let end = rest.prefix(65).firstIndex(of: 0) else { return (nil, rest.startIndex) }
      let name = rest[..<end]
      if name.isEmpty { return (names, rest.startIndex) }
      guard name.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }) else {
        return (nil, rest.startIndex)
      }
      names.append(String(decoding: name, as: UTF8.self))
      rest = rest[(end + 1)...]
    }
    return (nil, rest.startIndex)
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
