/// One repository of Alpine packages: `ARCH/APKINDEX.tar.gz` and the packages beside it lie below its base.
///
/// Source: apk-repositories(5).
public struct AlpineSource: Hashable, Sendable {
  /// A URL without a slash at its end. It may hold credentials; ``publicBase`` is for locks and messages.
  public var base: String
  /// Bases that are tried in turn where the one before does not have the index.
  public var fallbacks: [String] = []
  /// Without the `@`; nil where the repository has none.
  public var tag: String?
  /// What tables and locks call it: `v3.22/main`, else the base.
  public var name: String
  /// Whether an index that is missing is worth a warning only, where another repository has one for the architecture.
  public var isOptional = false
  /// Whether it is one of several that a mirror given by a person is expected to have.
  public var isOnPersonsMirror = false
  /// Where the repository was named, for messages: a place in a recipe, an option.
  public var origin: String

  /// Reads `URL` or `@tag URL`; a path is one too.
  ///
  /// `subject` is where it stands. Throws ``ComposeError`` with the code `invalidRecipe`, and `unsupportedRecipe` for
  /// a line of Debian's.
  public init(
    entry: String, subject: String, workingDirectory: String = "/"
  ) throws(ComposeError) {
    var rest = entry[...].trimmingBlanks()
    let shown = ResourceURL.redacted(entry)
    if rest.hasPrefix("deb ") || rest.hasPrefix("deb-src ") {
      throw ComposeError(
        .unsupportedRecipe, subject,
        "\"\(shown)\" is an archive of Debian's, and the image is made of Alpine's packages; "
          + "expected the URL of an Alpine repository")
    }
    var tag: String?
    if rest.hasPrefix("@") {
      let word = rest.prefix { $0 != " " && $0 != "\t" }
      tag = String(word.dropFirst())
      rest = rest.dropFirst(word.count).trimmingBlanks()
      guard tag?.isEmpty == false else {
        throw ComposeError(
          .invalidRecipe, subject, "\"\(shown)\": expected a tag after \"@\", as in \"@edge URL\"")
      }
    }
    let words = rest.split(whereSeparator: \.isWhitespace)
    guard words.count == 1, let address = words.first else {
      throw ComposeError(
        .invalidRecipe, subject, "\"\(shown)\": expected \"URL\" or \"@tag URL\"")
    }
    let base: ResourceURL
    do throws(ComposeError) {
      base = try ResourceURL.base(String(address), workingDirectory: workingDirectory)
    } catch {
      throw ComposeError(error.code, subject, error.description, underlying: error)
    }
    self.base = base.textWithCredentials
    self.tag = tag
    name = AlpineBranch(of: base.text)?.description ?? base.text
    origin = subject
  }

  /// The base without user name and password.
  public var publicBase: String { ResourceURL.redacted(base) }

  /// All bases, the preferred one first.
  var bases: [String] { [base] + fallbacks }

  /// As the world writes it: `v3.22/main`, or `@edge edge/testing`.
  var description: String { (tag.map { "@\($0) " } ?? "") + name }
}

/// A branch and repository of Alpine's own, as the end of a repository's URL names them: `v3.22/main`.
struct AlpineBranch: Hashable, CustomStringConvertible {
  /// `v3.22`, `edge`
  let branch: String
  /// `main`, `community`, `testing`
  let repository: String

  static let repositories = ["main", "community", "testing"]

  init(branch: String, repository: String) {
    self.branch = branch
    self.repository = repository
  }

  /// nil where the URL does not end like one of Alpine's own.
  init?(of url: String) {
    let parts = url.split(separator: "/").suffix(2).map(String.init)
    guard parts.count == 2, Self.repositories.contains(parts[1]), Self.isBranch(parts[0]) else {
      return nil
    }
    self.init(branch: parts[0], repository: parts[1])
  }

  private static func isBranch(_ text: String) -> Bool {
    if text == "edge" || text == "latest-stable" { return true }
    let numbers = text.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
    return text.hasPrefix("v") && numbers.count == 2
      && numbers.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
  }

  var description: String { branch + "/" + repository }
}
