import FoundationEssentials
import OCIImage
import PkgResolve

/// One resolution: the road from a recipe to a lock.
struct ResolutionSession: Sendable {
  let session: ComposerSession
  let recipe: Recipe
  let observe: Composer.Observer
  let distribution: Distribution

  var composer: Composer { session.composer }
  var downloader: Downloader { session.downloader }
  var workers: BlockingPool { session.workers }

  init(session: ComposerSession, recipe: Recipe, observe: @escaping Composer.Observer) throws {
    self.session = session
    self.recipe = recipe
    self.observe = observe
    distribution = try session.composer.distribution(of: recipe)
  }

  func run(_ platforms: [Platform]) async throws -> Lockfile {
    let fetched = try await fetchedIndexes(for: platforms)
    let resolutions = try await resolutions(platforms, fetched)
    var warned = Set<String>()
    for (platform, resolution) in resolutions {
      for warning in resolution.warnings where warned.insert(warning).inserted {
        observe(.warning(warning))
      }
      let bytes = resolution.packages.map(\.record.size).saturatingSum
      observe(.resolved(platform: platform, packages: resolution.packages.count, bytes: bytes))
    }
    let files = try await RecipeDownloads(recipe: recipe, downloader: downloader).lock(platforms)
    let pinned = try await pinned(resolutions.map(\.1))
    var locked = [String: Lockfile.PlatformLock]()
    for ((platform, resolution), packages) in zip(resolutions, pinned) {
      locked[platform.description] = Lockfile.PlatformLock(
        packages: packages.map(\.package), epoch: try epoch(of: packages),
        choices: resolution.choices.map(Lockfile.Choice.init))
    }
    return Lockfile(
      tool: ToolVersion.tool, recipe: recipe.recipeDigest.description,
      request: recipe.requestDigest.description, distribution: distribution.identifier,
      epoch: locked.values.map(\.epoch).max() ?? 0, indexes: lockedIndexes(fetched.indexes),
      files: files, platforms: locked)
  }

  /// Without solving; in the order of `platforms`.
  func problems(_ platforms: [Platform]) async throws -> [ResolutionProblem] {
    let fetched = try await fetchedIndexes(for: platforms)
    return try await withThrowingTaskGroup(of: (Int, ResolutionProblem).self) { group in
      for (position, platform) in platforms.enumerated() {
        group.addTask {
          (position, try await workers.run(.first) { _ in try problem(for: platform, fetched) })
        }
      }
      var problems = [ResolutionProblem?](repeating: nil, count: platforms.count)
      for try await (position, problem) in group { problems[position] = problem }
      return problems.compactMap { $0 }
    }
  }

  private func fetchedIndexes(for platforms: [Platform]) async throws -> FetchedIndexes {
    for warning in unusedOptions { observe(.warning(warning)) }
    let fetched =
      switch distribution.family {
      case .debian: try await debianIndexes(for: platforms)
      case .alpine: try await alpineIndexes(for: platforms)
      }
    for warning in fetched.warnings { observe(.warning(warning)) }
    var shown = Set<String>()
    for index in fetched.indexes where shown.insert(index.documentURL).inserted {
      observe(
        .indexVerified(
          suite: index.suite, url: index.documentURL, date: index.date, signedBy: index.signedBy))
      if index.expiredAccepted {
        observe(.warning("\(index.documentURL): expired on \(index.validUntil ?? "")"))
      }
    }
    return fetched
  }

  /// Options that change nothing for the distribution. A recipe for several may need them for another.
  private var unusedOptions: [String] {
    guard recipe.listedDistributions.count < 2 else { return [] }
    let options = composer.options
    switch distribution.family {
    case .debian:
      return options.repositories.isEmpty
        ? []
        : [
          "--repository: is for Alpine's packages and changes nothing for \(distribution); use --mirror"
        ]
    case .alpine:
      let security = options.securityMirror == nil ? [] : ["--security-mirror"]
      let expired = options.allowExpired ? ["--allow-expired"] : []
      return (security + expired).map {
        "\($0): is for Debian's packages and changes nothing for \(distribution)"
      }
    }
  }

  /// Each platform on a thread of its own: the solver's recursion wants a thread's whole stack.
  private func resolutions(
    _ platforms: [Platform], _ fetched: FetchedIndexes
  ) async throws -> [(Platform, Resolution)] {
    // In a fixed order, so that what is said of them comes in one.
    let answers = try await withThrowingTaskGroup(
      of: (Platform, Result<Resolution, ResolveError>).self
    ) { group in
      for platform in platforms {
        group.addTask {
          try await workers.run(.first) { flag in
            (
              platform,
              Result { () throws(ResolveError) in
                try problem(for: platform, fetched).cancelled(by: flag).solve()
              }
            )
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }
    }
    let failures = answers.compactMap { platform, answer -> (Platform, ResolveError)? in
      if case .failure(let error) = answer { (platform, error) } else { nil }
    }
    if let error = ResolveError.joining(failures, of: platforms.count) { throw error }
    return try answers.map { ($0, try $1.get()) }
  }

  private func problem(
    for platform: Platform, _ fetched: FetchedIndexes
  ) throws(ResolveError) -> ResolutionProblem {
    let entries = recipe.definition.substituted(for: platform).contents.packages
    let architecture = distribution.architecture(of: platform)
    switch distribution.family {
    case .debian:
      return try debianProblem(
        platform, entries,
        fetched.indexes.filter { [architecture, "all"].contains($0.architecture) })
    case .alpine:
      return try alpineProblem(platform, entries, fetched)
    }
  }

  /// A package as a lock has it, and when it was built, in seconds since 1970.
  struct PinnedPackage: Sendable {
    let package: Lockfile.Package
    let built: Int64
  }

  /// The packages of each resolution, in its order. Brings all of them into the store, verified.
  private func pinned(_ resolutions: [Resolution]) async throws -> [[PinnedPackage]] {
    switch distribution.family {
    case .debian: try await pinnedDebian(resolutions)
    case .alpine: try await pinnedAlpine(resolutions)
    }
  }

  private func lockedIndexes(_ indexes: [VerifiedIndex]) -> [Lockfile.Index] {
    var locked = [Lockfile.Index]()
    for index in indexes {
      let position = locked.firstIndex { $0.url == index.documentURL }
      if let position {
        locked[position].packages[index.name] = index.indexDigest.description
      } else {
        locked.append(
          Lockfile.Index(
            url: index.documentURL, suite: index.suite, digest: index.documentDigest.description,
            date: index.date, validUntil: index.validUntil,
            expiredAccepted: index.expiredAccepted ? true : nil, signedBy: index.signedBy,
            packages: [index.name: index.indexDigest.description]))
      }
    }
    return locked
  }

  /// The end of the year 9999: RFC 3339 writes no later time.
  private static let latestEpoch: Int64 = 253_402_300_799

  /// SOURCE_DATE_EPOCH of the environment, else the newest package's build date.
  ///
  /// Source: reproducible-builds.org, "SOURCE_DATE_EPOCH specification".
  private func epoch(of packages: [PinnedPackage]) throws(ComposeError) -> Int64 {
    if let text = composer.options.environment["SOURCE_DATE_EPOCH"], !text.isEmpty {
      guard let epoch = Int64(text), (0...Self.latestEpoch).contains(epoch) else {
        throw ComposeError(
          .invalidRecipe, "SOURCE_DATE_EPOCH",
          "is \"\(text.prefix(40))\"; expected seconds since 1970, or unset it")
      }
      return epoch
    }
    return min(packages.map(\.built).max() ?? 0, Self.latestEpoch)
  }
}
