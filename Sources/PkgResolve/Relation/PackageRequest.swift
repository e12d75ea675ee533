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

  /// Throws ``ResolveError`` with code `invalidRequest` for any other form.
  public init(parsing text: String) throws(ResolveError) {
    func fault(_ message: String) -> ResolveError {
      ResolveError(
        .invalidRequest, text.isEmpty ? "\"\"" : text,
        message + "; expected name, name=version, name:arch, name/suite or !name")
    }
    guard text.utf8.count <= 1024 else { throw fault("is over 1024 bytes") }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw fault("holds white space or a character outside ASCII")
    }
    var rest = text[...]
    isExclusion = rest.first == "!"
    if isExclusion { rest.removeFirst() }

    var version: Substring?
    if let sign = rest.firstIndex(of: "=") {
      version = rest[rest.index(after: sign)...]
      rest = rest[..<sign]
    }
    var suite: Substring?
    if let slash = rest.firstIndex(of: "/") {
      suite = rest[rest.index(after: slash)...]
      rest = rest[..<slash]
    }
    var architecture: Substring?
    if let colon = rest.firstIndex(of: ":") {
      architecture = rest[rest.index(after: colon)...]
      rest = rest[..<colon]
    }
    guard let first = rest.utf8.first, isLetter(first) || isDigit(first),
      rest.utf8.allSatisfy(isNameByte)
    else {
      throw fault("\"\(rest)\" is no package name")
    }
    if let version {
      guard suite == nil else { throw fault("names both a version and a suite") }
      guard !version.isEmpty else { throw fault("no version follows \"=\"") }
      do throws(ResolveError) {
        _ = try DebianVersion(parsing: String(version))
      } catch {
        throw ResolveError(.invalidRequest, text, error.description, underlying: error)
      }
    }
    if let suite, suite.isEmpty || suite.contains("/") { throw fault("\"\(suite)\" is no suite") }
    if let architecture,
      architecture.isEmpty
        || !architecture.utf8.allSatisfy({
          isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-")
        })
    {
      throw fault("\"\(architecture)\" is no architecture")
    }
    if isExclusion && (version != nil || suite != nil || architecture != nil) {
      throw fault("an exclusion takes a name only")
    }
    self.name = String(rest)
    self.version = version.map(String.init)
    self.suite = suite.map(String.init)
    self.architecture = architecture.map(String.init)
    description = text
  }
}
