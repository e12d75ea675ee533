import FoundationEssentials
import OCIImage
import PkgResolve

/// One resolution: the road from a recipe to a lock.
struct ResolutionSession: Sendable {
  let composer: Composer
  let recipe: Recipe
  let observe: Composer.Observer
  let downloader: Downloader
  let distribution: Distribution
  private let workers: BlockingPool

  init(composer: Composer, recipe: Recipe, observe: @escaping Composer.Observer) throws {
    self.composer = composer
    self.recipe = recipe
    self.observe = observe
    distribution = try composer.distribution(of: recipe)
    downloader = try composer.downloader()
    workers = BlockingPool(threads: composer.limits.decoders, name: "resolve")
  }

  func run(_ platforms: [Platform]) async throws -> Lockfile {
    let indexes = try await verifiedIndexes(for: platforms)
    var chosen = [Platform: [Lockfile.Package]]()
    var choices = [Platform: [Lockfile.Choice]]()
    var warned = Set<String>()
    for (platform, resolution) in try await resolutions(platforms, indexes) {
      let packages = try resolution.packages.map(lockedPackage)
      chosen[platform] = packages
      choices[platform] = resolution.choices.map(Lockfile.Choice.init)
      for warning in resolution.warnings where warned.insert(warning).inserted {
        observe(.warning(warning))
      }
      observe(
        .resolved(
          platform: platform, packages: packages.count, bytes: packages.packedBytes))
    }
    let files = try await RecipeDownloads(recipe: recipe, downloader: downloader).lock(platforms)
    let dates = try await buildDates(of: chosen.values.flatMap { $0 })
    var locked = [String: Lockfile.PlatformLock]()
    for (platform, packages) in chosen {
      locked[platform.description] = Lockfile.PlatformLock(
        packages: packages, epoch: try epoch(of: packages, dates), choices: choices[platform])
    }
    return Lockfile(
      tool: ToolVersion.tool, recipe: recipe.recipeDigest.description,
      request: recipe.requestDigest.description, distribution: distribution.identifier,
      epoch: locked.values.map(\.epoch).max() ?? 0, indexes: lockedIndexes(indexes),
      files: files, platforms: locked)
  }

  /// Without solving; in the order of `platforms`.
  func problems(_ platforms: [Platform]) async throws -> [ResolutionProblem] {
    let indexes = try await verifiedIndexes(for: platforms)
    return try await withThrowingTaskGroup(of: (Int, ResolutionProblem).self) { group in
      for (position, platform) in platforms.enumerated() {
        group.addTask {
          (position, try await workers.run { _ in try problem(for: platform, indexes) })
        }
      }
      var problems = [ResolutionProblem?](repeating: nil, count: platforms.count)
      for try await (position, problem) in group { problems[position] = problem }
      return problems.compactMap { $0 }
    }
  }

  private func verifiedIndexes(for platforms: [Platform]) async throws -> [VerifiedIndex] {
    let keyrings = KeyringSearch(
      recipe: recipe.definition.contents.keyring, recipeFolder: recipe.folder)
    var fetcher = IndexFetcher(
      downloader: downloader, distribution: distribution, keyrings: keyrings)
    if let path = composer.options.environment["PATH"] { fetcher.searchPath = path }
    fetcher.allowExpired = composer.options.allowExpired
    let sources = try composer.sources(for: recipe, distribution)
    if let snapshot = recipe.definition.compose.snapshot,
      !sources.contains(where: { $0.moment != nil })
    {
      observe(
        .warning(
          "\(snapshot.location): the snapshot is not used, because the packages come from \(sources.first?.origin ?? "another mirror")"
        ))
    }
    let fetched = try await fetcher.fetch(
      sources, architectures: platforms.map(\.architecture))
    for warning in fetched.warnings { observe(.warning(warning)) }
    var shown = Set<String>()
    for index in fetched.indexes where shown.insert(index.inReleaseURL).inserted {
      observe(
        .indexVerified(
          suite: index.suite, url: index.inReleaseURL, date: index.date, signedBy: index.signedBy))
      if index.expiredAccepted {
        observe(.warning("\(index.inReleaseURL): expired on \(index.validUntil ?? "")"))
      }
    }
    let suites = fetched.indexes.map(\.suite)
    for pin in recipe.definition.compose.pins where !suites.contains(pin.suite) {
      observe(
        .warning(
          "\(pin.location): the pin changes nothing, for no archive has the suite \"\(pin.suite)\"")
      )
    }
    return fetched.indexes
  }

