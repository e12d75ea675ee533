import FoundationEssentials
import OCIImage
import PkgResolve

/// One composition: the road from a lock to an image.
struct CompositionSession: Sendable {
  let session: ComposerSession
  let recipe: Recipe
  let lock: Lockfile
  /// Whether what became of each path is wanted, and not the image alone.
  let wantsLedger: Bool
  let observe: Composer.Observer
  let distribution: Distribution

  var composer: Composer { session.composer }
  var downloader: Downloader { session.downloader }
  var workers: BlockingPool { session.workers }

  init(
    session: ComposerSession, recipe: Recipe, lock: Lockfile, wantsLedger: Bool,
    observe: @escaping Composer.Observer
  ) throws {
    self.session = session
    self.recipe = recipe
    self.lock = lock
    self.wantsLedger = wantsLedger
    self.observe = observe
    distribution = try session.composer.distribution(of: recipe)
  }

  func run(_ wanted: [Platform]?) async throws -> ComposedImage {
    let platforms = try chosen(wanted)
    let files = try await RecipeDownloads(recipe: recipe, downloader: downloader)
      .paths(platforms, lock: lock)
    let parts = try await withThrowingTaskGroup(of: Part.self) { group in
      for platform in platforms {
        group.addTask { try await part(platform, files: files) }
      }
      return try await group.reduce(into: [Part]()) { $0.append($1) }
    }
    let metadata = platforms.map { self.metadata(of: $0) }
    // An index speaks for all its platforms: what differs between them stands in their manifests alone.
    var shared = (metadata.first?.annotations ?? [:]).filter { key, value in
      metadata.allSatisfy { $0.annotations[key] == value }
    }
    shared[Annotation.created] = ImageConfiguration.timestamp(
      platforms.map { epoch(of: $0) }.max() ?? lock.epoch)
    let image = try Image(
      platformImages: parts.map(\.image), annotations: shared,
      referenceName: metadata.first?.referenceName(file: recipe.path), blobs: session.blobs)
    return ComposedImage(
      image: image,
      compositions: Dictionary(
        uniqueKeysWithValues: parts.compactMap { part in
          part.composition.map { (part.platform, $0) }
        }),
      unpackedSizes: Dictionary(uniqueKeysWithValues: parts.map { ($0.platform, $0.size) }))
  }

  /// The road without its end: no layer is written.
  func composition(_ platform: Platform) async throws -> Composition {
    _ = try chosen([platform])
    let files = try await RecipeDownloads(recipe: recipe, downloader: downloader)
      .paths([platform], lock: lock)
    let packages = try await unpackedPackages(for: platform)
    // The spool lives as long as contents refer to it.
    return try await workers.run(.first) { flag in
      let composition = try compose(
        packages, files: files, platform: platform,
        spool: try ContentSpool(directory: downloader.store.workDirectory),
        isCancelled: { flag.isCancelled })
      try composition.outcome.hardening.prove(composition.hardened)
      return Composition(composition, platform)
    }
  }

  func metadata(of platform: Platform) -> ImageMetadata {
    ImageMetadata(
      definition: recipe.definition.substituted(for: platform), epoch: epoch(of: platform))
  }

  func epoch(of platform: Platform) -> Int64 {
    lock.platforms[platform.description]?.epoch ?? lock.epoch
  }

  private struct Part: Sendable {
    let platform: Platform
    let image: PlatformImage
    /// nil where nobody wants it.
    let composition: Composition?
    let size: Int64
  }

  private func part(
    _ platform: Platform, files: [String: String]
  ) async throws -> Part {
    let store = downloader.store
    let (key, known) = try await workers.run(.first) { _ -> (Digest?, KeptLayers?) in
      let key = self.key(of: platform)
      return (key, wantsLedger ? nil : key.flatMap { KeptLayers($0, in: store) })
    }
    if let known { return try await part(platform, known) }
    let packages = try await unpackedPackages(for: platform)
    // The spool lives as long as contents refer to it.
    let (composition, layers) = try await workers.run(.first) {
      flag -> (UnprovedComposition, KeptLayers) in
      let spool = try ContentSpool(directory: store.workDirectory)
      let composition = try compose(
        packages, files: files, platform: platform, spool: spool,
        isCancelled: { flag.isCancelled })
      let tree = composition.tree
      let plan = LayerPlan(
        tree, packages: packages, output: recipe.definition.output ?? .layered)
      let layers = KeptLayers(
        user: composition.outcome.user, plan: plan, size: tree.tree.contentSize,
        ledger: tree.ledger)
      return (composition, layers)
    }
    report(layers, platform)
    // Proving takes as long as a layer, and changes nothing.
    async let image = image(layers.plan, user: layers.user, platform: platform)
    try await workers.run(.first) { _ in
      try composition.outcome.hardening.prove(composition.hardened)
      // A file that was changed in between may be in the tree as it was or as it is.
      if let key, self.key(of: platform) == key { layers.keep(key, in: store) }
    }
    return Part(
      platform: platform, image: try await image,
      composition: wantsLedger ? Composition(composition, platform) : nil,
      size: layers.size)
  }

  private func key(of platform: Platform) -> Digest? {
    KeptLayers.key(of: recipe, lock: lock, platform: platform, epoch: epoch(of: platform))
  }

  /// A platform of which all is known but the bytes of its layers.
  private func part(_ platform: Platform, _ kept: KeptLayers) async throws -> Part {
    for package in lock.platforms[platform.description]?.packages ?? [] {
      observe(.fetched(package: package.label, bytes: package.size, fromStore: true))
    }
    report(kept, platform)
    return Part(
      platform: platform, image: try await image(kept.plan, user: kept.user, platform: platform),
      composition: nil, size: kept.size)
  }

  private func chosen(_ wanted: [Platform]?) throws -> [Platform] {
    let locked = Platform.supported.filter { lock.platforms[$0.description] != nil }
    guard let wanted else { return locked }
    if let missing = wanted.first(where: { !locked.contains($0) }) {
      throw ComposeError(
        .lockMismatch, recipe.path,
        "the lock holds no packages for \(missing); run `dhi-compose lock \(recipe.path)`")
    }
    return Platform.supported.filter(wanted.contains)
  }
}
