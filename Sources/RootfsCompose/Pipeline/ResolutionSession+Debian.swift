import OCIImage
import PkgResolve

/// Debian's archives: signed Release files that name indexes, which name packages by their SHA-256.
extension ResolutionSession {
  func debianIndexes(for platforms: [Platform]) async throws -> FetchedIndexes {
    var keyrings = KeyringSearch(
      recipe: recipe.definition.contents.keyring, recipeFolder: recipe.folder)
    if let bundle = composer.options.bundle { keyrings.hostRoot = bundle.hostRoot }
    var fetcher = DebianIndexFetcher(
      downloader: downloader, distribution: distribution, keyrings: keyrings)
    if let path = composer.options.environment["PATH"] { fetcher.searchPath = path }
    fetcher.shared = session.indexes
    fetcher.allowExpired = composer.options.allowExpired
    let sources = try composer.sources(for: recipe, distribution)
    let options = recipe.definition.compose
    warnOfSourcesOutsideSnapshot(sources)
    let fetched = try await fetcher.fetch(sources, architectures: platforms.map(\.architecture))
    let suites = fetched.indexes.map(\.suite)
    for pin in options.pins where !suites.contains(pin.suite) {
      observe(
        .warning(
          "\(pin.location): the pin changes nothing, for no archive has the suite \"\(pin.suite)\"")
      )
    }
    return fetched
  }

  private func warnOfSourcesOutsideSnapshot(_ sources: [DebianSource]) {
    let place = recipe.definition.compose.snapshot?.location.description
    guard let place = composer.options.snapshot == nil ? place : "--snapshot" else { return }
    guard sources.contains(where: { $0.moment != nil }) else {
      observe(
        .warning(
          "\(place): the snapshot is not used, because the packages come from \(sources.first?.origin ?? "another mirror")"
        ))
      return
    }
    for source in sources where source.moment == nil {
      observe(
        .warning(
          "\(source.origin): \(source.publicBase) is read as it is now, for the snapshot service keeps Debian's own archives"
        ))
    }
  }

  func debianProblem(
    _ platform: Platform, _ entries: [Located<String>], _ indexes: [VerifiedIndex]
  ) throws(ResolveError) -> ResolutionProblem {
    var items = [ResolutionRequest.Item]()
    for entry in entries {
      let place = entry.location.description
      items.append(
        .init(try PackageRequest(parsing: entry.value, location: place), location: place))
    }
    let pins = recipe.definition.compose.pins.map { pin in
      PackagePins.Pin(suite: pin.suite, packages: pin.packages, priority: pin.priority)
    }
    let pool = try PackagePool(
      architecture: platform.architecture, indexes: indexes.map(\.table), pins: PackagePins(pins))
    return ResolutionProblem(platform: platform, request: ResolutionRequest(items), pool: pool)
  }

  func pinnedDebian(_ resolutions: [Resolution]) async throws -> [[PinnedPackage]] {
    let locked = try resolutions.map { try $0.packages.map(lockedDebian) }
    let dates = try await buildDates(of: locked.flatMap { $0 })
    return locked.map { packages in
      packages.map { PinnedPackage(package: $0, built: dates[$0.digest] ?? 0) }
    }
  }

  private func lockedDebian(_ choice: Resolution.Package) throws -> Lockfile.Package {
    let package = choice.record
    let base = DebianSource(
      base: package.origin.url, suite: package.origin.suite, components: [package.origin.component])
    guard let digest = package.digest else {
      throw ResolveError(
        .invalidIndex, "\(package.origin.name):\(package.line)", "\(package) has no digest")
    }
    return Lockfile.Package(
      choice, url: try base.url(of: package.filename), digest: digest, checksum: nil)
  }

  /// When each package was built, by digest, in seconds since 1970. Each is decoded as soon as it has come, for the image
  /// that is composed next.
  private func buildDates(of packages: [Lockfile.Package]) async throws -> [String: Int64] {
    let fetcher = PackageFetcher(
      packages: packages, downloader: downloader,
      mirrors: try PackageMirrors(composer: composer, recipe: recipe), observe: observe)
    return try await withThrowingTaskGroup(of: (String, Int64).self) { group in
      for package in fetcher.packages {
        group.addTask {
          let unpacked = try await session.packages.package(
            package, sources: fetcher.sources(of: package), keys: AlpineKeys(), observe: observe
          ) {
            try await fetcher.fetch(package)
          }
          return (package.digest, unpacked.timestamp)
        }
      }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
  }
}
