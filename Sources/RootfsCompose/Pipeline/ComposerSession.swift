import OCIImage
import PkgResolve

/// The work of one run, which its images share: each index is fetched, verified and parsed once, each package fetched,
/// verified and decoded once, however many images want it.
///
/// Any number of recipes may be resolved and composed with one session at once; its threads take what is most urgent of
/// all of them. What one image fails of does not stop the others. A session lives as long as its user wants images to
/// share; the layers of its images live as long as the images.
public final class ComposerSession: Sendable {
  /// Whose settings hold for all images.
  public let composer: Composer
  let downloader: Downloader
  let workers: BlockingPool
  let indexes = SharedIndexes()
  let packages: SharedPackages
  let blobs: BlobStore
  private let writers = BlockingPool(threads: 4, name: "write")

  /// Throws ``ComposeError`` or `OCIError` where the store cannot be used.
  public init(_ composer: Composer) throws {
    self.composer = composer
    downloader = try composer.downloader()
    workers = BlockingPool(threads: composer.limits.decoders, name: "compose")
    packages = SharedPackages(
      expander: PackageExpander(store: downloader.store, threads: composer.limits.decoders),
      workers: workers)
    blobs = try BlobStore(stagingIn: downloader.store.workDirectory)
  }

  /// As ``Composer/resolve(_:for:observe:)``. Packages are decoded as they come, for the image that is to be composed.
  public func resolve(
    _ recipe: Recipe, for platforms: [Platform],
    observe: @escaping Composer.Observer = { _ in }
  ) async throws -> Lockfile {
    try composer.refuseUnsupported(recipe)
    return try await ResolutionSession(session: self, recipe: recipe, observe: observe)
      .run(platforms)
  }

  /// As ``Composer/composeWithLedger(_:lock:platforms:observe:)``. Without `wantsLedger` the ledgers are empty, and what
  /// the same composition came to before is taken where the store still has it.
  public func compose(
    _ recipe: Recipe, lock: Lockfile, platforms: [Platform]? = nil, wantsLedger: Bool = true,
    observe: @escaping Composer.Observer = { _ in }
  ) async throws -> ComposedImage {
    try composer.refuseUnsupported(recipe)
    return try await CompositionSession(
      session: self, recipe: recipe, lock: lock, wantsLedger: wantsLedger, observe: observe
    ).run(platforms)
  }

  /// Writes an image as ``OCIImage/Image/write(to:)`` does, a few at once, so that no task waits for a disk.
  public func write(_ image: Image, to destination: ImageDestination) async throws {
    try await writers.run { _ in try image.write(to: destination) }
  }

  /// Removes the layers of the session's images from the store; outputs that were written keep theirs. The session and
  /// its images are of no more use.
  ///
  /// For a program that is about to end: work that was cancelled may hold the session until after that.
  public func close() { blobs.discard() }
}
