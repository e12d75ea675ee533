import OCIImage
import PkgResolve

extension CompositionSession {
  /// A platform's packages, unpacked in parallel, in lock order.
  func unpackedPackages(for platform: Platform) async throws -> [UnpackedPackage] {
    let packages = lock.platforms[platform.description]?.packages ?? []
    let fetcher = PackageFetcher(
      packages: packages, downloader: downloader,
      mirrors: try PackageMirrors(composer: composer, recipe: recipe, indexes: lock.indexes),
      observe: observe)
    let keys = try alpineKeys()
    let progress = Counter()
    let unpacked = try await withThrowingTaskGroup(of: (Int, UnpackedPackage).self) { group in
      for (index, package) in packages.enumerated().sorted(by: { $0.element.size > $1.element.size }
      ) {
        group.addTask {
          let result = try await unpackedPackage(package, fetcher, keys)
          observe(
            .unpacked(
              platform: platform, package: package.label, done: progress.next(),
              total: packages.count))
          return (index, result)
        }
      }
      return try await group.reduce(into: [(Int, UnpackedPackage)]()) { $0.append($1) }
    }
    return unpacked.sorted { $0.0 < $1.0 }.map(\.1)
  }

  private func unpackedPackage(
    _ package: Lockfile.Package, _ fetcher: PackageFetcher, _ keys: AlpineKeys
  ) async throws -> UnpackedPackage {
    if distribution.family == .alpine, package.checksum == nil {
      throw ComposeError(
        .lockMismatch, recipe.path,
        "the lock gives \(package.name) no checksum; run `dhi-compose lock \(recipe.path)`")
    }
    let keyrings = recipe.definition.contents.keyring.keyringIdentity(in: recipe.folder)
    let result = try await session.packages.package(
      package, sources: fetcher.sources(of: package, keyrings), keys: keys, observe: observe
    ) {
      try await fetcher.fetch(package)
    }
    try PackageIdentity(package.name, package.version, package.architecture).check(
      PackageIdentity(result.name, result.version, result.architecture),
      of: distribution.family, subject: package.url, promisedBy: .lock(recipe: recipe.path))
    return result
  }

  /// The keys at hand, for the signatures that packages themselves may carry.
  private func alpineKeys() throws -> AlpineKeys {
    guard distribution.family == .alpine else { return AlpineKeys() }
    return try composer.alpineKeys(for: recipe).local()
  }
}
