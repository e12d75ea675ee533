/// A pattern over the paths of an image, as recipes write them.
///
/// A pattern starts with a slash. `*` and `?` match within a component, `[a-z]` and `[!a-z]` match one byte of a
/// class, `\` takes the next byte literally, and `**` as a whole component matches any number of components (none
/// too, but `/a/**` does not match `/a` itself). A pattern without wildcards matches its path and all below it.
/// Patterns and paths are compared as bytes.
public struct PathPattern: Sendable, Hashable, CustomStringConvertible {
  private enum Component: Sendable, Hashable {
    case anything
    case glob([Token])
  }

  private enum Token: Sendable, Hashable {
    case byte(UInt8)
    case anyByte
    case anyBytes
    case oneOf([ClosedRange<UInt8>], negated: Bool)

    func accepts(_ byte: UInt8) -> Bool {
      switch self {
      case .byte(let expected): byte == expected
      case .anyByte: true
      case .anyBytes: false
      case .oneOf(let ranges, let negated): ranges.contains { $0.contains(byte) } != negated
      }
    }
  }

  /// As the recipe writes it.
  public let description: String
  private var components: [Component]
  /// The path before the first component with a wildcard.
  private var fixed: TreePath
  private let isLiteral: Bool

  /// The longest pattern accepted, in bytes.
  public static let maximumLength = TreePath.maximumLength

  /// Compiles a pattern. `subject` (a place in a recipe) begins the message of the ``ComposeError`` thrown where the
  /// pattern is empty, relative, over ``maximumLength``, climbs with `..`, or has an unclosed class.
  public init(_ text: String, subject: String = "path pattern") throws(ComposeError) {
    func refused(_ why: String) -> ComposeError {
      ComposeError(.invalidRecipe, subject, "the path pattern \"\(text.prefix(200))\" \(why)")
    }
    let bytes = Array(text.utf8)
    guard bytes.first == UInt8(ascii: "/") else {
      throw refused("is not absolute; write it with a leading slash")
    }
    guard bytes.count <= Self.maximumLength, !bytes.contains(0) else {
      throw refused("is over \(Self.maximumLength) bytes or holds a NUL byte")
    }
    var components = [Component]()
    var literal = [[UInt8]]()
    var literalEnded = false
    for part in bytes.split(separator: UInt8(ascii: "/")) where !part.elementsEqual(".".utf8) {
      if part.elementsEqual("..".utf8) {
        throw refused("climbs with \"..\"; write the path it means")
      }
      if part.elementsEqual("**".utf8) {
        literalEnded = true
        if components.last != .anything { components.append(.anything) }
        continue
      }
      let tokens: [Token]
      switch Self.tokens(of: part) {
      case .success(let value): tokens = value
      case .failure(let problem): throw refused(problem.why)
      }
      components.append(.glob(tokens))
      let plain = Self.literalBytes(tokens)
      if let plain, !literalEnded { literal.append(plain) } else { literalEnded = true }
    }
    guard !components.isEmpty else { throw refused("names the root; name what lies below it") }
    guard let fixed = TreePath(Array(literal.joined(separator: [UInt8(ascii: "/")]))) else {
      throw refused("holds a component that no path can have")
    }
    self.description = text
    self.components = components
    self.fixed = fixed
    self.isLiteral = !literalEnded
  }

  /// Whether the pattern matches the path.
  public func matches(_ path: TreePath) -> Bool {
    guard path.isWithin(fixed) else { return false }
    if isLiteral { return true }
    return matches(path.components[...])
  }

  /// Whether the pattern matches the path or a directory above it.
  public func covers(_ path: TreePath) -> Bool {
    guard path.isWithin(fixed) else { return false }
    if isLiteral { return true }
    let parts = path.components
    return parts.indices.contains { matches(parts[...$0]) }
  }

  /// The pattern with the links on its fixed part followed: on a merged `/usr`, `/bin/sh` means `/usr/bin/sh`.
  public func followingLinks(in tree: FileTree) -> PathPattern {
    guard let landing = tree.resolve(fixed, followLast: !isLiteral), landing != fixed else {
      return self
    }
    var pattern = self
    let rest = components.dropFirst(fixed.components.count)
    pattern.components = landing.components.map { .glob($0.map { .byte($0) }) } + rest
    pattern.fixed = landing
    return pattern
  }

