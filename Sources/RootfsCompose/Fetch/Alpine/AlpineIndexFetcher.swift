import OCIImage
import PkgResolve

/// Fetches and verifies the indexes of Alpine's repositories.
public struct AlpineIndexFetcher: Sendable {
  public var downloader: Downloader
  public var keys: AlpineKeySearch
  /// What other recipes of the same run have read already; nil to read everything anew.
  var shared: SharedIndexes?

  /// No APKINDEX.tar.gz is larger; that of edge's community has some 2 MiB. In bytes.
  static let largestIndex: Int64 = 256 << 20

  public init(downloader: Downloader, keys: AlpineKeySearch) {
    self.downloader = downloader
    self.keys = keys
  }

  /// The indexes of all repositories for the given architectures (`x86_64`), fetched in parallel.
  ///
  /// Throws ``ComposeError``: `unverified`, `notFound`, `network`, `invalidArchive`, `limitExceeded`; `ResolveError`
  /// where an index is malformed.
  public func fetch(
    _ sources: [AlpineSource], architectures: [String]
  ) async throws -> FetchedIndexes {
    let wanted = sources.flatMap { source in architectures.map { (source, $0) } }
    let found = try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
      for (position, item) in wanted.enumerated() {
        group.addTask { (position, try await sharedAnswer(item.0, architecture: item.1)) }
      }
      var found = [Answer?](repeating: nil, count: wanted.count)
      for try await (position, answer) in group { found[position] = answer }
      return found.compactMap { $0 }
    }
    var indexes = [VerifiedIndex]()
    var missing = [(architecture: String, source: AlpineSource, error: ComposeError)]()
    for (item, answer) in zip(wanted, found) {
      switch answer {
      case .index(let index):
        // A mirror that is a single repository stands in for several.
        let isKnown = indexes.contains {
          $0.documentURL == index.documentURL && $0.tag == index.tag
        }
        if !isKnown { indexes.append(index) }
      case .missing(let error): missing.append((item.1, item.0, error))
      }
    }
    // A mirror that has nothing at all is most often misspelt.
    let onMirror = missing.filter(\.source.isOnPersonsMirror)
    let hasEmptyMirror = onMirror.count == wanted.count(where: { $0.0.isOnPersonsMirror })
    let fatal = missing.first { item in
      !item.source.isOptional || (hasEmptyMirror && item.source.isOnPersonsMirror)
        || !indexes.contains { $0.architecture == item.architecture }
    }
    if let fatal {
      throw try await explained(fatal.error, of: fatal.source, fatal.architecture)
    }
    return FetchedIndexes(
      indexes: indexes,
      warnings: missing.map { architecture, source, _ in
        let bases = source.bases.map { ResourceURL.redacted($0) }.joined(separator: " and ")
        return
          "\(bases): no index of \(source.description) for \(architecture); the image is composed without it"
      },
      unservedTags: missing.compactMap { architecture, source, _ in
        source.tag.map { tag in
          FetchedIndexes.UnservedTag(
            tag: tag, architecture: architecture, repository: source.name)
        }
      })
  }

  /// What is missing, with what to do about it.
  private func explained(
    _ error: ComposeError, of source: AlpineSource, _ architecture: String
  ) async throws -> ComposeError {
    var remedy = ": check the repository's URL and the architecture"
    if let surplus = Self.surplus(of: source.publicBase) {
      remedy = ": leave out \"\(surplus)\" at the end of the repository's URL"
    } else {
      for platform in Platform.supported {
        let other = Distribution.Family.alpine.architecture(of: platform)
        guard other != architecture, await hasIndex(source, architecture: other) else { continue }
        remedy = "; \(platform) has one: choose it with --platform \(platform)"
      }
    }
    return ComposeError(
      .notFound, error.subject,
      "\(error.message); expected the signed index of \(source.description), named by "
        + "\(source.origin)\(remedy)")
  }

  /// What stands at the end of a URL that is apk's to add: `/x86_64/APKINDEX.tar.gz`.
  private static func surplus(of base: String) -> String? {
    var words = base.split(separator: "/").suffix(2).map(String.init)
    let isFile = words.last == "APKINDEX.tar.gz"
    let folder = isFile ? words.dropLast().last : words.last
    let hasFolder = folder.map(AlpinePool.architectures.contains) ?? false
    guard isFile || hasFolder else { return nil }
    words = (hasFolder ? [folder ?? ""] : []) + (isFile ? ["APKINDEX.tar.gz"] : [])
    return words.map { "/" + $0 }.joined()
  }

  private func hasIndex(_ source: AlpineSource, architecture: String) async -> Bool {
    for base in source.bases {
      guard let url = try? ResourceURL(base).appending(path: "\(architecture)/APKINDEX.tar.gz"),
        (try? await downloader.document(url: url, limit: Self.largestIndex)) != nil
      else { continue }
      return true
    }
    return false
  }

  enum Answer: Sendable {
    case index(VerifiedIndex)
    case missing(ComposeError)
  }

  private func sharedAnswer(
    _ source: AlpineSource, architecture: String
  ) async throws -> Answer {
    guard let shared else { return try await answer(source, architecture: architecture) }
    var plain = source
    plain.origin = ""
    plain.isOptional = false
    let key = SharedIndexes.AlpineKey(
      source: plain, architecture: architecture,
      keyrings: keys.recipe.keyringIdentity(in: keys.recipeFolder))
    return try await shared.alpine.value(
      for: key, wording: source.origin + keys.recipe.places
    ) {
      try await answer(source, architecture: architecture)
    }
  }

  private func answer(_ source: AlpineSource, architecture: String) async throws -> Answer {
    var failure: ComposeError?
    for base in source.bases {
      let url = try ResourceURL(base).appending(path: "\(architecture)/APKINDEX.tar.gz")
      let document: [UInt8]
      do {
        document = try await downloader.document(url: url, limit: Self.largestIndex)
      } catch let error as ComposeError where error.isAbsence {
        guard !error.isNotInStore else {
          failure = failure ?? error
          continue
        }
        failure =
          failure.map {
            ComposeError(.notFound, $0.subject, "\($0.message); nor is it at \(url.text)")
          } ?? ComposeError(.notFound, url.text, error.message)
        continue
      }
      do {
        return .index(try await index(document, of: source, architecture, base: base, url: url))
      } catch let error as ComposeError
        where error.code == .unverified || error.code == .invalidArchive
      {
        // The server may only have said that what the store kept is unchanged, and that be another server's answer.
        let anew = try await downloader.document(
          url: url, limit: Self.largestIndex, useCache: false)
        guard anew != document else { throw error }
        return .index(try await index(anew, of: source, architecture, base: base, url: url))
      }
    }
    // Whether a repository has it is not known while its server may not be asked.
    if let failure, failure.isNotInStore { throw failure }
    return .missing(failure ?? ComposeError(.notFound, source.publicBase, "has no index"))
  }

  private func index(
    _ document: [UInt8], of source: AlpineSource, _ architecture: String, base: String,
    url: ResourceURL
  ) async throws -> VerifiedIndex {
    let signed = try await open(document, url: url)
    let origin = PackageOrigin(
      name: "\(source.name)/\(architecture)/APKINDEX",
      url: try ResourceURL(base).appending(path: architecture).textWithCredentials,
      suite: source.description, component: "")
    let store = downloader.store
    let (digest, table) = try await downloader.pool.run { _ in
      let digest = Digest.sha256(of: document)
      let key = TableKey(digest: digest, format: .alpine, requiresPackageFiles: true)
      if let kept = store.keptTable(key, origin: origin) { return (digest, kept) }
      let table = try AlpineIndex.parse(
        signed.text, origin: origin, requirePackageFiles: true, threads: processorCount())
      store.keep(table, as: key)
      return (digest, table)
    }
    return VerifiedIndex(
      suite: source.description, name: architecture, architecture: architecture,
      documentURL: url.text, documentDigest: digest,
      date: ArchiveDate(seconds: signed.date).rfc3339, validUntil: nil, expiredAccepted: false,
      signedBy: signed.signer, indexDigest: digest, tag: source.tag,
      description: signed.description, table: table)
  }

  /// Verifies with the keys at hand; a key that must be fetched first is, where a signature names it and nothing at
  /// hand fits.
  private func open(
    _ document: [UInt8], url: ResourceURL
  ) async throws -> AlpineSignedIndex {
    let local = try await downloader.pool.run { [keys] _ in try keys.local() }
    do {
      return try await downloader.pool.run { flag in
        try AlpineSignedIndex.open(
          document, keys: local, subject: url.text, isCancelled: { flag.isCancelled })
      }
    } catch let error as ComposeError where error.code == .unverified {
      let names = try await downloader.pool.run { _ in
        try AlpineSignedIndex.signers(of: document, subject: url.text)
      }
      var all = local
      var isNew = false
      for key in try keys.remote(named: names) {
        do {
          let bytes = try await downloader.document(url: key.url, limit: AlpineKeySearch.limit)
          try all.add(key.name, pem: bytes, origin: key.url.text, replacing: true)
          isNew = true
        } catch let failure as ComposeError where failure.code != .cancelled {
          throw ComposeError(
            failure.code, key.location.description, "keyring \(failure)", underlying: error)
        }
      }
      guard isNew else { throw error }
      let keys = all
      return try await downloader.pool.run { flag in
        try AlpineSignedIndex.open(
          document, keys: keys, subject: url.text, isCancelled: { flag.isCancelled })
      }
    }
  }
}
