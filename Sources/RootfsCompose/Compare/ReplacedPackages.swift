import OCIImage
import PkgResolve

/// Looks for packages that explain why files differ: others than the lock names, or others under the same version.
struct ReplacedPackages {
  let session: ComposerSession
  let recipe: Recipe
  let lock: Lockfile
  let image: Image

  /// Where more packages than that differ, something else is behind it, and none is fetched.
  private static let mostFetched = 3

  func causes(
    of verification: Verification, _ parts: [PlatformImage]
  ) async throws -> [Verification.Cause] {
    var causes = [Verification.Cause]()
    for part in parts {
      let platform = part.platform.description
      let deviations = verification.deviations.filter { $0.platform == platform }
      let packages = lock.platforms[platform]?.packages ?? []
      if deviations.contains(where: Self.isInventory),
        let other = try otherVersions(part, packages)
      {
        causes.append(other)
        continue
      }
      causes += try await replaced(suspects(deviations, packages), deviations)
    }
    return causes.enumerated().filter { !causes[..<$0.offset].contains($0.element) }.map(\.element)
  }

  private static func isInventory(_ deviation: Deviation) -> Bool {
    guard let path = deviation.path.flatMap({ TreePath($0) }) else { return false }
    return DebianInventory.isRead(at: path) || AlpineInventory.isRead(at: path)
  }

  // MARK: Other versions

  /// What the image's own inventory lists that the lock does not, and the other way round; nil where they agree.
  private func otherVersions(
    _ part: PlatformImage, _ packages: [Lockfile.Package]
  ) throws -> Verification.Cause? {
    let listed = Dictionary(
      try ImageContents(of: part, in: image).packages.map { ($0.name, $0.version) }
    ) { first, _ in first }
    let locked = Dictionary(packages.map { ($0.name, $0.version) }) { first, _ in first }
    let differing = Set(listed.keys).union(locked.keys).sorted().filter {
      listed[$0] != locked[$0]
    }
    // An inventory that cannot be read tells nothing.
    guard !differing.isEmpty, !listed.isEmpty else { return nil }
    let texts = differing.prefix(5).map { name in
      "\(name) \(listed[name] ?? "is not in it") (locked: \(locked[name] ?? "none"))"
    }
    let more = differing.count > 5 ? " and \(differing.count - 5) more" : ""
    return Verification.Cause(
      kind: .otherPackages,
      text: "the image holds other packages than the lock: " + texts.joined(separator: ", ") + more)
  }

  // MARK: The same version

  /// The packages whose files differ in what a package decides.
  private func suspects(
    _ deviations: [Deviation], _ packages: [Lockfile.Package]
  ) -> [Lockfile.Package] {
    let telling: Set<Deviation.Attribute> = [.content, .missing, .extra, .linkTarget, .kind]
    var names = Set<String>()
    for deviation in deviations where telling.contains(deviation.attribute) {
      if let name = deviation.package?.split(separator: " ").first { names.insert(String(name)) }
      if let name = Self.checksumsOwner(deviation.path) { names.insert(name) }
    }
    return packages.filter { names.contains($0.name) }
  }

  /// The package whose list of checksums a path is.
  private static func checksumsOwner(_ path: String?) -> String? {
    let suffix = ".md5sums"
    guard let path, path.hasPrefix("/var/lib/dpkg/"), path.hasSuffix(suffix) else { return nil }
    let file = path.split(separator: "/").last?.dropLast(suffix.count)
    return file?.split(separator: ":").first.map(String.init)
  }

  private func replaced(
    _ suspects: [Lockfile.Package], _ deviations: [Deviation]
  ) async throws -> [Verification.Cause] {
    guard suspects.count <= Self.mostFetched else { return [] }
    var causes = [Verification.Cause]()
    for package in suspects {
      let head = "\(package.name) \(package.version) was replaced under its version: "
      if let (url, digest) = await served(package), digest.description != package.digest {
        causes.append(
          Verification.Cause(
            kind: .packageReplaced,
            text: head + "\(url) now has \(digest), the lock names \(package.digest)"))
      } else if deviations.contains(where: { Self.checksumsOwner($0.path) == package.name }) {
        causes.append(
          Verification.Cause(
            kind: .packageReplaced,
            text: head + "its own list of checksums in the image is another than the locked one's"))
      }
    }
    return causes
  }

  /// What a package's URL gives now; nil where nothing can be had of it.
  private func served(_ package: Lockfile.Package) async -> (url: String, digest: Digest)? {
    guard let mirrors = try? PackageMirrors(composer: session.composer, recipe: recipe) else {
      return nil
    }
    // Some more than the locked one: a package that was replaced may be larger.
    let limit = min(package.size, Int64.max - (64 << 20)) + (64 << 20)
    for url in mirrors.urls(of: package).prefix(2) {
      if let file = try? await session.downloader.fetchUnpinned(url: url, limit: limit) {
        return (url, file.digest)
      }
    }
    return nil
  }
}
