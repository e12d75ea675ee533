/// Mirrors that a caller names.
public struct MirrorOptions: Sendable, Hashable {
  /// Base URL or path of a mirror of the distribution (holds `dists/`).
  public var mirror: String?
  /// Base URL or path of a mirror of the distribution's security archive.
  public var securityMirror: String?
  /// The moment to resolve against, `20250906T101112Z`, in the place of the recipe's and of all mirrors.
  public var snapshot: String?
  /// Base URL or path of a snapshot service (holds `debian/20250906T101112Z/dists/`), or `none`; Debian's own where
  /// neither this nor `DHI_DEBIAN_SNAPSHOT` names one.
  public var snapshotMirror: String?

  public init(
    mirror: String? = nil, securityMirror: String? = nil, snapshot: String? = nil,
    snapshotMirror: String? = nil
  ) {
    self.mirror = mirror
    self.securityMirror = securityMirror
    self.snapshot = snapshot
    self.snapshotMirror = snapshotMirror
  }
}

/// Chooses the archives that packages come from.
///
/// The distribution's own suites (main, updates, security) come from the first of: the option, which is a mirror or a
/// moment of the snapshot service, `DHI_DEBIAN_MIRROR`, the recipe (a line of `contents.repositories` that names one of them, else `compose.mirror`, else the snapshot
/// service where `compose.snapshot` gives a timestamp), the host's own apt sources. Lines of third parties are kept
/// in every case. A recipe that names one of the distribution's own suites implies no others; where an option or the
/// environment names a mirror, those lines give way to the three suites on that mirror. Where the recipe gives a
/// timestamp too, its lines for `debian` and `debian-security` archives are read as those were then.
///
/// A base that ends with a timestamp is a snapshot, whoever names it: `Valid-Until` is judged at that moment.
///
/// The security archive is, where it is not named: beside a base whose last component called `debian` becomes
/// `debian-security`, else in the same base. On a mirror that a person named, a missing updates or security suite is
/// a warning, and so is a missing security suite whose place had to be guessed; on the host's own and on the snapshot
/// service it is an error otherwise.
public struct MirrorSelection: Sendable {
  public var distribution: Distribution
  public var options: MirrorOptions
  public var environment: [String: String]
  public var host: AptSources
  /// What relative paths are relative to. Absolute.
  public var workingDirectory: String

  public init(
    distribution: Distribution, options: MirrorOptions, environment: [String: String],
    host: AptSources, workingDirectory: String = "/"
  ) {
    self.distribution = distribution
    self.options = options
    self.environment = environment
    self.host = host
    self.workingDirectory = workingDirectory
  }

  /// The sources in the order of their rank: the recipe's lines, or the implied suites and then third parties' lines.
  ///
  /// Throws ``ComposeError`` with the code `invalidRecipe` for a line or URL that cannot be read, and for no mirror.
  public func sources(
    repositories: [Located<String>], compose: ComposeOptions
  ) throws(ComposeError) -> [DebianSource] {
    var own = [DebianSource]()
    var foreign = [DebianSource]()
    for repository in repositories {
      var source = try DebianSource(
        line: repository.value, subject: repository.location.description,
        workingDirectory: workingDirectory)
      if distribution.owns(suite: source.suite, components: source.components) {
        source.trustsArchiveKeys = true
        own.append(source)
      } else {
        foreign.append(source)
      }
    }
    if let snapshot = options.snapshot {
      return try implied(snapshot: Located(snapshot, at: Self.option)) + foreign
    }
    let security = named(options.securityMirror, "DHI_DEBIAN_SECURITY_MIRROR")
    if let mirror = named(options.mirror, "DHI_DEBIAN_MIRROR") {
      return try implied(mirror, security: security ?? recipe(compose.securityMirror)) + foreign
    }
    if !own.isEmpty {
      if let snapshot = compose.snapshot { try move(&own, to: snapshot) }
      guard let security else { return own + foreign }
      let base = try ResourceURL.base(security.text, workingDirectory: workingDirectory)
      for index in own.indices where own[index].suite == distribution.securitySuite {
        own[index].base = base.textWithCredentials
        own[index].origin = security.origin
      }
      return own + foreign
    }
    if let mirror = recipe(compose.mirror) {
      return try implied(mirror, security: security ?? recipe(compose.securityMirror)) + foreign
    }
    return try impliedBySnapshotOrHost(
      compose, security: security ?? recipe(compose.securityMirror)) + foreign
  }

  /// A mirror and who named it.
  private struct Named {
    var text: String
    var origin: String
    var isPersons = true
    var moment: Int64?
  }

