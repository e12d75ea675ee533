import OCIImage
import PkgResolve

/// What a recipe and a lock come to for one platform, before it is put into layers: the tree, and how it came about.
public struct Composition: Sendable {
  public let platform: Platform
  /// The root file system of the image.
  public let tree: FileTree
  /// What became of each path.
  public let ledger: Ledger
  /// `uid:gid` for the image's configuration.
  public let user: String
  /// The tree as installing the packages left it, before anything was hardened.
  public let shipped: ShippedContents
  /// In lock order.
  public let packages: [UnpackedPackage]

  init(_ composition: UnprovedComposition, _ platform: Platform) {
    self.platform = platform
    tree = composition.tree.tree
    ledger = composition.tree.ledger
    user = composition.outcome.user
    shipped = composition.shipped
    packages = composition.packages
  }
}

extension ComposerSession {
  /// What a lock describes for one platform, without layers: what became of each path can be asked of it.
  ///
  /// Packages come from the store, or are fetched and verified. Throws ``ComposeError``.
  public func composition(
    _ recipe: Recipe, lock: Lockfile, platform: Platform,
    observe: @escaping Composer.Observer = { _ in }
  ) async throws -> Composition {
    try composer.refuseUnsupported(recipe)
    return try await CompositionSession(
      session: self, recipe: recipe, lock: lock, wantsLedger: true, observe: observe
    ).composition(platform)
  }
}
