/// One entry of a recipe's list of packages.
///
/// `name`, `name=version`, `name:arch`, `name:arch=version`, `name/suite` (only from that suite), or `!name` (never
/// install it, and count a dependency on it as met).
public struct PackageRequest: Sendable, Hashable, CustomStringConvertible {
  public let name: String
  public let architecture: String?
  /// As written; the epoch and the Debian revision may be missing.
  public let version: String?
  public let suite: String?
  /// True for `!name`.
  public let isExclusion: Bool
  /// As written.
  public let description: String

  /// Throws ``ResolveError`` with code `invalidRequest` for any other form; its subject begins with `location`, the
  /// entry's place in a recipe (`nginx.yaml:14:7`).
  public init(parsing text: String, location: String?) throws(ResolveError) {
    do throws(ResolveError) {
      self = try PackageRequest(parsing: text)
    } catch {
      throw error.at(location)
    }
  }

  /// Throws ``ResolveError`` with code `invalidRequest` for any other form.
  public init(parsing text: String) throws(ResolveError) {
    guard text.utf8.count <= 1024 else { throw Self.fault(text, "is over 1024 bytes") }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw Self.fault(text, "holds white space or a character outside ASCII")
    }
    var rest = text[...]
    isExclusion = rest.first == "!"
    if isExclusion { rest.removeFirst() }
    version = Self.cut(&rest, at: "=")
    suite = Self.cut(&rest, at: "/")
    architecture = Self.cut(&rest, at: ":")
    name = String(rest)
    description = text
    try checkParts()
  }

  /// Takes what follows a sign off the end; nil where the sign is missing.
  private static func cut(_ text: inout Substring, at sign: Character) -> String? {
    guard let index = text.firstIndex(of: sign) else { return nil }
    defer { text = text[..<index] }
    return String(text[text.index(after: index)...])
  }

  private func checkParts() throws(ResolveError) {
    try refuseAlpineForm()
    guard let first = name.utf8.first, isLetter(first) || isDigit(first),
      name.utf8.allSatisfy(isNameByte)
    else {
      throw Self.fault(description, "\"\(name)\" is no package name")
    }
    if isExclusion && (version != nil || suite != nil || architecture != nil) {
      throw Self.fault(description, "an exclusion takes a name only")
    }
    if let suite, suite.isEmpty || suite.contains("/") {
      throw Self.fault(description, "\"\(suite)\" is no suite")
    }
    if let architecture, architecture.isEmpty || !architecture.utf8.allSatisfy(isArchitectureByte) {
      throw Self.fault(description, "\"\(architecture)\" is no architecture")
    }
    guard let version else { return }
    guard suite == nil else { throw Self.fault(description, "names both a version and a suite") }
    do throws(ResolveError) {
      _ = try DebianVersion(parsing: version)
    } catch {
      let quoted = version.isEmpty ? "" : "\"\(version)\" "
      throw ResolveError(
        .invalidRequest, description, quoted + error.message, underlying: error)
    }
  }

  /// Throws for `name~1`, `name>=1`, `name@tag`.
  private func refuseAlpineForm() throws(ResolveError) {
    guard let sign = name.first(where: { "<>~@".contains($0) }), sign != name.first else { return }
    throw ResolveError(
      .invalidRequest, description,
      sign == "@"
        ? "\"@\" before a tag is Alpine's form; Debian's is name/suite"
        : "\"\(sign)\" before a version is Alpine's form; Debian's is name=version")
  }

  private static func fault(_ text: String, _ message: String) -> ResolveError {
    ResolveError(
      .invalidRequest, text.isEmpty ? "\"\"" : text,
      message + "; expected name, name=version, name:arch, name/suite or !name")
  }
}

@inline(__always) func isArchitectureByte(_ byte: UInt8) -> Bool {
  isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "-")
}
