/// What a recipe asks for: `name`, `name=version`, `name:arch`, `name/suite` or `!name`.
public struct PackageRequest: Sendable, Equatable, CustomStringConvertible {
  public enum Kind: Sendable, Equatable {
    case install
    /// Never install it, and take dependencies on it as met.
    case exclude
  }

  public let kind: Kind
  public let name: String
  public let architecture: String?
  public let version: DebianVersion?
  public let suite: String?
  /// As written.
  public let description: String
  /// Where it stands, `file:line:column`; nil where it does not come from a file.
  public var location: String?

  /// Throws ``ResolveError`` (`invalidRequest`).
  public init(parsing text: String, location: String? = nil) throws(ResolveError) {
    self.location = location
    description = text
    let subject = location ?? "package \"\(text.prefix(80))\""
    var rest = text[...]
    if rest.first == "!" {
      kind = .exclude
      rest = rest.dropFirst()
    } else {
      kind = .install
    }
    var parts: [Character: String] = [:]
    for mark in ["=", "/", ":"] as [Character] {
      guard let index = mark == "=" ? rest.firstIndex(of: mark) : rest.lastIndex(of: mark) else {
        continue
      }
      parts[mark] = String(rest[rest.index(after: index)...])
      rest = rest[..<index]
    }
    name = String(rest)
    let isName =
      rest.utf8.count >= 2
      && rest.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || "+-.".utf8.contains(byte)
      } && rest.first.map { $0.isLetter || $0.isNumber } == true
    guard isName else {
      throw ResolveError(
        .invalidRequest, subject,
        "\"\(text.prefix(80))\" does not name a package; expected name, name=version, name:arch, name/suite or !name"
      )
    }
    architecture = parts[":"]
    suite = parts["/"]
    version = try parts["="].map { (text) throws(ResolveError) in try DebianVersion(parsing: text) }
    guard kind == .install || parts.isEmpty else {
      throw ResolveError(
        .invalidRequest, subject,
        "\"\(text.prefix(80))\" excludes a package by name alone; write !\(name)")
    }
    guard !parts.values.contains("") else {
      throw ResolveError(
        .invalidRequest, subject, "\"\(text.prefix(80))\" has nothing after its last mark")
    }
  }
}
