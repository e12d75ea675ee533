/// Decides `test` and `[ … ]` where its operands are known.
///
/// Source: POSIX.1-2017, test, with `-a`, `-o` and parentheses as dash reads them.
struct ShellTest {
  private var words: ArraySlice<ShellWalk.Word>
  private let environment: ShellEnvironment
  private let changes: ShellChanges
  private let directory: String?

  init(
    words: [ShellWalk.Word], environment: ShellEnvironment, changes: ShellChanges,
    directory: String? = nil
  ) {
    self.changes = changes
    self.directory = directory
    var words = words.dropFirst()
    if words.last?.text == "]" { words = words.dropLast() }
    self.words = words
    self.environment = environment
  }

  var status: ShellWalk.Status {
    var test = self
    guard !words.isEmpty, words.count <= 256 else { return words.isEmpty ? .failure : .unknown }
    let result = test.either(0)
    return test.words.isEmpty ? result : .unknown
  }

  private mutating func either(_ depth: Int) -> ShellWalk.Status {
    var result = both(depth)
    while words.first?.text == "-o" {
      words = words.dropFirst()
      let next = both(depth)
      if result == .success || next == .success {
        result = .success
      } else if result == .unknown || next == .unknown {
        result = .unknown
      }
    }
    return result
  }

  private mutating func both(_ depth: Int) -> ShellWalk.Status {
    var result = primary(depth)
    while words.first?.text == "-a" {
      words = words.dropFirst()
      let next = primary(depth)
      if result == .failure || next == .failure {
        result = .failure
      } else if result == .unknown || next == .unknown {
        result = .unknown
      }
    }
    return result
  }

  private mutating func primary(_ depth: Int) -> ShellWalk.Status {
    guard depth < 16, let first = words.popFirst() else { return .unknown }
    let binary = ["=", "==", "!=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"]
    if words.count >= 2, let sign = words.first?.text, binary.contains(sign) {
      words = words.dropFirst()
      guard let right = words.popFirst() else { return .unknown }
      return compare(first, sign, right)
    }
    if first.text == "!", !words.isEmpty { return primary(depth + 1).negated }
    if first.text == "(" {
      let inner = either(depth + 1)
      guard words.popFirst()?.text == ")" else { return .unknown }
      return inner
    }
    if first.text.count == 2, first.text.hasPrefix("-"), let operand = words.first,
      operand.text != "-a" && operand.text != "-o"
    {
      words = words.dropFirst()
      return unary(first.text, operand)
    }
    guard first.isKnown else { return .unknown }
    return first.text.isEmpty ? .failure : .success
  }

  private func unary(_ sign: String, _ operand: ShellWalk.Word) -> ShellWalk.Status {
    if sign == "-n" || sign == "-z" {
      guard operand.isKnown else { return .unknown }
      return operand.text.isEmpty == (sign == "-z") ? .success : .failure
    }
    guard operand.isKnown else { return .unknown }
    let path = ShellEnvironment.absolute(operand.text, in: directory)
    if let status = changes.test(sign, path) { return status }
    guard let result = environment.test(sign, path) else { return .unknown }
    return result ? .success : .failure
  }

  private func compare(
    _ left: ShellWalk.Word, _ sign: String, _ right: ShellWalk.Word
  ) -> ShellWalk.Status {
    guard left.isKnown, right.isKnown else { return .unknown }
    let holds: Bool
    switch sign {
    case "=", "==": holds = left.text == right.text
    case "!=": holds = left.text != right.text
    default:
      guard let from = Int(left.text), let to = Int(right.text) else { return .unknown }
      switch sign {
      case "-eq": holds = from == to
      case "-ne": holds = from != to
      case "-lt": holds = from < to
      case "-le": holds = from <= to
      case "-gt": holds = from > to
      case "-ge": holds = from >= to
      default: return .unknown
      }
    }
    return holds ? .success : .failure
  }
}
