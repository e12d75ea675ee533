import FoundationEssentials
import OCIImage
import PkgResolve

/// Turns recipes into locks and locks into images.
///
/// `resolve` and `compose` are separate, so that a rebuild needs the lock alone. A composer holds no state but its
/// settings: one may serve many recipes at once. Images that are to share their work go through one
/// ``ComposerSession``.
public struct Composer: Sendable {
  /// Is told what happens, on several threads.
  public typealias Observer = @Sendable (ComposeEvent) -> Void

  /// Where packages and what is made of them are kept.
  public let store: StoreLocation
  /// How much is done at once.
  public let limits: Limits
  /// What was chosen beyond the recipe.
  public let options: ComposerOptions

  /// Touches neither store nor network.
  public init(
    store: StoreLocation = .userCache, limits: Limits = Limits(),
    options: ComposerOptions = ComposerOptions()
  ) {
    self.store = store
    self.limits = limits
    self.options = options
  }

  /// Resolves a recipe against the package archives as they are now (or at the recipe's snapshot), for each platform.
  ///
  /// Indexes are verified before they are read. Every chosen package is fetched into the store and verified, for the
  /// epoch is the newest of their build dates. Throws ``ComposeError`` or `ResolveError`.
  public func resolve(
    _ recipe: Recipe, for platforms: [Platform], observe: @escaping Observer = { _ in }
  ) async throws -> Lockfile {
    try refuseUnsupported(recipe)
    let session = try ComposerSession(self)
    defer { session.close() }
    return try await session.resolve(recipe, for: platforms, observe: observe)
  }

  /// Composes the image that a lock describes, for the platforms named (all of the lock's where nil).
  ///
  /// Throws ``ComposeError`` or `OCIError`; nothing is written but the store.
  public func compose(
    _ recipe: Recipe, lock: Lockfile, platforms: [Platform]? = nil,
    observe: @escaping Observer = { _ in }
  ) async throws -> Image {
    try await compose(
      recipe, lock: lock, platforms: platforms, wantsLedger: false, observe: observe
    ).image
  }

  /// As ``compose(_:lock:platforms:observe:)``, with the ledger of each platform.
  public func composeWithLedger(
    _ recipe: Recipe, lock: Lockfile, platforms: [Platform]? = nil,
    observe: @escaping Observer = { _ in }
  ) async throws -> ComposedImage {
    try await compose(
      recipe, lock: lock, platforms: platforms, wantsLedger: true, observe: observe)
  }

  private func compose(
    _ recipe: Recipe, lock: Lockfile, platforms: [Platform]?, wantsLedger: Bool,
    observe: @escaping Observer
  ) async throws -> ComposedImage {
    try refuseUnsupported(recipe)
    return try await ComposerSession(self).compose(
      recipe, lock: lock, platforms: platforms, wantsLedger: wantsLedger, observe: observe)
  }

  /// Throws ``RecipeErrors`` where a recipe asks for what composing cannot serve; nothing is fetched or written.
  public func refuseUnsupported(_ recipe: Recipe) throws {
    let preflight = recipe.preflight()
    let faults = preflight.faults + preflight.refusals
    if !faults.isEmpty { throw RecipeErrors(errors: faults) }
  }

  /// Everything a session needs of the network and the store.
  func downloader() throws(ComposeError) -> Downloader {
    let store = try Store(directory: try self.store.path(environment: options.environment))
    let variables = [
      "DHI_DEBIAN_MIRROR", "DHI_DEBIAN_SECURITY_MIRROR", "DHI_ALPINE_MIRROR",
      SnapshotService.variable,
    ]
    let mirrors =
      [options.mirror, options.securityMirror, options.snapshotMirror]
      + variables.map { options.environment[$0] }
      + options.repositories.map { $0.split(whereSeparator: \.isWhitespace).last.map(String.init) }
    return try Downloader(
      store: store, downloads: limits.downloads, environment: options.environment,
      userAgent: "dhi-compose/" + ToolVersion.current,
      mirrors: mirrors.compactMap { $0 }.filter { $0.contains("://") },
      isOffline: options.isOffline, documents: options.bundle?.documents ?? [:])
  }

