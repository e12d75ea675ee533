import ArgumentParser
import RootfsCompose

/// Reads `--distribution NAME`: which one is meant of those that a recipe is for.
struct DistributionOption: ParsableArguments {
  @Option(
    name: .customLong("distribution"),
    help: ArgumentHelp(
      "One of the distributions that a recipe is for (default: each in turn).", valueName: "name"))
  var name: String?

  func validate() throws {
    if name?.isEmpty == true {
      throw ValidationError("--distribution is empty; give it a value or leave it out")
    }
  }

  /// The recipe of a file, once for each distribution that is wanted of those it is for.
  func recipes(of path: String) throws(ComposeError) -> [Recipe] {
    if let name { return [try Recipe(contentsOf: path, distribution: name)] }
    return try Recipe.all(contentsOf: path)
  }

  /// For what there can be one of only. Throws a usage error, which begins with `reason`, where one file's recipe is for
  /// several distributions.
  static func refuseSeveral(_ recipes: [Recipe], _ reason: String) throws {
    guard recipes.count > 1, let path = recipes.first?.path else { return }
    let names = recipes.compactMap(\.distribution).joined(separator: ", ")
    throw ValidationError(
      "\(reason), and \(path) is for \(names); choose one with --distribution")
  }
}

/// A recipe that has its turn, or why its file could not be read.
struct RecipeTurn {
  /// As it was given.
  let path: String
  let recipe: Result<Recipe, any Error>
}

/// The recipes that files hold, the distributions of one file in its order.
///
/// Each file is read once, for it may be a pipe.
func recipeTurns(_ paths: [String], _ distribution: DistributionOption) -> [RecipeTurn] {
  paths.flatMap { path in
    do throws(ComposeError) {
      return try distribution.recipes(of: path).map { RecipeTurn(path: path, recipe: .success($0)) }
    } catch {
      return [RecipeTurn(path: path, recipe: .failure(error))]
    }
  }
}

/// Runs a body for each recipe that files hold. One's failure does not keep the others from their turn; the first code is
/// the exit's.
///
/// - Parameter approve: sees the recipes that could be read before the first has its turn.
func forEachRecipe(
  _ paths: [String], _ distribution: DistributionOption, _ display: ProgressDisplay? = nil,
  approving approve: ([Recipe]) throws -> Void = { _ in },
  _ body: (Recipe) async throws -> Void
) async throws {
  let turns = recipeTurns(paths, distribution)
  let recipes = turns.compactMap { try? $0.recipe.get() }
  try approve(recipes)
  try await inTurn(turns, display) { turn in
    let recipe = try turn.recipe.get()
    if recipes.count(where: { $0.path == recipe.path }) > 1, let name = recipe.distribution {
      display?.note("\(recipe.path) for \(name)")
    }
    try await body(recipe)
  }
}
