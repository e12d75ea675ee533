import OCIImage
import PkgResolve

/// Packages that the images of one run share: each is fetched, verified and decoded once.
final class SharedPackages: Sendable {
  private struct Key: Hashable {
    let digest: String
    let checksum: String?
  }

  private let expander: PackageExpander
  private let workers: BlockingPool
  private let unpacked = SharedResults<Key, UnpackedPackage>()

  init(expander: PackageExpander, workers: BlockingPool) {
    self.expander = expander
    self.workers = workers
  }

  /// A package that a lock names, unpacked. `fetch` brings its file into the store where the store has not decoded it
  /// before.
  ///
  /// It is decoded as soon as it is there; of those that wait, the biggest first.
  func package(
    _ package: Lockfile.Package, keys: AlpineKeys, observe: @escaping Composer.Observer,
    fetch: @Sendable @escaping () async throws -> StoredFile
  ) async throws -> UnpackedPackage {
    let key = Key(digest: package.digest, checksum: package.checksum)
    return try await unpacked.value(for: key) { [expander, workers] in
      let form =
        package.checksum.map { PackageForm.alpine(checksum: $0, keys: keys) } ?? .debian
      if let digest = Digest(package.digest) {
        let stored = try await workers.run(.first) { _ in expander.stored(digest, form: form) }
        if let stored {
          observe(.fetched(package: package.label, bytes: package.size, fromStore: true))
          return stored
        }
      }
      let file = try await fetch()
      return try await workers.run(.bySize(package.size)) { flag in
        try expander.expand(
          file, subject: package.fileName, form: form, isCancelled: { flag.isCancelled })
      }
    }
  }
}