  /// Where packages are looked for that have left all mirrors; nil where they are not.
  func snapshotService() throws(ComposeError) -> SnapshotService? {
    let service = SnapshotService.named(options.snapshotMirror, environment: options.environment)
    return try service?.resolved(in: FileManager.default.currentDirectoryPath)
  }

  /// Where a Debian distribution's packages come from for a recipe.
  func sources(
    for recipe: Recipe, _ distribution: Distribution
  ) throws(ComposeError) -> [DebianSource] {
    let bundle = options.bundle.flatMap { $0.image(for: recipe) == nil ? nil : $0 }
    let host =
      bundle?.aptSources ?? options.aptConfiguration.map { AptSources.host(root: $0) }
      ?? AptSources()
    let sources = try MirrorSelection(
      distribution: distribution,
      options: MirrorOptions(
        mirror: options.mirror, securityMirror: options.securityMirror,
        snapshot: options.snapshot, snapshotMirror: options.snapshotMirror),
      environment: options.environment, host: host,
      workingDirectory: FileManager.default.currentDirectoryPath
    ).sources(
      repositories: recipe.definition.contents.repositories, compose: recipe.definition.compose)
    // What a bundle was made from stands for what this host would read; an option stands for itself.
    guard let bundle, options.mirror == nil, options.snapshot == nil else { return sources }
    return bundle.sources(sources, for: recipe)
  }

  /// Where an Alpine distribution's packages come from for a recipe.
  func alpineSources(
    for recipe: Recipe, _ distribution: Distribution
  ) throws(ComposeError) -> [AlpineSource] {
    var host: String?
    if let folder = options.apkConfiguration {
      let sink = MemorySink(subject: folder, limit: 1 << 20)
      let file = LocalFile(path: folder + "/repositories")
      if (try? file.copy(into: sink, cancellation: CancellationFlag())) != nil {
        host = String(decoding: sink.bytes, as: UTF8.self)
      }
    }
    var repositories = options.repositories
    if repositories.isEmpty, options.mirror == nil {
      repositories = options.bundle?.repositories(for: recipe) ?? []
    }
    return try AlpineRepositorySelection(
      distribution: distribution, repositories: repositories, mirror: options.mirror,
      environment: options.environment, host: host,
      workingDirectory: FileManager.default.currentDirectoryPath
    ).sources(
      repositories: recipe.definition.contents.repositories, compose: recipe.definition.compose)
  }

  func alpineKeys(for recipe: Recipe) -> AlpineKeySearch {
    AlpineKeySearch(
      recipe: recipe.definition.contents.keyring, recipeFolder: recipe.folder,
      hostFolder: options.bundle.map { $0.hostRoot + "/etc/apk/keys" }
        ?? options.apkConfiguration.map { $0 + "/keys" })
  }

  func distribution(of recipe: Recipe) throws(ComposeError) -> Distribution {
    guard let name = recipe.distribution else {
      throw ComposeError(
        .invalidRecipe, recipe.path,
        "names no distribution; begin the file with \"# syntax=dhi.io/build:2-debian13\" or set compose.distribution"
      )
    }
    return try Distribution.named(name, subject: recipe.path)
  }
}

/// An image, and what became of every path on the way to it.
public struct ComposedImage: Sendable {
  /// For all platforms that were composed.
  public let image: Image
  /// By platform; none where they were not asked for.
  public let compositions: [Platform: Composition]
  /// Bytes of all files, by platform.
  public let unpackedSizes: [Platform: Int64]

  /// By platform; none where they were not asked for.
  public var ledgers: [Platform: Ledger] { compositions.mapValues(\.ledger) }
}
