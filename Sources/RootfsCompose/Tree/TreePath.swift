#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A path inside an image: bytes, relative to the root, normalised.
///
/// Holds no empty, `.` or `..` component, no NUL and no leading or trailing slash, so that no value of this type
/// can leave the tree. Names need not be UTF-8. The root itself is the empty path.
public struct TreePath: Sendable {
  /// The bytes, components joined by `/`.
  public let bytes: [UInt8]

  /// The longest path accepted, in bytes (Linux's PATH_MAX).
  public static let maximumLength = 4096

  /// The root of the tree.
  public static let root = TreePath(unchecked: [])

  init(unchecked bytes: [UInt8]) { self.bytes = bytes }

  /// Normalises `./usr//bin/`, `/usr/bin` and `usr/bin` to one value.
  ///
  /// Returns nil where a component is `..`, a byte is NUL, a component is over 255 bytes, or the whole is over
  /// ``maximumLength``.
  public init?(_ raw: some Collection<UInt8>) {
    let result =
      raw.withContiguousStorageIfAvailable(Self.normalized)
      ?? Array(raw).withUnsafeBufferPointer(Self.normalized)
    guard let result else { return nil }
    bytes = result
  }

  private static let slash = UInt8(ascii: "/")

  private static func normalized(_ raw: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard raw.count <= maximumLength else { return nil }
    var result = [UInt8]()
    result.reserveCapacity(raw.count)
    var start = 0
    while start < raw.count {
      var end = start
      while end < raw.count, raw[end] != slash {
        if raw[end] == 0 { return nil }
        end += 1
      }
      let component = raw[start..<end]
      start = end + 1
      let isDots = component.count <= 2 && component.allSatisfy { $0 == UInt8(ascii: ".") }
      if component.count > 255 || (isDots && component.count == 2) { return nil }
      // Nothing between two slashes, or a single dot.
      if isDots { continue }
      if !result.isEmpty { result.append(slash) }
      result.append(contentsOf: component)
    }
    return result
  }

  /// A path that is normalised already; nil where it is not.
  init?(normalised raw: UnsafeRawBufferPointer) {
    guard raw.count <= Self.maximumLength else { return nil }
    var start = 0
    for index in 0...raw.count where index == raw.count || raw[index] == UInt8(ascii: "/") {
      let length = index - start
      let isDots =
        length <= 2 && raw[start..<index].allSatisfy { $0 == UInt8(ascii: ".") }
      // Without a name, all bytes of it are dots.
      if isDots && !raw.isEmpty || length > 255 { return nil }
      start = index + 1
    }
    guard !raw.contains(0) else { return nil }
    bytes = Array(raw)
  }

  /// As ``init(_:)-(Collection<UInt8>)``, from text.
  public init?(_ text: String) { self.init(Array(text.utf8)) }

  public var isRoot: Bool { bytes.isEmpty }

  /// The path one level up; the root's parent is the root.
  public var parent: TreePath {
    guard let end = lastSlash else { return .root }
    return TreePath(unchecked: Array(bytes[..<end]))
  }

  /// The last component; empty for the root.
  public var name: ArraySlice<UInt8> {
    guard let end = lastSlash else { return bytes[...] }
    return bytes[(end + 1)...]
  }

  /// The last component as text (invalid UTF-8 replaced).
  public var nameText: String { String(decoding: name, as: UTF8.self) }

  /// The last component of the path one level up; empty where that is the root.
  var parentName: ArraySlice<UInt8> {
    guard let end = lastSlash else { return [] }
    let above = bytes[..<end]
    return above.lastIndex(of: Self.slash).map { above[($0 + 1)...] } ?? above
  }

  public var components: [ArraySlice<UInt8>] { bytes.split(separator: Self.slash) }

  /// The number of components.
  var depth: Int {
    isRoot ? 0 : bytes.reduce(1) { $0 + ($1 == Self.slash ? 1 : 0) }
  }

  private var lastSlash: Int? { bytes.lastIndex(of: Self.slash) }