  /// Wildcard matching that goes back to the last `**` only, so that the time is bounded by the product of lengths.
  private func matches(_ parts: ArraySlice<ArraySlice<UInt8>>) -> Bool {
    var part = parts.startIndex
    var index = 0
    var retry: (index: Int, part: Int)?
    while part < parts.endIndex {
      if index < components.count, case .anything = components[index] {
        // `/a/**` needs something below `/a`.
        let isLast = index == components.count - 1
        if isLast { return true }
        retry = (index, part)
        index += 1
        continue
      }
      if index < components.count, case .glob(let tokens) = components[index],
        Self.matches(tokens, parts[part])
      {
        index += 1
        part += 1
        continue
      }
      guard let last = retry else { return false }
      retry = (last.index, last.part + 1)
      index = last.index + 1
      part = last.part + 1
    }
    return index == components.count
  }

  private static func matches(_ tokens: [Token], _ text: ArraySlice<UInt8>) -> Bool {
    var position = text.startIndex
    var index = 0
    var retry: (index: Int, position: Int)?
    while position < text.endIndex {
      if index < tokens.count {
        if case .anyBytes = tokens[index] {
          retry = (index, position)
          index += 1
          continue
        }
        if tokens[index].accepts(text[position]) {
          index += 1
          position += 1
          continue
        }
      }
      guard let last = retry else { return false }
      retry = (last.index, last.position + 1)
      index = last.index + 1
      position = last.position + 1
    }
    return tokens[index...].allSatisfy { $0 == .anyBytes }
  }
}

extension PathPattern {
  private struct Problem: Error { let why: String }

  private static func tokens(of part: ArraySlice<UInt8>) -> Result<[Token], Problem> {
    var tokens = [Token]()
    var rest = part
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "*"):
        if rest.first == UInt8(ascii: "*") {
          return .failure(
            Problem(why: "has \"**\" inside a component; let it stand alone between slashes"))
        }
        tokens.append(.anyBytes)
      case UInt8(ascii: "?"): tokens.append(.anyByte)
      case UInt8(ascii: "["):
        guard let token = byteClass(&rest) else {
          return .failure(
            Problem(why: "has an unclosed or empty class; close it with \"]\" or write \"\\[\""))
        }
        tokens.append(token)
      case UInt8(ascii: "\\"):
        guard let next = rest.popFirst() else {
          return .failure(Problem(why: "has a component that ends with \"\\\"; write \"\\\\\""))
        }
        tokens.append(.byte(next))
      default: tokens.append(.byte(byte))
      }
    }
    return .success(tokens)
  }

  /// Reads a class after its `[`; a `]` in first place is a member. Source: POSIX, glob(7).
  private static func byteClass(_ rest: inout ArraySlice<UInt8>) -> Token? {
    var negated = false
    if rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "^") {
      negated = true
      rest.removeFirst()
    }
    var ranges = [ClosedRange<UInt8>]()
    while let low = rest.popFirst() {
      if low == UInt8(ascii: "]"), !ranges.isEmpty { return .oneOf(ranges, negated: negated) }
      if rest.first == UInt8(ascii: "-"), rest.count > 1,
        rest[rest.startIndex + 1] != UInt8(ascii: "]")
      {
        let high = rest[rest.startIndex + 1]
        guard low <= high else { return nil }
        ranges.append(low...high)
        rest.removeFirst(2)
      } else {
        ranges.append(low...low)
      }
    }
    return nil
  }

  private static func literalBytes(_ tokens: [Token]) -> [UInt8]? {
    var bytes = [UInt8]()
    for token in tokens {
      guard case .byte(let byte) = token else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}

/// Several patterns as one question.
struct PathPatternSet: Sendable {
  let patterns: [PathPattern]

  init(_ patterns: [PathPattern]) { self.patterns = patterns }

  /// Patterns of a recipe, for a tree: see ``PathPattern/followingLinks(in:)``.
  init(_ located: [Located<String>], in tree: FileTree) throws(ComposeError) {
    var patterns = [PathPattern]()
    for each in located {
      let pattern = try PathPattern(each.value, subject: each.location.description)
      patterns.append(pattern.followingLinks(in: tree))
    }
    self.patterns = patterns
  }

  func covers(_ path: TreePath) -> Bool { patterns.contains { $0.covers(path) } }
}
