/// One package that would meet a dependency, or that a conflict excludes: `libc6:any (>= 2.38)`.
public struct Alternative: Sendable, Equatable, CustomStringConvertible {
  public let name: String
  /// What stands after the colon: `any`, or an architecture; nil for the depender's own.
  public let architecture: String?
  public let constraint: VersionConstraint?

  public var description: String {
    name + (architecture.map { ":" + $0 } ?? "") + (constraint.map { " \($0)" } ?? "")
  }
}

/// A dependency: alternatives, any of which meets it, the preferred one first.
///
/// Source: Debian Policy §7.1, deb-control(5).
public struct Dependency: Sendable, Equatable, CustomStringConvertible {
  public let alternatives: [Alternative]

  public var description: String {
    alternatives.map(\.description).joined(separator: " | ")
  }

  /// Reads a relation field: dependencies joined by commas, alternatives by bars.
  ///
  /// `architecture` decides about restrictions in brackets. Throws ``ResolveError`` (`invalidRelation`) with `subject`.
  public static func parse(
    _ field: String, architecture: String, subject: String
  ) throws(ResolveError) -> [Dependency] {
    var dependencies = [Dependency]()
    for part in field.split(separator: ",", omittingEmptySubsequences: true) {
      var alternatives = [Alternative]()
      let texts = part.split(separator: "|", omittingEmptySubsequences: false)
      if texts.allSatisfy({ $0.allSatisfy(\.isWhitespace) }), texts.count == 1 { continue }
      for text in texts {
        if let one = try alternative(text, architecture: architecture, subject: subject) {
          alternatives.append(one)
        }
      }
      if !alternatives.isEmpty { dependencies.append(Dependency(alternatives: alternatives)) }
    }
    return dependencies
  }

  private static func alternative(
    _ text: Substring, architecture: String, subject: String
  ) throws(ResolveError) -> Alternative? {
    func refuse(_ message: String) -> ResolveError {
      let shown = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      return ResolveError(
        .invalidRelation, subject,
        "the relation \"\(shown.prefix(100))\" \(message); expected \"name (operator version)\"")
    }
    var rest = text.drop(while: \.isWhitespace)
    var word = rest.prefix { !$0.isWhitespace && $0 != "(" && $0 != "[" && $0 != "<" }
    rest = rest.dropFirst(word.count).drop(while: \.isWhitespace)
    var qualifier: String?
    if let colon = word.firstIndex(of: ":") {
      qualifier = String(word[word.index(after: colon)...])
      word = word[..<colon]
    }
    guard !word.isEmpty, qualifier != "" else { throw refuse("names no package") }
    guard word.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw refuse("has a character that no package name holds")
    }
    var constraint: VersionConstraint?
    if rest.first == "(" {
      guard let close = rest.firstIndex(of: ")") else { throw refuse("has no closing bracket") }
      let inner = rest[rest.index(after: rest.startIndex)..<close].drop(while: \.isWhitespace)
      let symbol = inner.prefix { "<>=".contains($0) }
      guard let relation = operators[symbol] else { throw refuse("has no known operator") }
      let version = inner.dropFirst(symbol.count)
      constraint = VersionConstraint(relation, try DebianVersion(parsing: String(version)))
      rest = rest[rest.index(after: close)...].drop(while: \.isWhitespace)
    }
    if rest.first == "[" {
      guard let close = rest.firstIndex(of: "]") else { throw refuse("has no closing bracket") }
      let list = rest.dropFirst().prefix(upTo: close).split(whereSeparator: \.isWhitespace)
      rest = rest[rest.index(after: close)...].drop(while: \.isWhitespace)
      let negated = list.first?.hasPrefix("!") == true
      let named = list.contains { ($0.hasPrefix("!") ? $0.dropFirst() : $0) == architecture }
      if named == negated { return nil }
    }
    guard rest.isEmpty else { throw refuse("has something after it") }
    return Alternative(name: String(word), architecture: qualifier, constraint: constraint)
  }

  /// `<` and `>` are the old spelling of `<=` and `>=`.
  private static let operators: [Substring: VersionConstraint.Operator] = [
    "<<": .earlier, "<=": .earlierOrEqual, "<": .earlierOrEqual, "=": .equal,
    ">=": .laterOrEqual, ">": .laterOrEqual, ">>": .later,
  ]
}

/// A name that a package provides besides its own, with a version or without.
public struct ProvidedName: Sendable, Equatable {
  public let name: String
  public let version: DebianVersion?
}
