import OCIImage
import PkgResolve

/// Packages that the images of one run share: each is fetched, verified and decoded once.
final class SharedPackages: Sendable {
  private struct Key: Hashable {
    let digest: String
    let checksum: String?
  }

  private let downloader: Downloader
  private let workers: BlockingPool
  private let unpacked = SharedResults<Key, UnpackedPackage>()

  init(downloader: Downloader, workers: BlockingPool) {
    self.downloader = downloader
    self.workers = workers
  }

  /// A package that a lock names, unpacked. `fetch` brings its file into the store where that is needed.
  ///
  /// It is decoded as soon as it is there; of those that wait, the biggest first.
  func package(
    _ package: Lockfile.Package, keys: AlpineKeys,
    fetch: @Sendable @escaping () async throws -> StoredFile
  ) async throws -> UnpackedPackage {
    let key = Key(digest: package.digest, checksum: package.checksum)
    return try await unpacked.value(for: key) { [downloader, workers] in
      let file = try await fetch()
      return try await workers.run(.bySize(package.size)) { flag in
        let spool = try ContentSpool(directory: downloader.store.workDirectory)
        return try file.withOpenPath { path in
          guard let checksum = package.checksum else {
            return try DebArchive.unpack(
              path: path, subject: package.fileName, spool: spool,
              isCancelled: { flag.isCancelled })
          }
          return try ApkArchive.unpack(
            path: path, subject: package.fileName, expecting: checksum, keys: keys,
            spool: spool, isCancelled: { flag.isCancelled })
        }
      }
    }
  }
}