  private func named(_ option: String?, _ variable: String) -> Named? {
    let flag = variable.contains("SECURITY") ? "--security-mirror" : "--mirror"
    if let option, !option.isEmpty { return Named(text: option, origin: flag) }
    if let value = environment[variable], !value.isEmpty {
      return Named(text: value, origin: variable)
    }
    return nil
  }

  private func recipe(_ value: Located<String>?) -> Named? {
    value.map { Named(text: $0.value, origin: $0.location.description) }
  }

  private func impliedBySnapshotOrHost(
    _ compose: ComposeOptions, security: Named?
  ) throws(ComposeError) -> [DebianSource] {
    if let snapshot = compose.snapshot {
      return try implied(snapshot: snapshot, security: security)
    }
    guard let archive = host.archive else {
      throw ComposeError(
        .invalidRecipe, distribution.identifier,
        "no mirror is known; name one with --mirror URL, with DHI_DEBIAN_MIRROR in the environment, "
          + "with compose.mirror in the recipe, or give a time of Debian's snapshot service as "
          + "compose.snapshot")
    }
    let origin = "the host's apt sources"
    return try implied(
      Named(text: archive, origin: origin, isPersons: false),
      security: security
        ?? host.security.map { Named(text: $0, origin: origin, isPersons: false) })
  }

  /// Where `--snapshot` stands.
  private static let option = SourceLocation(file: "--snapshot", line: 0, column: 0)

  private func implied(
    snapshot: Located<String>, security: Named? = nil
  ) throws(ComposeError) -> [DebianSource] {
    let main = try archive("debian", at: snapshot)
    if let security { return try implied(main, security: security) }
    return try implied(main, security: archive("debian-security", at: snapshot))
  }

  /// An archive as the snapshot service has it.
  private func archive(
    _ name: String, at snapshot: Located<String>
  ) throws(ComposeError) -> Named {
    let origin =
      snapshot.location == Self.option ? "--snapshot" : snapshot.location.description
    guard let date = ArchiveDate(snapshot: snapshot.value) else {
      throw ComposeError(
        .invalidRecipe, origin,
        "snapshot \"\(snapshot.value)\": expected a time such as 20250906T101112Z")
    }
    guard
      let service = SnapshotService.named(options.snapshotMirror, environment: environment)
    else {
      throw ComposeError(
        .invalidRecipe, origin,
        "\(SnapshotService.option) or \(SnapshotService.variable) is \"none\", and a snapshot comes "
          + "from such a service; name one there, or leave it out for Debian's own")
    }
    return Named(
      text: service.archive(name, at: snapshot.value), origin: service.origin ?? origin,
      isPersons: false, moment: date.seconds)
  }

  /// Has the recipe's lines for Debian's archives read those as they were at a moment.
  private func move(
    _ sources: inout [DebianSource], to snapshot: Located<String>
  ) throws(ComposeError) {
    for index in sources.indices where sources[index].moment == nil {
      let name = sources[index].publicBase.split(separator: "/").last ?? ""
      guard ["debian", "debian-security"].contains(name) else { continue }
      let place = try archive(String(name), at: snapshot)
      sources[index].base = try base(place)
      sources[index].moment = place.moment
    }
  }

  private func implied(_ main: Named, security: Named?) throws(ComposeError) -> [DebianSource] {
    let bases = try securityBases(main, security)
    return try distribution.suites.map { suite throws(ComposeError) in
      let isSecurity = suite == distribution.securitySuite
      let place = isSecurity ? security ?? main : main
      var source = DebianSource(
        base: try base(place), suite: suite, components: distribution.components)
      if isSecurity, let first = bases.first {
        source.base = first
        source.fallbacks = Array(bases.dropFirst())
      }
      source.origin = place.origin
      source.trustsArchiveKeys = true
      source.isOptional =
        suite != distribution.codename
        && (place.isPersons || (isSecurity && security == nil))
      source.moment = place.moment ?? SnapshotService.moment(of: source.base)
      return source
    }
  }

  private func base(_ place: Named) throws(ComposeError) -> String {
    do throws(ComposeError) {
      return try ResourceURL.base(place.text, workingDirectory: workingDirectory)
        .textWithCredentials
    } catch {
      throw ComposeError(error.code, place.origin, error.description, underlying: error)
    }
  }

  private func securityBases(_ main: Named, _ security: Named?) throws(ComposeError) -> [String] {
    if let security { return [try base(security)] }
    let base = try base(main)
    var components = base.split(separator: "/", omittingEmptySubsequences: false)
    guard let last = components.lastIndex(of: "debian") else { return [base] }
    components[last] = "debian-security"
    return [components.joined(separator: "/"), base]
  }
}
