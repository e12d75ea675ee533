import OCIImage
import PkgResolve

extension CompositionSession {
  /// A platform's packages, unpacked in parallel, in lock order.
  ///
  /// Biggest first, so that the last to finish is a small one; each is decoded as soon as it is in the store.
  func unpackedPackages(
    for platform: Platform, spool: ContentSpool
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
          let file = try await fetcher.fetch(package)
          let result = try await workers.run { flag in
            try unpack(
              package, at: file.path, keys: keys, spool: spool,
              isCancelled: { flag.isCancelled })
          }
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

  private func unpack(
    _ package: Lockfile.Package, at path: String, keys: AlpineKeys, spool: ContentSpool,
    isCancelled: @escaping () -> Bool
  ) throws(ComposeError) -> UnpackedPackage {
    switch distribution.family {
    case .debian:
      return try DebArchive.unpack(
        path: path, subject: package.fileName, spool: spool, isCancelled: isCancelled)
    case .alpine:
      guard let checksum = package.checksum else {
        throw ComposeError(
          .lockMismatch, recipe.path,
          "the lock gives \(package.name) no checksum; run `dhi-compose lock \(recipe.path)`")
      }
      return try ApkArchive.unpack(
        path: path, subject: package.fileName, expecting: checksum, keys: keys, spool: spool,
        isCancelled: isCancelled)
    }
  }

  /// The keys at hand, for the signatures that packages themselves may carry.
  private func alpineKeys() throws -> AlpineKeys {
    guard distribution.family == .alpine else { return AlpineKeys() }
    return try composer.alpineKeys(for: recipe).local()
  }
}
