import OCIImage
import PkgResolve
import RootfsCompose

/// What `lock` and `update` both do of a recipe.
enum LockMaking {
  /// A resolved lock with the digests of the image that it leads to, composed without writing it out.
  static func recordingImage(
    in lock: Lockfile, of recipe: Recipe, _ session: ComposerSession,
    observe: @escaping Composer.Observer
  ) async throws -> Lockfile {
    var lock = lock
    let image = try await session.compose(recipe, lock: lock, observe: observe).image
    lock.image = LockRecords.image(of: image)
    return lock
  }

  /// Sees recipes before the first has its turn. Throws as ``refuseTwins(_:)``.
  static func approve(_ recipes: [Recipe]) throws {
    try refuseTwins(recipes.map(RecipeName.lockPath(of:)))
  }

  /// Throws a usage error where two recipes would share a lock.
  static func refuseTwins(_ locks: [String]) throws {
    try RecipeName.refuseTwins(locks) {
      "two recipes share the lock \($0); lock them one at a time"
    }
  }
}
