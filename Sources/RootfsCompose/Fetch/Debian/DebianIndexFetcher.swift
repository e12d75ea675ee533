import OCIImage
import PkgResolve

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Fetches and verifies the indexes of sources.
public struct DebianIndexFetcher: Sendable {
  public var downloader: Downloader
  public var distribution: Distribution
  public var keyrings: KeyringSearch
  /// Lets a Release file past its `Valid-Until` pass; the result says so.
  public var allowExpired = false
  /// Seconds since 1970; nil asks the clock.
  public var now: Int64?
  /// Where `gpgv` and `sqv` are looked for: the value of PATH.
  public var searchPath: String
  /// What other recipes of the same run have read already; nil to read everything anew.
  var shared: SharedIndexes?

  /// No InRelease file is larger. In bytes.
  static let largestInRelease: Int64 = 10 << 20

  public init(
    downloader: Downloader, distribution: Distribution, keyrings: KeyringSearch,
    searchPath: String = "/usr/local/bin:/usr/bin:/bin"
  ) {
    self.downloader = downloader
    self.distribution = distribution
    self.keyrings = keyrings
    self.searchPath = searchPath
  }

  /// The indexes of all sources for the given Debian architectures (`amd64`), fetched in parallel.
  ///
  /// Throws ``ComposeError``: `unverified`, `expired`, `notFound`, `digestMismatch`, `network`, `missingTool`,
  /// `invalidArchive`, `limitExceeded`; `ResolveError` where an index is malformed.
  public func fetch(
    _ sources: [DebianSource], architectures: [String]
  ) async throws -> FetchedIndexes {
    try await withThrowingTaskGroup(of: (Int, [VerifiedIndex], String?).self) { group in
      for (position, source) in sources.enumerated() {
        group.addTask {
          do {
            return (position, try await indexes(of: source, architectures: architectures), nil)
          } catch let error as ComposeError
            where source.isOptional && error.underlying is MissingSuite
          {
            return (position, [], missing(source, error))
          }
        }
      }
      var found = [[VerifiedIndex]](repeating: [], count: sources.count)
      var warnings = [String?](repeating: nil, count: sources.count)
      for try await (position, indexes, warning) in group {
        found[position] = indexes
        warnings[position] = warning
      }
      return FetchedIndexes(indexes: found.flatMap { $0 }, warnings: warnings.compactMap { $0 })
    }
  }

  private func missing(_ source: DebianSource, _ error: ComposeError) -> String {
    let bases = ([source.base] + source.fallbacks).map { ResourceURL.redacted($0) }
    let what = "\(bases.joined(separator: " and ")): no suite \(source.suite) (\(error.message))"
    return source.suite == distribution.securitySuite
      ? what + "; the image is composed WITHOUT SECURITY UPDATES: name their mirror with "
        + "--security-mirror or DHI_DEBIAN_SECURITY_MIRROR"
      : what + "; the image is composed without it"
  }

  private func indexes(
    of source: DebianSource, architectures: [String]
  ) async throws -> [VerifiedIndex] {
    let wanted = architectures.filter { source.architectures?.contains($0) ?? true }
    guard !wanted.isEmpty else { return [] }
    do {
      let release = try await sharedRelease(of: source)
      return try await packages(of: release, architectures: wanted, isFirstLook: true)
    } catch let error as ComposeError
      where error.code == .digestMismatch || (error.code == .notFound && !error.isMissingSuite)
    {
      // The mirror may have changed between the two files: once more from the start.
      let release = try await release(of: source, useCache: false)
      return try await packages(of: release, architectures: wanted, isFirstLook: false)
    }
  }

  /// A verified Release file and where it came from.
  struct SignedRelease: Sendable {
    var source: DebianSource
    let url: ResourceURL
    let digest: Digest
    let signer: String
    let release: ReleaseFile
    let expiredAccepted: Bool
  }

  private func sharedRelease(of source: DebianSource) async throws -> SignedRelease {
    guard let shared else { return try await release(of: source, useCache: true) }
    var found = try await shared.releases.value(
      for: releaseKey(of: source), wording: source.origin + keyrings.recipe.places
    ) {
      try await release(of: source, useCache: true)
    }
    // The base is the one that has the suite; the rest is this recipe's own.
    let base = found.source.base
    found.source = source
    found.source.base = base
    return found
  }

  func releaseKey(of source: DebianSource) -> SharedIndexes.ReleaseKey {
    var plain = source
    plain.components = []
    plain.architectures = nil
    plain.isOptional = false
    plain.origin = ""
    return SharedIndexes.ReleaseKey(
      source: plain,
      keyrings: keyrings.recipe.keyringIdentity(in: keyrings.recipeFolder)
        + [distribution.identifier],
      allowsExpired: allowExpired)
  }

  func release(of source: DebianSource, useCache: Bool) async throws -> SignedRelease {
    var source = source
    while true {
      let url = try ResourceURL(source.base)
        .appending(path: "dists/\(source.suite)/InRelease")
      do {
        let document = try await downloader.document(
          url: url, limit: Self.largestInRelease, useCache: useCache)
        return try await verify(document, source: source, url: url)
      } catch let error as ComposeError where error.isAbsence {
        guard !source.fallbacks.isEmpty else {
          if error.isNotInStore { throw error }
          throw ComposeError(
            .notFound, url.text,
            "\(error.message); expected the signed index of \(source.suite) (a Release file with "
              + "a signature beside it is not read): check the mirror's base URL and the suite",
            underlying: MissingSuite())
        }
        source.base = source.fallbacks.removeFirst()
      }
    }
  }

  private func verify(
    _ document: [UInt8], source: DebianSource, url: ResourceURL
  ) async throws -> SignedRelease {
    let verified = try await signedText(document, source: source, url: url)
    let release = try ReleaseFile(verified.text, subject: url.text)
    try release.checkSuite(source.suite)
    let expired = try release.checkDates(
      now: ArchiveDate(seconds: now ?? Int64(time(nil))),
      moment: source.moment.map(ArchiveDate.init(seconds:)), allowExpired: allowExpired)
    return SignedRelease(
      source: source, url: url, digest: .sha256(of: document), signer: verified.signer,
      release: release, expiredAccepted: expired)
  }

  /// Verifies with the keys at hand; keyrings that must be fetched first are, where those do not fit.
  private func signedText(
    _ document: [UInt8], source: DebianSource, url: ResourceURL
  ) async throws -> SignatureVerifier.Verified {
    let verifier = SignatureVerifier(store: downloader.store, searchPath: searchPath)
    let local = try keyrings.local(for: source, distribution: distribution)
    let remote = try keyrings.remote()
    do {
      return try await downloader.pool.run { _ in
        try verifier.verify(document, keyrings: local, subject: url.text)
      }
    } catch let error as ComposeError where error.code == .unverified && !remote.isEmpty {
      var all = local
      for (keyURL, location) in remote {
        do {
          let bytes = try await downloader.document(url: keyURL, limit: KeyringSearch.limit)
          all.append(try Keyring(bytes, origin: keyURL.text))
        } catch let failure as ComposeError where failure.code != .cancelled {
          throw ComposeError(
            failure.code, location.description, "keyring \(failure)", underlying: error)
        }
      }
      let keys = all
      return try await downloader.pool.run { _ in
        try verifier.verify(document, keyrings: keys, subject: url.text)
      }
    }
  }
}

/// Marks an error that says that the whole suite is missing.
struct MissingSuite: Error {}

extension ComposeError {
  /// Whether a second look at the mirror cannot help.
  fileprivate var isMissingSuite: Bool {
    underlying is MissingSuite || underlying is MissingIndex
  }
}
