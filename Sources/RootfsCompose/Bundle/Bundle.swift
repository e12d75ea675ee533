import FoundationEssentials
import OCIImage
import PkgResolve

/// A bundle that was read and found whole: its packages and indexes are in the store, its recipes and locks at hand.
///
/// What it holds is trusted as its recipes and locks are: it vouches for itself. A lock beside a recipe of one's own
/// makes it a mere source of packages, which must have that lock's digests.
public final class Bundle: Sendable {
  /// As it was named.
  public let path: String
  /// In the order of the bundle's manifest, one for each lock.
  public let images: [Image]
  /// Documents and downloads by the URLs they came from.
  let documents: [String: Digest]
  /// Recipes' folders, and the host's keys below `keys`; removed with the value.
  private let folder: WorkEntry

  /// One image that can be made from the bundle.
  public struct Image: Sendable {
    /// Its path begins with the bundle's.
    public let recipe: Recipe
    /// What errors call the lock.
    public let lockPath: String
    public let lock: Lockfile
    /// The lock's bytes.
    public let lockBytes: [UInt8]
    /// Those whose packages are in the bundle.
    public let platforms: [Platform]
  }

  /// Reads a bundle, a file or a pipe, and takes its packages into a composer's store.
  ///
  /// Nothing of it is used before its digest is found right. Throws ``ComposeError``: `invalidArchive` and
  /// `digestMismatch`, both naming the bundle and the member, `inputUnreadable`, `limitExceeded`, `storeUnwritable`,
  /// `cancelled`; `lockMismatch` for a lock of other packages than its recipe asks for; `ResolveError` for a lock that
  /// is none.
  public init(
    contentsOf path: String, for composer: Composer,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws {
    let store = try Store(
      directory: try composer.store.path(environment: composer.options.environment))
    let folder = try store.privateDirectory()
    let manifest = try BundleReader(
      path: path, store: store, folder: folder.path, isCancelled: isCancelled
    ).read()
    self.path = path
    self.folder = folder
    documents = Dictionary(
      manifest.members.compactMap { member in
        guard member.kind.isStored, let url = member.url, let digest = member.content else {
          return nil
        }
        return (url, digest)
      }
    ) { first, _ in first }
    images = try manifest.images.map { image in
      try Self.read(image, bundle: path, folder: folder.path)
    }
    for image in images { Self.remember(image.lock, in: store) }
  }

  private static func read(
    _ image: BundleManifest.Image, bundle: String, folder: String
  ) throws -> Image {
    let bytes = try RecipeFile.read(folder + "/" + image.recipe)
    let slash = image.recipe.lastIndex(of: "/")
    let recipe = try Recipe(
      text: try RecipeFile.decode(bytes, file: bundle + "/" + image.recipe),
      path: bundle + "/" + image.recipe, distribution: image.distribution
    ).withFiles(in: slash.map { "\(folder)/\(image.recipe[..<$0])" } ?? folder)
    try refuseHostKeys(of: recipe)
    let lockPath = bundle + "/" + image.lock
    let sink = MemorySink(subject: lockPath, limit: Int64(Lockfile.sizeLimit))
    _ = try LocalFile(path: folder + "/" + image.lock)
      .copy(into: sink, cancellation: CancellationFlag())
    let lock = try Lockfile(decoding: sink.bytes, name: lockPath)
    guard lock.request == recipe.requestDigest.description else {
      throw ComposeError(
        .lockMismatch, lockPath,
        "made for other packages or sources than \(recipe.path) asks for; make the bundle anew")
    }
    return Image(
      recipe: recipe, lockPath: lockPath, lock: lock, lockBytes: sink.bytes,
      platforms: image.platforms.compactMap { Platform($0) })
  }

  /// A recipe of one's own may name a key of the host's; one from a bundle has all its keys there.
  private static func refuseHostKeys(of recipe: Recipe) throws(ComposeError) {
    for key in recipe.definition.contents.keyring
    where !["http://", "https://"].contains(where: key.value.hasPrefix) {
      let parts = key.value.split(separator: "/")
      guard !key.value.hasPrefix("/"), !key.value.hasPrefix("file:"), !parts.contains("..") else {
        throw ComposeError(
          .unsafePath, key.location.description,
          "the key \"\(key.value)\" is not in the bundle; copy it beside the recipe, and make the bundle anew"
        )
      }
    }
  }

  /// What an Alpine index names by its checksum can be had by that without a server.
  private static func remember(_ lock: Lockfile, in store: Store) {
    for package in lock.platforms.values.flatMap(\.packages) {
      guard let checksum = package.checksum, let digest = Digest(package.digest),
        let url = try? ResourceURL(package.url)
      else { continue }
      store.remember(digest, ofPackage: checksum, from: url)
    }
  }

  /// The bundle's image for one of its recipes, or for one that is read from elsewhere; nil where it has none for what
  /// the recipe asks for.
  public func image(for recipe: Recipe) -> Image? {
    let wanted = recipe.requestDigest.description
    let fitting = images.filter {
      $0.lock.request == wanted && $0.recipe.distribution == recipe.distribution
    }
    let same = fitting.filter { $0.recipe.recipeDigest == recipe.recipeDigest }
    return same.first { $0.recipe.path == recipe.path } ?? same.first ?? fitting.first
  }

  /// Stands in the place of the host's root, for key files.
  var hostRoot: String { folder.path + "/keys" }
}

extension Bundle {
  /// Where a lock's indexes came from, in the place of what a host and an environment name, and judged at their time.
  func sources(_ sources: [DebianSource], for recipe: Recipe) -> [DebianSource] {
    guard let lock = image(for: recipe)?.lock else { return sources }
    let moment = lock.indexes.compactMap { ArchiveDate(rfc3339: $0.date)?.seconds }.max()
    return sources.compactMap { source in
      var source = source
      source.moment = source.moment ?? moment
      guard source.trustsArchiveKeys else { return source }
      let suffix = "/dists/\(source.suite)/InRelease"
      let index = lock.indexes.first { $0.suite == source.suite && $0.url.hasSuffix(suffix) }
      guard let index else { return nil }
      source.base = String(index.url.dropLast(suffix.count))
      source.fallbacks = []
      return source
    }
  }

  /// Stands in the place of the host's apt sources: some place, for ``sources(_:for:)`` to put the right ones there.
  var aptSources: AptSources { AptSources(archive: "file:///", security: "file:///") }

  /// As `--repository` names them.
  func repositories(for recipe: Recipe) -> [String] {
    var found = [String]()
    for index in image(for: recipe)?.lock.indexes ?? [] {
      let base = index.url.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
      let tag = index.suite.hasPrefix("@") ? index.suite.prefix { $0 != " " } + " " : ""
      let entry = tag + base.joined(separator: "/")
      if !found.contains(entry) { found.append(entry) }
    }
    return found
  }
}
