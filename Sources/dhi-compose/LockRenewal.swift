import OCIImage
import PkgResolve
import RootfsCompose

/// What became of one lock that was to be renewed.
struct LockRenewal: Sendable, Encodable {
  enum State: String, Sendable, Encodable {
    case updated
    /// With `--check`: it would be updated.
    case outdated
    case current
    /// The recipe has none.
    case missing
  }

  let recipe: String
  let lock: String
  let state: State
  /// nil where there is no lock.
  let difference: LockDifference?
}

extension LockRenewal {
  /// Resolves a recipe anew and compares; `write` is called where the lock would lead to another image.
  static func run(
    _ recipe: Recipe, from old: Lockfile, at path: String, _ session: ComposerSession,
    observe: @escaping Composer.Observer, write: (([UInt8]) throws -> Void)?
  ) async throws -> LockRenewal {
    let platforms = platforms(of: old, for: recipe)
    var new = try await session.resolve(recipe, for: platforms, observe: observe)
    // The same packages, put together by the same recipe and program, make the same image.
    new.image = old.image
    let isSame =
      try LockDifference(from: old, to: new).isEmpty && old.tool == new.tool && old.image != nil
    if !isSame {
      new = try await LockMaking.recordingImage(in: new, of: recipe, session, observe: observe)
    }
    let difference = try LockDifference(from: old, to: new)
    if !difference.isEmpty { try write?(new.encoded()) }
    return LockRenewal(
      recipe: recipe.path, lock: path,
      state: difference.isEmpty ? .current : write == nil ? .outdated : .updated,
      difference: difference)
  }

  /// The form in which an image is recorded: the one that the lock has it in, unless the recipe was edited since and
  /// names one. nil leaves it to the recipe.
  static func compression(of lock: Lockfile, for recipe: Recipe) -> LayerCompression? {
    if lock.recipe != recipe.recipeDigest.description, recipe.definition.compression != nil {
      return nil
    }
    return lock.image.flatMap { LayerCompression(rawValue: $0.compression) }
  }

  /// Those of the lock, as long as the recipe asks for the same; else the recipe's.
  private static func platforms(of lock: Lockfile, for recipe: Recipe) -> [Platform] {
    guard lock.request == recipe.requestDigest.description else {
      return recipe.definition.platforms
    }
    let locked = recipe.definition.platforms.filter { lock.platforms[$0.description] != nil }
    return locked.isEmpty ? recipe.definition.platforms : locked
  }
}
