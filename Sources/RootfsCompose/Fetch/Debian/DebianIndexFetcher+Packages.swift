import OCIImage
import PkgResolve

extension DebianIndexFetcher {
  /// One `Packages` file to fetch.
  private struct Wanted: Sendable {
    let component: String
    let architecture: String
    var folder: String { "\(component)/binary-\(architecture)" }
  }

  func packages(
    of signed: SignedRelease, architectures: [String], isFirstLook: Bool
  ) async throws -> [VerifiedIndex] {
    let wanted = try wanted(signed, architectures)
    return try await withThrowingTaskGroup(of: (Int, VerifiedIndex).self) { group in
      for (position, item) in wanted.enumerated() {
        group.addTask {
          (
            position,
            isFirstLook
              ? try await sharedIndex(item, of: signed) : try await index(item, of: signed)
          )
        }
      }
      var indexes = [VerifiedIndex?](repeating: nil, count: wanted.count)
      for try await (position, index) in group { indexes[position] = index }
      return indexes.compactMap { $0 }
    }
  }

  private func sharedIndex(
    _ item: Wanted, of signed: SignedRelease
  ) async throws -> VerifiedIndex {
    guard let shared else { return try await index(item, of: signed) }
    let key = SharedIndexes.PackagesKey(
      release: releaseKey(of: signed.source), component: item.component,
      architecture: item.architecture)
    return try await shared.packages.value(for: key, wording: signed.source.origin) {
      try await index(item, of: signed)
    }
  }

  private func wanted(
    _ signed: SignedRelease, _ architectures: [String]
  ) throws(ComposeError) -> [Wanted] {
    var wanted = [Wanted]()
    for component in signed.source.components {
      for architecture in architectures {
        let item = Wanted(component: component, architecture: architecture)
        guard !candidates(item, signed.release).isEmpty else {
          let release = signed.release
          throw ComposeError(
            .notFound, signed.url.text,
            "lists no \(item.folder)/Packages; it has the components "
              + "\(release.components.joined(separator: ", ")) and the architectures "
              + release.architectures.joined(separator: ", "),
            underlying: MissingIndex())
        }
        wanted.append(item)
      }
      let all = Wanted(component: component, architecture: "all")
      if !signed.release.mergesArchitectureAll, !candidates(all, signed.release).isEmpty {
        wanted.append(all)
      }
    }
    return wanted
  }

  /// The compressed forms that the Release file lists, the smallest first.
  private func candidates(
    _ item: Wanted, _ release: ReleaseFile
  ) -> [(path: String, entry: ReleaseFile.Entry)] {
    ["Packages.xz", "Packages.gz", "Packages"].compactMap { name in
      let path = "\(item.folder)/\(name)"
      return release.files[path].map { (path, $0) }
    }
  }

  /// A table that an earlier run kept serves without the file it was made from: the signature vouches for the file's
  /// digest, which is the table's name.
  private func index(_ item: Wanted, of signed: SignedRelease) async throws -> VerifiedIndex {
    let forms = candidates(item, signed.release)
    let origin = PackageOrigin(
      name: "\(signed.source.suite)/\(item.folder)/Packages", url: signed.source.publicBase,
      suite: signed.source.suite, component: item.component, priority: signed.release.priority)
    let store = downloader.store
    var failure = ComposeError(.notFound, signed.url.text, "lists no \(item.folder)/Packages")
    for (path, entry) in forms {
      // The table of a later form serves only where an earlier form cannot be had: else the digest that the lock
      // records would depend on what the store holds.
      let kept = try await downloader.pool.run { _ in
        store.keptTable(Self.key(entry.digest), origin: origin)
      }
      if let kept { return verified(kept, entry.digest, item, of: signed) }
      let file: StoredFile
      do {
        file = try await downloader.fetch(remoteFile(path, entry, signed))
      } catch let error as ComposeError where error.isAbsence {
        // Mirrors need not carry every form that the Release file lists.
        failure = error
        continue
      }
      let plain = signed.release.files["\(item.folder)/Packages"]
      let subject = ResourceURL.redacted(
        "\(signed.source.base)/dists/\(signed.source.suite)/\(path)")
      let table = try await downloader.pool.run { flag in
        let bytes = try Self.read(file, plain: plain, subject: subject, cancellation: flag)
        let table = try PackageIndex.parse(bytes, origin: origin, threads: processorCount())
        store.keep(table, as: Self.key(file.digest))
        return table
      }
      return verified(table, file.digest, item, of: signed)
    }
    throw failure
  }

  private static func key(_ digest: Digest) -> TableKey {
    TableKey(digest: digest, format: .debian, requiresPackageFiles: true)
  }

  private func verified(
    _ table: PackageTable, _ digest: Digest, _ item: Wanted, of signed: SignedRelease
  ) -> VerifiedIndex {
    VerifiedIndex(
      suite: signed.source.suite, name: item.folder, architecture: item.architecture,
      documentURL: signed.url.text, documentDigest: signed.digest,
      date: signed.release.date.rfc3339, validUntil: signed.release.validUntil?.rfc3339,
      expiredAccepted: signed.expiredAccepted, signedBy: signed.signer, indexDigest: digest,
      tag: nil, description: nil, table: table)
  }

  /// By hash first: that name keeps its bytes while the mirror changes.
  private func remoteFile(
    _ path: String, _ entry: ReleaseFile.Entry, _ signed: SignedRelease
  ) throws(ComposeError) -> RemoteFile {
    guard entry.size <= IndexDecompressor.limit else {
      throw ComposeError(
        .limitExceeded, signed.url.text,
        "says that \(path) has \(entry.size) bytes; expected at most \(IndexDecompressor.limit)")
    }
    let folder = path.split(separator: "/").dropLast().joined(separator: "/")
    let suite = try ResourceURL(signed.source.base).appending(path: "dists/\(signed.source.suite)")
    var urls = [String]()
    if signed.release.acquireByHash {
      urls.append(
        try suite.appending(path: "\(folder)/by-hash/SHA256/\(entry.digest.hex)")
          .textWithCredentials)
    }
    urls.append(try suite.appending(path: path).textWithCredentials)
    return RemoteFile(urls: urls, digest: entry.digest, size: entry.size)
  }

  private static func read(
    _ file: StoredFile, plain: ReleaseFile.Entry?, subject: String, cancellation: CancellationFlag
  ) throws(ComposeError) -> [UInt8] {
    let limit = min(plain?.size ?? IndexDecompressor.limit, IndexDecompressor.limit)
    let bytes = try file.withOpenPath { path throws(ComposeError) in
      try IndexDecompressor(subject: subject)
        .decompress(path: path, limit: limit, cancellation: cancellation)
    }
    if let plain {
      guard Int64(bytes.count) == plain.size, Digest.sha256(of: bytes) == plain.digest else {
        throw ComposeError(
          .digestMismatch, subject,
          "decompresses to something else than its Release file says; expected \(plain.digest)")
      }
    }
    return bytes
  }
}

/// Marks an error that a second try cannot mend: the Release file itself does not list what is wanted.
struct MissingIndex: Error {}