  /// Each platform on a thread of its own: the solver's recursion wants a thread's whole stack.
  private func resolutions(
    _ platforms: [Platform], _ indexes: [VerifiedIndex]
  ) async throws -> [(Platform, Resolution)] {
    try await withThrowingTaskGroup(of: (Platform, Resolution).self) { group in
      for platform in platforms {
        group.addTask {
          try await workers.run { flag in
            (platform, try problem(for: platform, indexes).cancelled(by: flag).solve())
          }
        }
      }
      // In a fixed order, so that what is said of them comes in one.
      return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }
    }
  }

  private func problem(
    for platform: Platform, _ indexes: [VerifiedIndex]
  ) throws(ResolveError) -> ResolutionProblem {
    let architecture = platform.architecture
    let tables = indexes.filter { $0.architecture == architecture || $0.architecture == "all" }
      .map(\.table)
    var items = [ResolutionRequest.Item]()
    let definition = recipe.definition.substituted(for: platform)
    for package in definition.contents.packages {
      items.append(
        .init(
          try PackageRequest(parsing: package.value), location: package.location.description))
    }
    let pins = definition.compose.pins.map { pin in
      PackagePins.Pin(suite: pin.suite, packages: pin.packages, priority: pin.priority)
    }
    let pool = try PackagePool(
      architecture: architecture, indexes: tables, pins: PackagePins(pins))
    return ResolutionProblem(platform: platform, request: ResolutionRequest(items), pool: pool)
  }

  private func lockedPackage(_ choice: Resolution.Package) throws -> Lockfile.Package {
    let package = choice.record
    let base = DebianSource(
      base: package.origin.url, suite: package.origin.suite, components: [package.origin.component])
    let source =
      package.sourceVersion == package.version
      ? package.sourceName : "\(package.sourceName) (\(package.sourceVersion))"
    guard let digest = package.digest else {
      throw ResolveError(
        .invalidIndex, "\(package.origin.name):\(package.line)", "\(package) has no digest")
    }
    return Lockfile.Package(
      name: package.name, version: package.version,
      architecture: package.architecture, source: source,
      url: try base.url(of: package.filename), size: package.size,
      digest: digest, suite: package.origin.suite, reason: choice.reason)
  }

  private func lockedIndexes(_ indexes: [VerifiedIndex]) -> [Lockfile.Index] {
    var locked = [Lockfile.Index]()
    for index in indexes {
      let position = locked.firstIndex { $0.url == index.inReleaseURL }
      if let position {
        locked[position].packages[index.name] = index.packagesDigest.description
      } else {
        locked.append(
          Lockfile.Index(
            url: index.inReleaseURL, suite: index.suite, digest: index.inReleaseDigest.description,
            date: index.date, validUntil: index.validUntil,
            expiredAccepted: index.expiredAccepted ? true : nil, signedBy: index.signedBy,
            packages: [index.name: index.packagesDigest.description]))
      }
    }
    return locked
  }

  /// The end of the year 9999: RFC 3339 writes no later time.
  private static let latestEpoch: Int64 = 253_402_300_799

  /// When each package was built, by digest, in seconds since 1970. Brings all packages into the store.
  private func buildDates(of packages: [Lockfile.Package]) async throws -> [String: Int64] {
    let files = try await packageFetcher(packages).fetchAll()
    let labels = Dictionary(packages.map { ($0.digest, $0.label) }) { first, _ in first }
    return try await workers.run { _ in
      var dates = [String: Int64]()
      for file in files {
        let digest = file.digest.description
        let subject = (labels[digest] ?? digest) + ".deb"
        dates[digest] = try DebArchive.timestamp(path: file.path, subject: subject)
      }
      return dates
    }
  }

  /// SOURCE_DATE_EPOCH of the environment, else the newest package's build date.
  ///
  /// Source: reproducible-builds.org, "SOURCE_DATE_EPOCH specification".
  private func epoch(
    of packages: [Lockfile.Package], _ dates: [String: Int64]
  ) throws(ComposeError) -> Int64 {
    if let text = composer.options.environment["SOURCE_DATE_EPOCH"], !text.isEmpty {
      guard let epoch = Int64(text), (0...Self.latestEpoch).contains(epoch) else {
        throw ComposeError(
          .invalidRecipe, "SOURCE_DATE_EPOCH",
          "is \"\(text.prefix(40))\"; expected seconds since 1970, or unset it")
      }
      return epoch
    }
    return min(packages.compactMap { dates[$0.digest] }.max() ?? 0, Self.latestEpoch)
  }

  private func packageFetcher(_ packages: [Lockfile.Package]) throws -> PackageFetcher {
    PackageFetcher(
      packages: packages, downloader: downloader,
      mirrors: try PackageMirrors(composer: composer, recipe: recipe), observe: observe)
  }
}
