import OCIImage
import PkgResolve

extension CompositionSession {
  /// A platform's packages, unpacked in parallel, in lock order.
  ///
  /// Biggest first, so that the last to finish is a small one; each is decoded as soon as it is in the store.
  func unpackedPackages(
    for platform: Platform
  ) async throws -> [UnpackedPackage] {
    let packages = lock.platforms[platform.description]?.packages ?? []
    let fetcher = PackageFetcher(
      packages: packages, downloader: downloader,
      mirrors: try PackageMirrors(composer: composer, recipe: recipe), observe: observe)
    let keys = try alpineKeys()
    let progress = Counter()
    let unpacked = try await withThrowingTaskGroup(of: (Int, UnpackedPackage).self) { group in
      for (index, package) in packages.enumerated().sorted(by: { $0.element.size > $1.element.size }
      ) {
        group.addTask {
          let form = try form(of: package, keys: keys)
          let result = try await unpack(package, form: form, fetcher: fetcher)
          try PackageIdentity(package.name, package.version, package.architecture).check(
            PackageIdentity(result.name, result.version, result.architecture),
            of: distribution.family, subject: package.url, promisedBy: .lock(recipe: recipe.path))
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

  /// From the store's decoded form, where it has one.
  private func unpack(
    _ package: Lockfile.Package, form: PackageForm, fetcher: PackageFetcher
  ) async throws -> UnpackedPackage {
    let expander = PackageExpander(store: downloader.store, threads: composer.limits.decoders)
    if let digest = Digest(package.digest) {
      let stored = try await workers.run { _ in expander.stored(digest, form: form) }
      if let stored { return stored }
    }
    let file = try await fetcher.fetch(package)
    return try await workers.run { flag in
      try expander.expand(
        file, subject: package.fileName, form: form, isCancelled: { flag.isCancelled })
    }
  }

  private func form(
    of package: Lockfile.Package, keys: AlpineKeys
  ) throws(ComposeError) -> PackageForm {
    switch distribution.family {
    case .debian: return .debian
    case .alpine:
      guard let checksum = package.checksum else {
        throw ComposeError(
          .lockMismatch, recipe.path,
          "the lock gives \(package.name) no checksum; run `dhi-compose lock \(recipe.path)`")
      }
      return .alpine(checksum: checksum, keys: keys)
    }
  }

  /// The keys at hand, for the signatures that packages themselves may carry.
  private func alpineKeys() throws -> AlpineKeys {
    guard distribution.family == .alpine else { return AlpineKeys() }
    return try composer.alpineKeys(for: recipe).local()
  }
}
