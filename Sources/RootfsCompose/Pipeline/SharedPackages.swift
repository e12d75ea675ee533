import OCIImage
import PkgResolve
import Synchronization

/// Packages that the images of one run share: each is fetched, verified and decoded once.
final class SharedPackages: Sendable {
  private struct Key: Hashable, Sendable {
    let digest: String
    let checksum: String?
  }

  private let expander: PackageExpander
  private let workers: BlockingPool
  private let unpacked = SharedResults<Key, UnpackedPackage>()
  /// Entries of packages that stay in memory for images that come later; what is forgotten is opened from the store.
  private let entryLimit: Int
  private let kept = Mutex(Kept())

  private struct Kept {
    /// The oldest first.
    var packages: [(key: Key, sources: String, entries: Int)] = []
    var entries = 0
  }

  init(expander: PackageExpander, workers: BlockingPool, entryLimit: Int = 500_000) {
    self.expander = expander
    self.workers = workers
    self.entryLimit = entryLimit
  }

  /// A package that a lock names, unpacked. `fetch` brings its file into the store where the store has not decoded it
  /// before.
  ///
  /// It is decoded as soon as it is there; of those that wait, the biggest first. `sources` is all that the recipe brings
  /// to it, its mirrors and keys: where they fail another recipe, this one still tries its own.
  func package(
    _ package: Lockfile.Package, sources: String, keys: AlpineKeys,
    observe: @escaping Composer.Observer,
    fetch: @Sendable @escaping () async throws -> StoredFile
  ) async throws -> UnpackedPackage {
    let key = Key(digest: package.digest, checksum: package.checksum)
    let form = package.checksum.map { PackageForm.alpine(checksum: $0, keys: keys) } ?? .debian
    return try await unpacked.value(for: key, wording: sources) { [self] in
      let result = try await make(package, form, observe: observe, fetch: fetch)
      keep(key, sources, entries: result.entries.count)
      return result
    }
  }

  private func make(
    _ package: Lockfile.Package, _ form: PackageForm, observe: Composer.Observer,
    fetch: () async throws -> StoredFile
  ) async throws -> UnpackedPackage {
    if let digest = Digest(package.digest) {
      let stored = try await workers.run(.first) { [expander] _ in
        expander.stored(digest, form: form)
      }
      if let stored {
        observe(.fetched(package: package.label, bytes: package.size, fromStore: true))
        return stored
      }
    }
    let file = try await fetch()
    return try await workers.run(.bySize(package.size)) { [expander] flag in
      try expander.expand(
        file, subject: package.fileName, form: form, isCancelled: { flag.isCancelled })
    }
  }

  /// Notes a package that is in memory now, and forgets the oldest where those are too many.
  private func keep(_ key: Key, _ sources: String, entries: Int) {
    let forgotten = kept.withLock { kept in
      kept.packages.append((key, sources, entries))
      kept.entries += entries
      var forgotten = [(Key, String)]()
      while kept.entries > entryLimit, kept.packages.count > 1 {
        let oldest = kept.packages.removeFirst()
        kept.entries -= oldest.entries
        forgotten.append((oldest.key, oldest.sources))
      }
      return forgotten
    }
    for (key, sources) in forgotten { unpacked.forget(key, wording: sources) }
  }
}
