import FoundationEssentials
import OCIImage
import PkgResolve

/// One composition: the road from a lock to an image.
struct CompositionSession: Sendable {
  let session: ComposerSession
  let recipe: Recipe
  let lock: Lockfile
  let observe: Composer.Observer
  let distribution: Distribution

  var composer: Composer { session.composer }
  var downloader: Downloader { session.downloader }
  var workers: BlockingPool { session.workers }

  init(
    session: ComposerSession, recipe: Recipe, lock: Lockfile, observe: @escaping Composer.Observer
  ) throws {
    self.session = session
    self.recipe = recipe
    self.lock = lock
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
        uniqueKeysWithValues: parts.map { ($0.composition.platform, $0.composition) }))
  }

  /// The road without its end: no layer is written.
  func composition(_ platform: Platform) async throws -> Composition {
    _ = try chosen([platform])
    let files = try await RecipeDownloads(recipe: recipe, downloader: downloader)
      .paths([platform], lock: lock)
    let packages = try await unpackedPackages(for: platform)
    return try await workers.run(.first) { flag in
      try compose(packages, files: files, platform: platform, flag)
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
    let image: PlatformImage
    let composition: Composition
  }

  private func part(
    _ platform: Platform, files: [String: String]
  ) async throws -> Part {
    let packages = try await unpackedPackages(for: platform)
    let (composition, plan) = try await workers.run(.first) { flag in
      let composition = try compose(packages, files: files, platform: platform, flag)
      let plan = LayerPlan(
        ComposedTree(tree: composition.tree, ledger: composition.ledger), packages: packages,
        output: recipe.definition.output ?? .layered)
      return (composition, plan)
    }
    let image = try await image(plan, user: composition.user, platform: platform)
    return Part(image: image, composition: composition)
  }

  private func compose(
    _ packages: [UnpackedPackage], files: [String: String], platform: Platform,
    _ flag: CancellationFlag
  ) throws(ComposeError) -> Composition {
    // The spool lives as long as contents refer to it.
    let spool = try ContentSpool(directory: downloader.store.workDirectory)
    return try compose(
      packages, files: files, platform: platform, spool: spool,
      isCancelled: { flag.isCancelled })
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
