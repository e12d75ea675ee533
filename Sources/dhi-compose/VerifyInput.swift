import ArgumentParser
import FoundationEssentials
import PkgResolve
import RootfsCompose

/// The recipe and the lock that an image is verified against, where one of them may be left to the other's name.
struct VerifyInput {
  let recipe: Recipe
  let lock: Lockfile
  let lockPath: String

  init(recipe: String?, lock: String?, distribution: String?) throws {
    if let recipe {
      let read = try lock.map { try Self.read($0) }
      self.recipe = try Self.recipe(recipe, distribution ?? Self.listed(read, recipe))
      lockPath = lock ?? RecipeName.lockPath(of: self.recipe)
      self.lock = try read ?? Self.read(lockPath)
    } else if let lock {
      self.lock = try Self.read(lock)
      lockPath = lock
      let path = try Self.recipe(beside: lock, self.lock)
      self.recipe = try Self.recipe(path, distribution ?? Self.listed(self.lock, path))
    } else {
      throw ValidationError("name the recipe, or its lock with --lock")
    }
    guard self.recipe.distribution == nil || self.recipe.distribution == self.lock.distribution
    else {
      throw ComposeError(
        .lockMismatch, lockPath,
        "is for \(self.lock.distribution), and \(self.recipe.path) for \(self.recipe.distribution ?? "")"
      )
    }
  }

  private static func read(_ path: String) throws -> Lockfile {
    guard let lock = try LockFiles.read(path) else {
      throw ComposeError(
        .inputUnreadable, path, "not found; `dhi-compose lock` makes one, --lock names another")
    }
    return lock
  }

  private static func recipe(_ path: String, _ distribution: String?) throws -> Recipe {
    try Recipe(contentsOf: path, distribution: distribution)
  }

  /// The lock's distribution, where a recipe is for several.
  private static func listed(_ lock: Lockfile?, _ path: String) throws -> String? {
    guard let lock, try Recipe.all(contentsOf: path).count > 1 else { return nil }
    return lock.distribution
  }

  /// `NAME.yaml` of `NAME.lock.json`, and of `NAME.debian-13.lock.json`.
  private static func recipe(beside path: String, _ lock: Lockfile) throws -> String {
    let suffix = ".lock.json"
    guard path.hasSuffix(suffix) else {
      throw ValidationError(
        "--lock \(path): its recipe cannot be told from its name; name the recipe")
    }
    let stem = String(path.dropLast(suffix.count))
    var stems = [stem]
    if stem.hasSuffix("." + lock.distribution) {
      stems.append(String(stem.dropLast(lock.distribution.count + 1)))
    }
    let candidates = stems.flatMap { [$0 + ".yaml", $0 + ".yml"] }
    guard let found = candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      throw ComposeError(
        .inputUnreadable, candidates[0], "not found beside its lock; name the recipe")
    }
    return found
  }
}
