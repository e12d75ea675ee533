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
  /// Those at hand, for the signatures that packages themselves carry.
  private let keys: AlpineKeys
  private let downloader: Downloader
  private let workers: BlockingPool
  private let observe: Composer.Observer
  private let progress: DownloadProgress

  init(
    packages: [PackageRecord], keys: AlpineKeys, downloader: Downloader, workers: BlockingPool,
    observe: @escaping Composer.Observer
  ) throws {
    var seen = Set<String>()
    self.packages = try packages.filter { seen.insert(try Self.url(of: $0).text).inserted }
      .sorted { ($1.size, $0.filename) < ($0.size, $1.filename) }
    self.keys = keys
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
    if let file = try await stored(package, checksum, url) {
      _ = progress.note(url.text, package.size)
      observe(
        .fetched(package: Self.label(package), bytes: package.size, fromStore: true))
      return file
    }
    let (stored, file) = try await fetchFile(package, checksum, url)
    let store = downloader.store
    try await workers.run { _ in
      store.remember(stored.digest, ofPackage: checksum, from: url)
    }
    observe(.fetched(package: Self.label(package), bytes: package.size, fromStore: false))
    return file
  }

  private func fetchFile(
    _ package: PackageRecord, _ checksum: String, _ url: ResourceURL
  ) async throws -> (StoredFile, File) {
    do {
      return try await downloader.fetchUnpinned(
        url: url.textWithCredentials, size: package.size, limit: Downloader.largestFile,
        progress: { report in
          observe(
            .fetching(
              received: progress.note(url.text, report.received), total: progress.total))
        },
        examine: { try identified(package, checksum, $0, $1) })
    } catch let error as ComposeError where error.code == .notFound {
      throw ComposeError(
        .notFound, url.text,
        "\(error.message); the index names it: the mirror may be changing, try again, or use another mirror",
        underlying: error)
    }
  }

  /// The package as the store has it; nil where it has none, or one that is not what the index names any more.
  private func stored(
    _ package: PackageRecord, _ checksum: String, _ url: ResourceURL
  ) async throws -> File? {
    let store = downloader.store
    return try await workers.run { flag in
      guard let digest = store.rememberedPackage(from: url, checksum: checksum),
        let file = try store.open(digest, size: package.size, cancellation: flag)
      else { return nil }
      do throws(ComposeError) {
        return try identified(package, checksum, file, flag)
      } catch {
        if error.code == .cancelled { throw error }
        return nil
      }
    }
  }

  /// Checks that the file is what the index names.
  private func identified(
    _ package: PackageRecord, _ checksum: String, _ file: StoredFile, _ flag: CancellationFlag
  ) throws(ComposeError) -> File {
    let subject = try Self.url(of: package).text
    guard file.size == package.size else {
      throw ComposeError(
        .digestMismatch, subject,
        "expected \(package.size) bytes, found \(file.size); the mirror may be changing, "
          + "or the file is not the one that was promised: try again, or use another mirror"
      )
    }
    let found = try file.withOpenPath { path throws(ComposeError) in
      try ApkArchive.identify(
        path: path, subject: subject, checksum: checksum, keys: keys,
        isCancelled: { flag.isCancelled })
    }
    try PackageIdentity(package.name, package.version, package.architecture)
      .check(
        PackageIdentity(found.name, found.version, found.architecture), of: .alpine,
        subject: subject, promisedBy: .index)
    return File(digest: file.digest, built: found.buildDate)
  }

  private static func label(_ package: PackageRecord) -> String {
    "\(package.name)-\(package.version)"
  }
}