  /// Whether this path is `ancestor` or lies below it.
  public func isWithin(_ ancestor: TreePath) -> Bool {
    let count = ancestor.bytes.count
    guard count > 0, bytes.count > count else { return count == 0 || bytes == ancestor.bytes }
    return bytes[count] == Self.slash && compare(ancestor, upTo: count) == 0
  }

  /// Whether this path is the other with one component more.
  func isChild(of directory: TreePath) -> Bool {
    isWithin(directory) && lastSlash ?? 0 == directory.bytes.count && !isRoot
  }

  /// This path with `other`'s components below it.
  public func appending(_ other: TreePath) -> TreePath {
    if isRoot { return other }
    if other.isRoot { return self }
    return TreePath(unchecked: bytes + [UInt8(ascii: "/")] + other.bytes)
  }

  /// The path without `ancestor`'s components; nil if it does not lie within it.
  public func relative(to ancestor: TreePath) -> TreePath? {
    guard isWithin(ancestor) else { return nil }
    if ancestor.isRoot { return self }
    return TreePath(unchecked: Array(bytes.dropFirst(ancestor.bytes.count + 1)))
  }

  /// Where a symlink at this path points inside the tree, `..` resolved lexically; nil if it climbs above the root.
  public func resolvingLink(_ target: [UInt8]) -> TreePath? {
    var landing = target.first == Self.slash ? [] : parent.bytes
    var start = 0
    while start < target.count {
      let end = target[start...].firstIndex(of: Self.slash) ?? target.count
      let component = target[start..<end]
      start = end + 1
      if component.isEmpty || component.elementsEqual(".".utf8) { continue }
      if component.elementsEqual("..".utf8) {
        if landing.isEmpty { return nil }
        landing.removeSubrange((landing.lastIndex(of: Self.slash) ?? 0)...)
      } else {
        if !landing.isEmpty { landing.append(Self.slash) }
        landing += component
      }
    }
    return TreePath(landing)
  }
}

// Bytes are compared and hashed in one piece: to go over them one by one is most of what a tree's work would cost.

extension TreePath: Comparable {
  /// Byte order, so a directory stands before what it holds.
  public static func < (left: TreePath, right: TreePath) -> Bool {
    let order = left.compare(right, upTo: min(left.bytes.count, right.bytes.count))
    return order == 0 ? left.bytes.count < right.bytes.count : order < 0
  }

  public static func == (left: TreePath, right: TreePath) -> Bool {
    left.bytes.count == right.bytes.count && left.compare(right, upTo: left.bytes.count) == 0
  }

  /// Whether this path comes first in an order in which right after a directory comes all it holds: byte order, as if
  /// each path ended with a slash.
  func precedesDepthFirst(_ other: TreePath) -> Bool {
    if isRoot || other.isRoot { return isRoot && !other.isRoot }
    let count = min(bytes.count, other.bytes.count)
    let order = compare(other, upTo: count)
    if order != 0 || bytes.count == other.bytes.count { return order < 0 }
    return bytes.count < other.bytes.count
      ? Self.slash <= other.bytes[count] : bytes[count] < Self.slash
  }

  /// Below zero where the first `count` bytes, which both have, stand before the other's.
  private func compare(_ other: TreePath, upTo count: Int) -> Int32 {
    bytes.withUnsafeBytes { own in
      other.bytes.withUnsafeBytes { its in
        guard let own = own.baseAddress, let its = its.baseAddress else { return 0 }
        return memcmp(own, its, count)
      }
    }
  }
}

extension TreePath: Hashable {
  public func hash(into hasher: inout Hasher) {
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
  }
}

extension TreePath: CustomStringConvertible {
  /// The path with a leading slash, as a person reads it (invalid UTF-8 replaced).
  public var description: String { "/" + String(decoding: bytes, as: UTF8.self) }
}

extension TreePath: ExpressibleByStringLiteral {
  public init(stringLiteral value: StaticString) {
    let text = value.withUTF8Buffer { Array($0) }
    guard let path = TreePath(text) else { preconditionFailure("\(value) is not a tree path") }
    self = path
  }
}
