import OCIImage
import PkgResolve

/// Alpine's repositories: signed indexes that name packages by the SHA-1 of their control member, which names the
/// SHA-256 of what they ship. The lock records the SHA-256 of the whole file.
extension ResolutionSession {
  func alpineIndexes(for platforms: [Platform]) async throws -> FetchedIndexes {
    let fetcher = AlpineIndexFetcher(
      downloader: downloader, keys: composer.alpineKeys(for: recipe))
    return try await fetcher.fetch(
      try composer.alpineSources(for: recipe, distribution),
      architectures: platforms.map(distribution.architecture))
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
    let fetcher = try ApkFetcher(
      packages: resolutions.flatMap { $0.packages.map(\.record) }, downloader: downloader,
      workers: workers, observe: observe)
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
