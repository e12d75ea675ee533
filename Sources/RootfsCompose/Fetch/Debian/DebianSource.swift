/// One suite of a Debian archive, with the components to read.
public struct DebianSource: Hashable, Sendable {
  /// The base of the archive, which holds `dists/`: a URL without a slash at its end. It may hold credentials;
  /// ``publicBase`` is for locks and messages.
  public var base: String
  /// Bases that are tried in turn where the one before does not have the suite.
  public var fallbacks: [String] = []
  public var suite: String
  public var components: [String]
  /// `amd64`, …; nil for all.
  public var architectures: [String]?
  /// Paths from `signed-by`.
  public var signedBy: [String] = []
  /// Whether a suite that the archive does not have is worth a warning only.
  public var isOptional = false
  /// Whether the distribution's archive keys may sign it.
  public var trustsArchiveKeys = false
  /// The moment that `Valid-Until` is held against, in seconds since 1970; nil for now.
  public var moment: Int64?
  /// Where the source was named, for messages: a recipe's line, an option.
  public var origin: String = ""

  public init(base: String, suite: String, components: [String]) {
    self.base = base
    self.suite = suite
    self.components = components
  }

  /// The base without user name and password.
  public var publicBase: String { ResourceURL.redacted(base) }

  /// The URL of a file of the archive, such as a `Filename` of a Packages index, with the base's credentials taken
  /// out: a ``Downloader`` made with the base among its mirrors adds them.
  ///
  /// Throws ``ComposeError`` with the code `unsafePath` where the path leaves the archive.
  public func url(of path: String) throws(ComposeError) -> String {
    try ResourceURL(base).appending(path: path).text
  }

  /// Reads `deb [options] URL suite component…`. Source: sources.list(5), "One-line-style format".
  ///
  /// `subject` is where the line stands. Throws ``ComposeError`` with the code `invalidRecipe`, and
  /// `unsupportedRecipe` for `trusted=yes`, source packages and archives without suites.
  public init(
    line: String, subject: String, workingDirectory: String = "/"
  ) throws(ComposeError) {
    let shown = ResourceURL.redacted(line)
    func invalid(_ expected: String) -> ComposeError {
      ComposeError(.invalidRecipe, subject, "\"\(shown)\": expected \(expected)")
    }
    let form = "\"deb [signed-by=KEYRING] URL suite component…\""
    var rest = line[...].trimmingBlanks()
    let type = rest.prefix { $0 != " " && $0 != "\t" && $0 != "[" }
    guard type == "deb" || type == "deb-src" else {
      // Where suite and components follow, only "deb" is missing.
      let words = rest.split(whereSeparator: \.isWhitespace).drop { $0.hasPrefix("@") }
      guard words.count == 1, shown.contains("://") else { throw invalid(form) }
      throw ComposeError(
        .unsupportedRecipe, subject,
        "\"\(shown)\" is a repository of Alpine's, and the image is made of Debian's packages; expected "
          + form)
    }
    guard type == "deb" else {
      throw ComposeError(
        .unsupportedRecipe, subject,
        "\"\(shown)\" names source packages; expected a line that begins with deb")
    }
    rest = rest.dropFirst(type.count).trimmingBlanks()
    var options = [(name: Substring, value: Substring)]()
    if rest.hasPrefix("[") {
      guard let end = rest.firstIndex(of: "]") else { throw invalid("a ] after the options") }
      for word in rest[..<end].dropFirst().split(whereSeparator: \.isWhitespace) {
        guard let equals = word.firstIndex(of: "=") else {
          throw invalid("options of the form name=value")
        }
        options.append((word[..<equals], word[word.index(after: equals)...]))
      }
      rest = rest[rest.index(after: end)...]
    }
    let words = rest.split(whereSeparator: \.isWhitespace).map(String.init)
    guard words.count >= 2 else { throw invalid(form) }
    guard !words[1].hasSuffix("/"), words.count >= 3 else {
      throw ComposeError(
        .unsupportedRecipe, subject,
        "\"\(shown)\" is an archive without suites and components, which cannot be read; expected "
          + form)
    }
    for word in words[1...] where !Self.isPlainPath(word) {
      throw invalid("suites and components without \"..\"")
    }
    let base: ResourceURL
    do throws(ComposeError) {
      base = try ResourceURL.base(words[0], workingDirectory: workingDirectory)
    } catch {
      throw ComposeError(error.code, subject, error.description, underlying: error)
    }
    self.init(base: base.textWithCredentials, suite: words[1], components: Array(words[2...]))
    origin = subject
    moment = SnapshotService.moment(of: publicBase)
    try apply(options, shown: shown, subject: subject)
  }

  private mutating func apply(
    _ options: [(name: Substring, value: Substring)], shown: String, subject: String
  ) throws(ComposeError) {
    for (name, value) in options {
      let values = value.split(separator: ",").map(String.init)
      switch name {
      case "signed-by": signedBy += values
      case "arch": architectures = values
      case "trusted":
        guard value == "no" else {
          throw ComposeError(
            .unsupportedRecipe, subject,
            "\"\(shown)\" asks to trust an archive without a signature, which is never done; "
              + "remove trusted= and name its key with signed-by= or contents.keyring")
        }
      case "by-hash", "lang", "target", "pdiffs": break
      default:
        throw ComposeError(
          .invalidRecipe, subject,
          "\"\(shown)\": unknown option \"\(name)\"; expected signed-by or arch")
      }
    }
  }

  private static func isPlainPath(_ text: String) -> Bool {
    text.split(separator: "/", omittingEmptySubsequences: false)
      .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
  }
}

extension ResourceURL {
  /// The URL as a transfer needs it: never for messages or locks.
  var textWithCredentials: String {
    guard let credentials, let scheme = text.firstIndex(of: ":") else { return text }
    let userinfo =
      Self.encoded(userinfo: credentials.user) + ":"
      + Self.encoded(userinfo: credentials.password) + "@"
    let authority = text.index(scheme, offsetBy: 3)
    return text[..<authority] + userinfo + text[authority...]
  }

  private static func encoded(userinfo: String) -> String {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)
    return userinfo.utf8.map { byte in
      if plain.contains(byte) { return String(UnicodeScalar(byte)) }
      let digits = String(byte, radix: 16, uppercase: true)
      return "%" + (digits.utf8.count == 1 ? "0" : "") + digits
    }.joined()
  }
}
