import OCIImage
import PkgResolve

/// Brings Alpine packages that an index names into the store, biggest first, each once, and pins their digests.
struct ApkFetcher: Sendable {
  struct File: Sendable {
    let digest: Digest
    /// When the package was built, in seconds since 1970.
    let built: Int64
  }

  /// In the order they are fetched.
  private let packages: [PackageRecord]
  private let downloader: Downloader
  private let workers: BlockingPool
  private let observe: Composer.Observer
  private let progress: DownloadProgress

  init(
    packages: [PackageRecord], downloader: Downloader, workers: BlockingPool,
    observe: @escaping Composer.Observer
  ) throws {
    var seen = Set<String>()
    self.packages = try packages.filter { seen.insert(try Self.url(of: $0).text).inserted }
      .sorted { ($1.size, $0.filename) < ($0.size, $1.filename) }
    self.downloader = downloader
    self.workers = workers
    self.observe = observe
    progress = DownloadProgress(total: self.packages.map(\.size).saturatingSum)
  }

  /// Where an index says a package is: beside the index.
  static func url(of package: PackageRecord) throws(ComposeError) -> ResourceURL {
    try ResourceURL(package.origin.url).appending(path: package.filename)
  }

  /// By URL.
  func fetchAll() async throws -> [String: File] {
    try await withThrowingTaskGroup(of: (String, File).self) { group in
      for package in packages {
        group.addTask { (try Self.url(of: package).text, try await fetch(package)) }
      }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
  }

  private func fetch(_ package: PackageRecord) async throws -> File {
    guard let checksum = package.digest else {
      throw ResolveError(
        .invalidIndex, "\(package.origin.name):\(package.line)", "\(package) has no checksum")
    }
    let url = try Self.url(of: package)
    if let stored = try await stored(checksum: checksum, size: package.size) {
      _ = progress.note(url.text, package.size)
      let file = try await identified(package, checksum, stored)
      observe(
        .fetched(package: Self.label(package), bytes: package.size, fromStore: true))
      return file
    }
    let stored = try await downloader.fetchUnpinned(
      url: url.textWithCredentials, limit: package.size
    ) { report in
      observe(
        .fetching(
          received: progress.note(url.text, report.received), total: progress.total))
    }
    guard stored.size == package.size else {
      throw ComposeError(
        .digestMismatch, url.text,
        "has \(stored.size) bytes; the index says \(package.size): the mirror may be at work, try again later"
      )
    }
    let file = try await identified(package, checksum, stored)
    downloader.store.remember(stored.digest, ofPackage: checksum)
    observe(.fetched(package: Self.label(package), bytes: package.size, fromStore: false))
    return file
  }

  private func stored(checksum: String, size: Int64) async throws -> StoredFile? {
    let store = downloader.store
    return try await workers.run { flag in
      guard let digest = store.rememberedPackage(checksum: checksum) else { return nil }
      return try store.open(digest, size: size, cancellation: flag)
    }
  }

  /// Checks that the file is what the index names.
  private func identified(
    _ package: PackageRecord, _ checksum: String, _ stored: StoredFile
  ) async throws -> File {
    let url = ResourceURL.redacted(try Self.url(of: package).text)
    return try await workers.run { flag in
      let found = try ApkArchive.identify(
        path: stored.path, subject: url, checksum: checksum,
        isCancelled: { flag.isCancelled })
      try PackageIdentity(package.name, package.version, package.architecture)
        .check(PackageIdentity(found.name, found.version, found.architecture), subject: url)
      return File(digest: stored.digest, built: found.buildDate)
    }
  }

  private static func label(_ package: PackageRecord) -> String {
    "\(package.name)-\(package.version)"
  }
}
