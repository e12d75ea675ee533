/// The recipe's `vars`, each resolved for every platform.
///
/// A variable may use others. One whose value differs between platforms (`#{ target.arch == … }`, or a use of such
/// a variable) stays in the definition's text as `${NAME}` and is filled in when a platform is composed.
struct RecipeVariables: Sendable {
  /// In bytes: no variable needs more, and doubling ones must end somewhere.
  static let maximumLength = 1 << 16
  /// In bytes, of all variables together.
  static let maximumTotal = 1 << 22

  enum Problem: Error, Equatable {
    case cycle([String])
    case tooLong(String)
    /// All variables together.
    case tooMuch
  }

  /// Names to values that are the same everywhere.
  private(set) var plain: [String: String] = [:]
  /// Names to architectures to values.
  private(set) var perPlatform: [String: [String: String]] = [:]
  /// Names whose value uses an expression or a name that composing does not know.
  private(set) var unknown: Set<String> = []
  let targets: [RecipeTarget]

  /// - Throws: ``Problem``, with the names in the order that closes the circle.
  init(_ raw: [String: String], targets: [RecipeTarget]) throws(Problem) {
    self.targets = targets
    var values = [String: [String: String]]()
    for target in targets {
      var resolution = Resolution(raw: raw, target: target)
      for name in raw.keys.sorted() {
        let value = try resolution.value(of: name)
        values[name, default: [:]][target.architecture] = value
      }
      unknown.formUnion(resolution.unknown)
    }
    for (name, byArchitecture) in values where !unknown.contains(name) {
      let distinct = Set(byArchitecture.values)
      if distinct.count == 1, let value = distinct.first {
        plain[name] = value
      } else {
        perPlatform[name] = byArchitecture
      }
    }
  }

  /// Variables that are known by name only.
  init(unresolved names: some Sequence<String>, targets: [RecipeTarget]) {
    self.targets = targets
    unknown = Set(names)
  }

  var names: [String] { (Array(plain.keys) + perPlatform.keys + unknown).sorted() }

  private struct Resolution {
    let raw: [String: String]
    let target: RecipeTarget
    var done: [String: String] = [:]
    var path: [String] = []
    var unknown: Set<String> = []
    var total = 0

    mutating func value(of name: String) throws(Problem) -> String {
      if let value = done[name] { return value }
      if let start = path.firstIndex(of: name) { throw .cycle(Array(path[start...]) + [name]) }
      // Past this a chain is a mistake or an attack on the stack.
      guard path.count < 256 else { throw .cycle(Array(path.suffix(3)) + [name]) }
      path.append(name)
      defer { path.removeLast() }
      var result = ""
      for part in TextTemplate(raw[name] ?? "").parts {
        result += try text(of: part, in: name)
        guard result.utf8.count <= RecipeVariables.maximumLength else { throw .tooLong(name) }
      }
      total += result.utf8.count
      guard total <= RecipeVariables.maximumTotal else { throw .tooMuch }
      done[name] = result
      return result
    }

    private mutating func text(
      of part: TextTemplate.Part, in name: String
    ) throws(Problem) -> String {
      switch part {
      case .literal(let text): return text
      case .reference(let other):
        if raw[other] != nil {
          let value = try value(of: other)
          if unknown.contains(other) { unknown.insert(name) }
          return value
        }
        if let value = target.value(of: other) { return value.text }
      case .expression(let source):
        if let value = PlatformExpression.value(of: source, for: target) { return value.text }
      }
      unknown.insert(name)
      return TextTemplate.source(of: part)
    }
  }
}

extension RecipeVariables {
  /// How a key's text treats what is no variable.
  enum Policy: Sendable {
    /// An unknown `${NAME}` is an error, `#{ … }` is an expression.
    case strict
    /// Shell and other programs' text: only known `${NAME}` are variables, all else stays.
    case kept
    /// No substitution: `vars` itself.
    case none
  }

  enum Reference: Equatable {
    /// `${NAME}` that nobody knows.
    case undefined(String)
    /// `${…}` that holds no name.
    case malformed(String)
    /// A name or expression that only a build from source has a value for.
    case buildOnly(String)
    /// More text than the budget allows.
    case excess
  }

  /// Fills in what is known now; what differs by platform stays, as does all that `references` tells of.
  ///
  /// - Parameter budget: bytes that may still be filled in.
  func substitute(
    _ text: String, _ policy: Policy, budget: inout Int, references: inout [Reference]
  ) -> String {
    guard policy != .none, text.utf8.contains(UInt8(ascii: "{")) else { return text }
    var result = ""
    for part in TextTemplate(text).parts {
      switch part {
      case .literal(let literal): result += literal
      case .expression(let source):
        let values = Set(targets.compactMap { PlatformExpression.value(of: source, for: $0)?.text })
        if policy == .strict && values.isEmpty { references.append(.buildOnly("#{\(source)}")) }
        if policy == .strict, values.count == 1, let value = values.first {
          result += value
        } else {
          result += TextTemplate.source(of: part)
        }
      case .reference(let name):
        if let value = value(of: name) {
          budget -= value.utf8.count
          guard budget >= 0 else {
            references.append(.excess)
            return text
          }
          result += value
        } else {
          result += TextTemplate.source(of: part)
          if policy == .strict, let reference = unresolved(name) { references.append(reference) }
        }
      }
    }
    return result
  }

  private func value(of name: String) -> String? {
    if let value = plain[name] { return value }
    guard perPlatform[name] == nil, !unknown.contains(name) else { return nil }
    let values = Set(targets.compactMap { $0.value(of: name)?.text })
    return values.count == 1 ? values.first : nil
  }

  private func unresolved(_ name: String) -> Reference? {
    if perPlatform[name] != nil || name == "target.arch" { return nil }
    if unknown.contains(name) || RecipeTarget.isBuildName(name) { return .buildOnly("${\(name)}") }
    let isName = !name.isEmpty && RecipeText.isWord(name, or: "_.-")
    return isName ? .undefined(name) : .malformed(name)
  }

  /// The texts that platforms get, one where all get the same; nil where the budget is used up.
  func expansions(of text: String, budget: inout Int) -> [String]? {
    guard text.utf8.contains(UInt8(ascii: "{")) else { return [text] }
    var seen = [String]()
    for target in targets {
      let fill = PlatformFill(values: perPlatform, target: target)
      let value = fill.fill(text, .strict)
      budget -= value.utf8.count
      guard budget >= 0 else { return nil }
      if !seen.contains(value) { seen.append(value) }
    }
    return seen
  }
}

/// Fills in what differs between platforms.
struct PlatformFill {
  let values: [String: [String: String]]
  let target: RecipeTarget

  func fill(_ text: String, _ policy: RecipeVariables.Policy) -> String {
    guard text.utf8.contains(UInt8(ascii: "{")) else { return text }
    return TextTemplate(text).parts.map { part in
      switch part {
      case .literal: break
      case .reference(let name):
        if let value = values[name]?[target.architecture] { return value }
        if let value = target.value(of: name) { return value.text }
      case .expression(let source):
        if policy == .strict, let value = PlatformExpression.value(of: source, for: target) {
          return value.text
        }
      }
      return TextTemplate.source(of: part)
    }.joined()
  }
}
