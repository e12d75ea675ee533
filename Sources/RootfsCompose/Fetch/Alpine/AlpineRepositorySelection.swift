/// Chooses the repositories that Alpine's packages come from.
///
/// In this order: the repositories that the options name, which stand in for all others; a mirror (an option, else
/// `DHI_ALPINE_MIRROR`), which stands in for Alpine's own repositories of the recipe, or for `main` and `community` of
/// the distribution's branch where the recipe names none; the recipe's repositories, and the recipe's `compose.mirror`
/// where none of them is Alpine's own; the mirror of a host that is Alpine itself. Repositories of third parties are
/// kept with a mirror.
///
/// A mirror is a folder that holds `v3.22/main/x86_64/APKINDEX.tar.gz` and so on, or a single repository, which holds
/// `x86_64/APKINDEX.tar.gz`. What a person names may lack an architecture or a repository that another one has: that is
/// a warning. What the recipe names must be there.
public struct AlpineRepositorySelection: Sendable {
  public var distribution: Distribution
  /// What `--repository` gives, in its order.
  public var repositories: [String]
  /// What `--mirror` gives.
  public var mirror: String?
  public var environment: [String: String]
  /// The text of the host's `/etc/apk/repositories`; nil where there is none.
  public var host: String?
  /// What relative paths are relative to. Absolute.
  public var workingDirectory: String

  public init(
    distribution: Distribution, repositories: [String] = [], mirror: String? = nil,
    environment: [String: String], host: String? = nil, workingDirectory: String = "/"
  ) {
    self.distribution = distribution
    self.repositories = repositories
    self.mirror = mirror
    self.environment = environment
    self.host = host
    self.workingDirectory = workingDirectory
  }

  /// The repositories in the order of their rank.
  ///
  /// Throws ``ComposeError`` with the code `invalidRecipe` for an entry that cannot be read, and for none.
  public func sources(
    repositories entries: [Located<String>], compose: ComposeOptions
  ) throws(ComposeError) -> [AlpineSource] {
    if !repositories.isEmpty {
      return try Self.unique(
        repositories.map { text throws(ComposeError) in
          var source = try source(text, "--repository")
          source.isOptional = true
          return source
        })
    }
    let named = try entries.map { entry throws(ComposeError) in
      try source(entry.value, entry.location.description)
    }
    if let mirror = personsMirror { return try Self.unique(onMirror(mirror, instead: named)) }
    if let mirror = compose.mirror, !named.contains(where: Self.isAlpines) {
      let place = Mirror(
        text: mirror.value, origin: mirror.location.description, isPersons: false)
      return try Self.unique(implied(on: place) + named)
    }
    if !named.isEmpty { return Self.unique(named) }
    return try Self.unique(implied(on: hostMirror()))
  }

  private struct Mirror {
    var text: String
    var origin: String
    var isPersons: Bool
  }

  private var personsMirror: Mirror? {
    if let mirror, !mirror.isEmpty {
      return Mirror(text: mirror, origin: "--mirror", isPersons: true)
    }
    if let value = environment["DHI_ALPINE_MIRROR"], !value.isEmpty {
      return Mirror(text: value, origin: "DHI_ALPINE_MIRROR", isPersons: true)
    }
    return nil
  }

  private func source(_ text: String, _ origin: String) throws(ComposeError) -> AlpineSource {
    try AlpineSource(entry: text, subject: origin, workingDirectory: workingDirectory)
  }

  /// Alpine's own repositories on the mirror, third parties' where they are.
  private func onMirror(
    _ mirror: Mirror, instead named: [AlpineSource]
  ) throws(ComposeError) -> [AlpineSource] {
    guard named.contains(where: Self.isAlpines) else { return try implied(on: mirror) + named }
    return try named.map { source throws(ComposeError) in
      guard Self.isAlpines(source), let branch = AlpineBranch(of: source.publicBase) else {
        return source
      }
      var moved = try place(branch, on: mirror)
      moved.tag = source.tag
      return moved
    }
  }

  private func implied(on mirror: Mirror) throws(ComposeError) -> [AlpineSource] {
    try ["main", "community"].map { repository throws(ComposeError) in
      try place(
        AlpineBranch(branch: distribution.codename, repository: repository), on: mirror)
    }
  }

  private func place(
    _ branch: AlpineBranch, on mirror: Mirror
  ) throws(ComposeError) -> AlpineSource {
    let whole = try source(mirror.text, mirror.origin)
    var source = whole
    source.isOnPersonsMirror = mirror.isPersons
    guard AlpineBranch(of: whole.publicBase) == nil else { return source }
    source.base = try ResourceURL(whole.base).appending(path: branch.description)
      .textWithCredentials
    source.fallbacks = [whole.base]
    source.name = branch.description
    source.isOptional = mirror.isPersons || branch.repository != "main"
    return source
  }

  /// Whether a repository is one of Alpine's own, wherever it is served from: on Alpine's hosts, or at the place
  /// where mirrors have them, `/alpine/v3.22/main`.
  private static func isAlpines(_ source: AlpineSource) -> Bool {
    guard AlpineBranch(of: source.publicBase) != nil,
      let scheme = source.publicBase.range(of: "://")
    else { return false }
    let parts = source.publicBase[scheme.upperBound...].split(separator: "/").map(String.init)
    guard let host = parts.first else { return false }
    let folders = parts.dropFirst().dropLast(2)
    return host == "alpinelinux.org" || host.hasSuffix(".alpinelinux.org")
      || [["alpine"], ["apk", "alpine"]].contains(Array(folders))
  }

  /// Only the host's mirror counts, not its branch: the host may run another release than the image.
  private func hostMirror() throws(ComposeError) -> Mirror {
    let origin = "the host's /etc/apk/repositories"
    for line in (host ?? "").split(separator: "\n") {
      let line = line.prefix { $0 != "#" }.trimmingBlanks()
      // What a newer apk may write there, and lines that cannot be read, are apk's to report.
      guard !line.isEmpty, let source = try? source(String(line), origin),
        AlpineBranch(of: source.base) != nil
      else { continue }
      let base = source.base.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
      return Mirror(text: base.joined(separator: "/"), origin: origin, isPersons: false)
    }
    throw ComposeError(
      .invalidRecipe, distribution.identifier,
      "no repository is known; name them in the recipe's contents.repositories, with --repository URL, "
        + "or a mirror with --mirror URL or DHI_ALPINE_MIRROR in the environment")
  }

  private static func unique(_ sources: [AlpineSource]) -> [AlpineSource] {
    var seen = [AlpineSource]()
    for source in sources
    where !seen.contains(where: { $0.bases == source.bases && $0.tag == source.tag }) {
      seen.append(source)
    }
    return seen
  }
}
