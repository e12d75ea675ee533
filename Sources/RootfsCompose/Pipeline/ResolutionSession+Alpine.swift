import OCIImage
import PkgResolve

/// Alpine's repositories: signed indexes that name packages by the SHA-1 of their control member, which names the
/// SHA-256 of what they ship. The lock records the SHA-256 of the whole file.
extension ResolutionSession {
  func alpineIndexes(for platforms: [Platform]) async throws -> FetchedIndexes {
    var fetcher = AlpineIndexFetcher(
      downloader: downloader, keys: composer.alpineKeys(for: recipe))
    fetcher.shared = session.indexes
    let fetched = try await fetcher.fetch(
      try composer.alpineSources(for: recipe, distribution),
      architectures: platforms.map(distribution.architecture))
    for index in fetched.indexes { warnOfOtherRelease(index) }
    return fetched
  }

  /// Scanners look for the vulnerabilities of the release that os-release names.
  private func warnOfOtherRelease(_ index: VerifiedIndex) {
    // `v3.22.1-85-g1a2b3c` on mirrors, `3.19.1` on images of installation media.
    let release = (index.description ?? "").split(separator: "-").first?.drop { $0 == "v" }
    let numbers = (release ?? "").split(separator: ".")
    guard numbers.count >= 2, index.tag == nil,
      numbers.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
    else { return }
    let found = numbers.prefix(2).joined(separator: ".")
    let stated = recipe.definition.osRelease?.versionID ?? distribution.version
    guard found != stated else { return }
    observe(
      .warning(
        "\(index.documentURL): is an index of Alpine \(found); the image is to be Alpine \(stated), and scanners will take it for that"
      ))
  }

  func alpineProblem(
    _ platform: Platform, _ entries: [Located<String>], _ fetched: FetchedIndexes
  ) throws(ResolveError) -> ResolutionProblem {
    var request = AlpineRequest()
    for entry in entries {
      try request.add(entry: entry.value, location: entry.location.description)
    }
    let architecture = distribution.architecture(of: platform)
    for unserved in fetched.unservedTags where unserved.architecture == architecture {
      request.unservedTags[unserved.tag] = unserved.repository
    }
    let indexes = fetched.indexes.filter { $0.architecture == architecture }
    let pool = try AlpinePool(
      architecture: architecture,
      indexes: indexes.map { AlpinePool.Index($0.table, tag: $0.tag) },
      excluding: request.excludedNames)
    return ResolutionProblem(platform: platform, request: request, pool: pool)
  }

  func pinnedAlpine(_ resolutions: [Resolution]) async throws -> [[PinnedPackage]] {
    let search = composer.alpineKeys(for: recipe)
    let keys = try await workers.run(.first) { _ in try search.local() }
    let fetcher = try ApkFetcher(
      packages: resolutions.flatMap { $0.packages.map(\.record) }, keys: keys,
      downloader: downloader, workers: workers, observe: observe)
    let files = try await fetcher.fetchAll()
    return try resolutions.map { resolution in
      try resolution.packages.map { choice in
        let package = choice.record
        let url = try ApkFetcher.url(of: package)
        guard let file = files[url.text] else {
          throw ResolveError(
            .invalidIndex, "\(package.origin.name):\(package.line)", "\(package) has no checksum")
        }
        return PinnedPackage(
          package: Lockfile.Package(
            choice, url: ResourceURL.redacted(url.text), digest: file.digest.description,
            checksum: package.digest),
          built: file.built)
      }
    }
  }
}
