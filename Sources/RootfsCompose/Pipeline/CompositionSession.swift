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
      ledgers: Dictionary(uniqueKeysWithValues: parts.map { ($0.platform, $0.ledger) }),
      unpackedSizes: Dictionary(uniqueKeysWithValues: parts.map { ($0.platform, $0.size) }))
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
    let ledger: Ledger
    let size: Int64
  }

  private func part(
    _ platform: Platform, files: [String: String]
  ) async throws -> Part {
    let packages = try await unpackedPackages(for: platform)
    // The spool lives as long as contents refer to it.
    let (composed, user, plan) = try await workers.run(.first) { flag in
      let spool = try ContentSpool(directory: downloader.store.workDirectory)
      let (composed, user) = try compose(
        packages, files: files, platform: platform, spool: spool,
        isCancelled: { flag.isCancelled })
      let plan = LayerPlan(
        composed, packages: packages, output: recipe.definition.output ?? .layered)
      return (composed, user, plan)
    }
    let image = try await image(plan, user: user, platform: platform)
    return Part(
      platform: platform, image: image, ledger: composed.ledger,
      size: composed.tree.contentSize)
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
