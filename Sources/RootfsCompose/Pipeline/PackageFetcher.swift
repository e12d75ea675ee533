import OCIImage
import PkgResolve
import Synchronization

/// Brings locked packages into the store, biggest first, each once.
struct PackageFetcher: Sendable {
  /// In the order they are fetched.
  let packages: [Lockfile.Package]
  private let downloader: Downloader
  private let mirrors: PackageMirrors
  private let observe: Composer.Observer
  private let progress: DownloadProgress

  init(
    packages: [Lockfile.Package], downloader: Downloader, mirrors: PackageMirrors,
    observe: @escaping Composer.Observer
  ) {
    var seen = Set<String>()
    self.packages = packages.filter { seen.insert($0.digest).inserted }
      .sorted { ($1.size, $0.digest) < ($0.size, $1.digest) }
    self.downloader = downloader
    self.mirrors = mirrors
    self.observe = observe
    progress = DownloadProgress(total: self.packages.packedBytes)
  }

  /// All that a package's coming depends on beside its digest: where it is looked for, and the keys.
  func sources(of package: Lockfile.Package, _ keyrings: [String] = []) -> String {
    (mirrors.urls(of: package) + keyrings).joined(separator: " ")
  }

  func fetch(_ package: Lockfile.Package) async throws -> StoredFile {
    guard let digest = Digest(package.digest) else {
      throw ComposeError(
        .lockMismatch, package.label, "has the digest \"\(package.digest)\"; renew the lock")
    }
    let kept = mirrors.snapshotURLs(of: package)
    let remote = RemoteFile(
      urls: mirrors.urls(of: package) + kept, digest: digest, size: package.size)
    let source = Mutex<String?>(nil)
    let file = try await fetch(remote, package) { report in
      source.withLock { $0 = report.url }
      let received = progress.note(package.digest, report.received)
      observe(.fetching(received: received, total: progress.total))
    }
    _ = progress.note(package.digest, package.size)
    let url = source.withLock { $0 }
    observe(.fetched(package: package.label, bytes: package.size, fromStore: url == nil))
    if let url, try kept.contains(where: { try ResourceURL($0).text == url }) {
      observe(.fellBack(package: package.label, url: url))
    }
    return file
  }

  /// Throws an error that names every place that was tried.
  private func fetch(
    _ file: RemoteFile, _ package: Lockfile.Package, progress: @escaping Downloader.ProgressHandler
  ) async throws -> StoredFile {
    do {
      return try await downloader.fetch(file, progress: progress)
    } catch let error as ComposeError {
      let tried = (error.underlying as? TriedPlaces)?.places ?? []
      // Wrong bytes are told as what they are, whoever else was or was not asked.
      guard [.notFound, .network].contains(error.code) else { throw error }
      if downloader.isOffline, error.isAbsence || tried.contains(where: { $0.isOutOfReach }) {
        throw ComposeError.notInStore(package.fileName)
      }
      guard !tried.isEmpty else { throw error }
      throw ComposeError(
        error.code, package.fileName,
        "none of \(tried.count) places has it: "
          + tried.map(\.description).joined(separator: "; ")
          + "; name a mirror that has it with --mirror, or lock anew",
        underlying: error.underlying)
    }
  }
}

/// Mirrors that may hold a locked package besides the one its lock names.
struct PackageMirrors: Sendable {
  /// Without a final slash, in the order they are tried.
  let bases: [String]
  /// Whether an option or the environment names them: they stand before the lock's own URLs then.
  let standFirst: Bool

  private let distribution: Distribution
  private let indexes: [Lockfile.Index]
  /// Where what has left all mirrors is looked for; nil where it is not.
  private let service: SnapshotService?

  private var family: Distribution.Family { distribution.family }

  /// - Parameter indexes: those of the lock that is followed: their dates say which snapshot has a package. With none, no
  ///   snapshot is asked.
  init(composer: Composer, recipe: Recipe, indexes: [Lockfile.Index] = []) throws {
    distribution = try composer.distribution(of: recipe)
    self.indexes = indexes
    service = try composer.snapshotService()
    let options = composer.options
    var isNamed = options.mirror != nil
    // A lock can be followed where no mirror is known: its own URLs remain.
    switch distribution.family {
    case .debian:
      let sources = (try? composer.sources(for: recipe, distribution)) ?? []
      bases = sources.flatMap { [$0.base] + $0.fallbacks }.map(Self.withoutSlash)
      isNamed = isNamed || options.environment["DHI_DEBIAN_MIRROR"]?.isEmpty == false
    case .alpine:
      let sources = (try? composer.alpineSources(for: recipe, distribution)) ?? []
      bases = sources.flatMap(\.bases).map(Self.withoutSlash)
      isNamed =
        isNamed || !options.repositories.isEmpty
        || options.environment["DHI_ALPINE_MIRROR"]?.isEmpty == false
    }
    standFirst = isNamed
  }

  private static func withoutSlash(_ base: String) -> String {
    base.hasSuffix("/") ? String(base.dropLast()) : base
  }

  /// Where in an archive or repository a package lies: what follows the base.
  private func path(of package: Lockfile.Package) -> Substring? {
    switch family {
    case .debian:
      return package.url.range(of: "/pool/").map { package.url[$0.lowerBound...] }
    case .alpine:
      guard let name = package.url.lastIndex(of: "/"),
        let folder = package.url[..<name].lastIndex(of: "/")
      else { return nil }
      return package.url[folder...]
    }
  }

  /// Where the snapshot service may have a package that has left all mirrors.
  func snapshotURLs(of package: Lockfile.Package) -> [String] {
    guard family == .debian, let service else { return [] }
    let known = urls(of: package)
    return service.urls(of: package, indexes: indexes, distribution: distribution)
      .filter { !known.contains($0) }
  }

  /// Where a package may be. Mirrors whose last component is that of the lock's URL (`debian`, `debian-security`,
  /// `main`) stand before the others.
  func urls(of package: Lockfile.Package) -> [String] {
    guard let path = path(of: package) else { return [package.url] }
    let archive = package.url[..<path.startIndex].split(separator: "/").last
    let kin = bases.filter { $0.split(separator: "/").last == archive }
    let elsewhere = (kin + bases.filter { !kin.contains($0) }).map { $0 + path }
    var urls = [String]()
    for url in standFirst ? elsewhere + [package.url] : [package.url] + elsewhere
    where !urls.contains(url) {
      urls.append(url)
    }
    return urls
  }
}

extension Sequence<Lockfile.Package> {
  /// The sizes together, `Int64.max` at most.
  public var packedBytes: Int64 { lazy.map(\.size).saturatingSum }
}

extension Sequence<Int64> {
  /// `Int64.max` at most: an index or a lock may claim what it likes.
  var saturatingSum: Int64 {
    reduce(0) { sum, size in
      let (next, overflow) = sum.addingReportingOverflow(size)
      return overflow ? .max : next
    }
  }
}

/// Bytes received of all packages together.
final class DownloadProgress: Sendable {
  let total: Int64
  private let received = Mutex([String: Int64]())

  init(total: Int64) { self.total = total }

  /// Notes what a package has received so far; returns the sum over all.
  func note(_ digest: String, _ bytes: Int64) -> Int64 {
    received.withLock { received in
      received[digest] = bytes
      return received.values.reduce(0, +)
    }
  }
}
