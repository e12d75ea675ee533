/// A path inside an image: bytes, relative to the root, normalised.
///
/// Holds no empty, `.` or `..` component, no NUL and no leading or trailing slash, so that no value of this type
/// can leave the tree. Names need not be UTF-8. The root itself is the empty path.
public struct TreePath: Hashable, Sendable {
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
    guard raw.count <= Self.maximumLength, !raw.contains(0) else { return nil }
    var result = [UInt8]()
    result.reserveCapacity(raw.count)
    for component in raw.split(separator: UInt8(ascii: "/")) {
      if component.elementsEqual(".".utf8) { continue }
      if component.elementsEqual("..".utf8) || component.count > 255 { return nil }
      if !result.isEmpty { result.append(UInt8(ascii: "/")) }
      result.append(contentsOf: component)
    }
    bytes = result
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
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return .root }
    return TreePath(unchecked: Array(bytes[..<slash]))
  }

  /// The last component; empty for the root.
  public var name: ArraySlice<UInt8> {
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return bytes[...] }
    return bytes[(slash + 1)...]
  }

  /// The last component as text (invalid UTF-8 replaced).
  public var nameText: String { String(decoding: name, as: UTF8.self) }

  public var components: [ArraySlice<UInt8>] { bytes.split(separator: UInt8(ascii: "/")) }

  /// Whether this path is `ancestor` or lies below it.
  public func isWithin(_ ancestor: TreePath) -> Bool {
    if ancestor.isRoot { return true }
    guard bytes.starts(with: ancestor.bytes) else { return false }
    return bytes.count == ancestor.bytes.count || bytes[ancestor.bytes.count] == UInt8(ascii: "/")
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
    var stack = target.first == UInt8(ascii: "/") ? [] : parent.components
    for component in target.split(separator: UInt8(ascii: "/")) {
      if component.elementsEqual(".".utf8) { continue }
      if component.elementsEqual("..".utf8) {
        if stack.isEmpty { return nil }
        stack.removeLast()
      } else {
        stack.append(component)
      }
    }
    return TreePath(Array(stack.joined(separator: [UInt8(ascii: "/")])))
  }
}

extension TreePath: Comparable {
  /// Byte order, so a directory stands before what it holds.
  public static func < (left: TreePath, right: TreePath) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
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
