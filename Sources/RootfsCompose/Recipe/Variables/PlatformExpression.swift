/// An expression in `#{ … }`, by which published definitions choose a value per platform:
/// `#{ target.arch == "amd64" ? "x86_64" : "aarch64" }`.
///
/// Its grammar is written nowhere in the schema. Read is what the published definitions use and the operators next
/// to it: `a ? b : c`, `||`, `&&`, `==`, `!=`, `!`, parentheses, quoted text, `true`, `false` and the names in
/// ``RecipeTarget``. Anything else is no error here but nil, and refused when the recipe is built.
struct PlatformExpression {
  enum Value: Equatable {
    case text(String)
    case boolean(Bool)

    var text: String {
      switch self {
      case .text(let text): text
      case .boolean(let boolean): boolean ? "true" : "false"
      }
    }
  }

  private enum Token: Equatable {
    case text(String)
    case name(String)
    case sign(String)
  }

  private let tokens: [Token]
  private let target: RecipeTarget
  private var position = 0
  private var depth = 0

  /// The value of what stands between `#{` and `}`, nil where it is not understood.
  static func value(of source: some StringProtocol, for target: RecipeTarget) -> Value? {
    guard source.utf8.count <= 4096, let tokens = tokens(of: source) else { return nil }
    var expression = PlatformExpression(tokens: tokens, target: target)
    let value = expression.choice()
    return expression.position == tokens.count ? value : nil
  }

  private init(tokens: [Token], target: RecipeTarget) {
    self.tokens = tokens
    self.target = target
  }

  private mutating func take(_ sign: String) -> Bool {
    guard position < tokens.count, tokens[position] == .sign(sign) else { return false }
    position += 1
    return true
  }

  private mutating func choice() -> Value? {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 32, let condition = either() else { return nil }
    guard take("?") else { return condition }
    guard let yes = choice(), take(":"), let no = choice(), case .boolean(let chosen) = condition
    else { return nil }
    return chosen ? yes : no
  }

  private mutating func either() -> Value? {
    guard var value = both() else { return nil }
    while take("||") {
      guard case .boolean(let left) = value, case .boolean(let right)? = both() else { return nil }
      value = .boolean(left || right)
    }
    return value
  }

  private mutating func both() -> Value? {
    guard var value = comparison() else { return nil }
    while take("&&") {
      guard case .boolean(let left) = value, case .boolean(let right)? = comparison() else {
        return nil
      }
      value = .boolean(left && right)
    }
    return value
  }

  private mutating func comparison() -> Value? {
    guard let left = operand() else { return nil }
    if take("==") { return operand().map { .boolean(left == $0) } }
    if take("!=") { return operand().map { .boolean(left != $0) } }
    return left
  }

  private mutating func operand() -> Value? {
    var negated = false
    while take("!") { negated.toggle() }
    guard let value = primary() else { return nil }
    guard negated else { return value }
    guard case .boolean(let boolean) = value else { return nil }
    return .boolean(!boolean)
  }

  private mutating func primary() -> Value? {
    if take("(") {
      let value = choice()
      return take(")") ? value : nil
    }
    guard position < tokens.count else { return nil }
    defer { position += 1 }
    switch tokens[position] {
    case .text(let text): return .text(text)
    case .name("true"): return .boolean(true)
    case .name("false"): return .boolean(false)
    case .name(let name): return target.value(of: name)
    case .sign: return nil
    }
  }

  private static func tokens(of source: some StringProtocol) -> [Token]? {
    var tokens = [Token]()
    var rest = Substring(source)
    while let first = rest.first {
      if first == " " || first == "\t" || first == "\n" {
        rest = rest.dropFirst()
      } else if first == "\"" || first == "'" {
        let body = rest.dropFirst()
        guard let end = body.firstIndex(of: first) else { return nil }
        tokens.append(.text(String(body[..<end])))
        rest = body[body.index(after: end)...]
      } else if let sign = ["==", "!=", "&&", "||", "?", ":", "(", ")", "!"].first(where: {
        rest.hasPrefix($0)
      }) {
        tokens.append(.sign(sign))
        rest = rest.dropFirst(sign.count)
      } else {
        let name = rest.prefix { RecipeText.isWord(String($0), or: "_.") }
        guard !name.isEmpty else { return nil }
        tokens.append(.name(String(name)))
        rest = rest.dropFirst(name.count)
      }
    }
    return tokens
  }
}
