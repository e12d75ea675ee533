import ArgumentParser
import RootfsCompose

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Validate recipes without resolving or fetching.",
    discussion: """
      Prints every fault as file:line:column. Keys that are valid but cannot be composed are \
      named as notes; `build` refuses them.

      Example:
        dhi-compose check recipes

      \(ExitStatus.table)
      """)

  @Argument(
    help: "Recipe files, or folders of them.", completion: .file(extensions: ["yaml", "yml"]))
  var recipes: [String]

  @OptionGroup var distribution: DistributionOption

  @Flag(name: .shortAndLong, help: "Print faults only.")
  var quiet = false

  func validate() throws {
    guard !recipes.isEmpty else { throw ValidationError("name at least one recipe") }
    _ = try RecipeName.files(recipes)
  }

  func run() async throws {
    // What is wrong for every distribution of a recipe is told once.
    var told = Set<String>()
    try await forEachRecipe(RecipeName.files(recipes), distribution) { recipe in
      let preflight = recipe.preflight()
      if !preflight.faults.isEmpty {
        let new = preflight.faults.filter { told.insert($0.description).inserted }
        throw new.isEmpty ? ExitStatus.badData : RecipeErrors(errors: new)
      }
      guard !quiet else { return }
      for refusal in preflight.refusals where told.insert(refusal.description).inserted {
        Console.say("note: \(refusal)")
      }
      let isListed = !recipe.listedDistributions.isEmpty
      Console.print(
        "\(recipe.path): valid" + (isListed ? " for \(recipe.distribution ?? "")" : "")
          + (preflight.refusals.isEmpty ? "" : ", but build refuses it"))
    }
  }
}
