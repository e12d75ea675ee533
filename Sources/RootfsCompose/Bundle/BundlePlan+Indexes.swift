import OCIImage
import PkgResolve

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The signed indexes that a lock's packages were chosen from, and the host's keys that verify them.
extension BundlePlan {
  func addDebianIndexes(to members: inout BundleMembers) async throws {
    let architectures = request.platforms.map(\.architecture) + ["all"]
    for index in request.lock.indexes {
      let suffix = "dists/\(index.suite)/InRelease"
      guard index.url.hasSuffix("/" + suffix), try await add(index, to: &members) else { continue }
      let base = String(index.url.dropLast(suffix.count))
      for (name, digest) in index.packages.sorted(by: { $0.key < $1.key }) {
        guard let digest = Digest(digest),
          architectures.contains(where: { name.hasSuffix("/binary-" + $0) })
        else { continue }
        let folder = "dists/\(index.suite)/\(name)/"
        let names = ["by-hash/SHA256/" + digest.hex] + ["Packages.xz", "Packages.gz", "Packages"]
        let urls = ([base] + snapshotBases(of: index)).flatMap { base in
          names.map { base + folder + $0 }
        }
        guard let file = try await file(RemoteFile(urls: urls, digest: digest)) else {
          warn(index, "its \(name)/Packages is not to be had any more")
          continue
        }
        members.add(
          "indexes/" + Self.plain("\(index.suite)/\(name)/Packages\(try ending(of: file))"), .index,
          file)
      }
    }
    let search = KeyringSearch(recipe: [], recipeFolder: recipe.folder)
    let sources = try session.composer.sources(for: recipe, distribution)
    for source in sources {
      for key in try search.local(for: source, distribution: distribution)
      where key.origin.hasPrefix("/") {
        try addHostKey(key.origin, as: key.origin, limit: KeyringSearch.limit, to: &members)
      }
    }
  }

  func addAlpineIndexes(to members: inout BundleMembers) async throws {
    let architectures = request.platforms.map(distribution.architecture)
    var signers = Set<String>()
    for index in request.lock.indexes
    where architectures.contains(where: { index.packages[$0] != nil }) {
      _ = try await add(index, to: &members)
      if let signer = index.signedBy { signers.insert(signer) }
    }
    var search = session.composer.alpineKeys(for: recipe)
    search.recipe = []
    let keys = try search.local()
    for name in signers.sorted() {
      guard let origin = keys[name]?.origin, origin.hasPrefix("/") else { continue }
      try addHostKey(
        origin, as: "/etc/apk/keys/" + name, limit: AlpineKeySearch.limit, to: &members)
    }
  }

  /// Adds what is signed, as it was when the lock was made; false where nobody has that any more.
  private func add(_ index: Lockfile.Index, to members: inout BundleMembers) async throws -> Bool {
    guard let digest = Digest(index.digest) else { return false }
    let url = try ResourceURL(index.url)
    let name = url.text.split(separator: "/").last.map(String.init) ?? ""
    let folder =
      distribution.family == .debian
      ? index.suite : index.suite + "/" + index.packages.keys.sorted().joined(separator: "-")
    let path = "indexes/" + Self.plain("\(folder)/\(name)")
    if let bytes = try await document(url), Digest.sha256(of: bytes) == digest {
      members.add(path, .document, bytes, url: index.url)
      return true
    }
    let places = snapshotBases(of: index).map { $0 + "dists/\(index.suite)/InRelease" }
    if let file = try await file(RemoteFile(urls: places, digest: digest)) {
      members.add(path, .document, file, url: index.url)
      return true
    }
    warn(index, "the archive has a newer one by now")
    return false
  }

  private func warn(_ index: Lockfile.Index, _ reason: String) {
    observe(
      .warning(
        "\(index.url): \(reason), and the bundle goes without it; images can be built from it, and "
          + "nothing can be resolved: lock anew to have it"))
  }

  /// Where the snapshot service has the archive of an index, each with a slash at its end.
  private func snapshotBases(of index: Lockfile.Index) -> [String] {
    guard let service = try? session.composer.snapshotService() else { return [] }
    return service.archives(of: index, distribution).map { $0 + "/" }
  }

  /// nil where it cannot be had: then an error is not worth an end.
  private func document(_ url: ResourceURL) async throws -> [UInt8]? {
    do {
      return try await downloader.document(url: url, limit: AlpineIndexFetcher.largestIndex)
    } catch let error as ComposeError where error.code != .cancelled {
      return nil
    }
  }

  private func file(_ file: RemoteFile) async throws -> StoredFile? {
    do {
      return try await downloader.fetch(file)
    } catch let error as ComposeError where error.code != .cancelled {
      return nil
    }
  }

  private func addHostKey(
    _ path: String, as name: String, limit: Int64, to members: inout BundleMembers
  ) throws(ComposeError) {
    let sink = MemorySink(subject: path, limit: limit)
    _ = try LocalFile(path: path).copy(into: sink, cancellation: CancellationFlag())
    members.add("keys" + name, .key, sink.bytes)
  }

  /// A lock does not say in which form an index was fetched. Sources: The .xz File Format §2.1.1.1; RFC 1952 §2.3.1.
  private func ending(of file: StoredFile) throws(ComposeError) -> String {
    let descriptor = try file.openForReading()
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 3)
    guard read(descriptor, &bytes, 3) == 3 else { return "" }
    if bytes.starts(with: [0xfd, 0x37, 0x7a]) { return ".xz" }
    return bytes.starts(with: [0x1f, 0x8b]) ? ".gz" : ""
  }
}
