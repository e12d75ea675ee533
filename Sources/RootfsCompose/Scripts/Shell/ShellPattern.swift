/// The shell's pattern matching: `*`, `?`, `[…]` and quoted characters.
///
/// Source: POSIX.1-2017, Shell Command Language, section 2.13.
enum ShellPattern {
  /// Marks the next character of a pattern as literal.
  static let quote: Character = "\\"

  static func hasWildcards(_ text: String) -> Bool {
    text.utf8.contains {
      $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "[")
    }
  }

  static func matches(_ pattern: String, _ text: String) -> Bool {
    let tokens = tokens(of: pattern)
    let text = Array(text)
    var index = 0
    var position = 0
    // Going back to the last `*` only bounds the time by the product of the lengths.
    var retry: (index: Int, position: Int)?
    while position < text.count {
      if index < tokens.count {
        if case .any = tokens[index] {
          index += 1
          retry = (index, position)
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
      index = last.index
      position = last.position + 1
    }
    return tokens[index...].allSatisfy {
      if case .any = $0 { true } else { false }
    }
  }

  private enum Token {
    case any, one
    case literal(Character)
    case set([Character], isNegated: Bool)

    func accepts(_ character: Character) -> Bool {
      switch self {
      case .any: false
      case .one: true
      case .literal(let expected): character == expected
      case .set(let members, let isNegated): members.contains(character) != isNegated
      }
    }
  }

  private static func tokens(of pattern: String) -> [Token] {
    let characters = Array(pattern)
    var tokens: [Token] = []
    var index = 0
    while index < characters.count {
      let character = characters[index]
      index += 1
      switch character {
      case quote where index < characters.count:
        tokens.append(.literal(characters[index]))
        index += 1
      case "*":
        if case .any = tokens.last { continue }
        tokens.append(.any)
      case "?": tokens.append(.one)
      case "[":
        guard let end = characters[index...].dropFirst().firstIndex(of: "]") else {
          tokens.append(.literal(character))
          continue
        }
        tokens.append(set(characters[index..<end]))
        index = end + 1
      default: tokens.append(.literal(character))
      }
    }
    return tokens
  }

  private static func set(_ inside: ArraySlice<Character>) -> Token {
    var inside = inside
    let isNegated = inside.first == "!" || inside.first == "^"
    if isNegated { inside = inside.dropFirst() }
    var members: [Character] = []
    var rest = Array(inside)[...]
    while let low = rest.popFirst() {
      if rest.first == "-", rest.count >= 2, let from = low.asciiValue,
        let to = rest[rest.startIndex + 1].asciiValue, from <= to
      {
        members += (from...to).map { Character(Unicode.Scalar($0)) }
        rest = rest.dropFirst(2)
      } else {
        members.append(low)
      }
    }
    return .set(members, isNegated: isNegated)
  }
}
