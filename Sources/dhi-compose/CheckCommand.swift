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
        dhi-compose check recipes/*.yaml

      \(ExitStatus.table)
      """)

  @Argument(help: "Recipe files.", completion: .file(extensions: ["yaml", "yml"]))
  var recipes: [String]

  @Flag(name: .shortAndLong, help: "Print faults only.")
  var quiet = false

  func validate() throws {
    guard !recipes.isEmpty else { throw ValidationError("name at least one recipe") }
  }

  func run() async throws {
    try await forEachRecipe(recipes) { path in
      let recipe = try Recipe(contentsOf: path)
      let preflight = recipe.preflight()
      if !preflight.faults.isEmpty { throw RecipeErrors(errors: preflight.faults) }
      guard !quiet else { return }
      for refusal in preflight.refusals { Console.say("note: \(refusal)") }
      Console.print(
        "\(path): valid" + (preflight.refusals.isEmpty ? "" : ", but build refuses it"))
    }
  }
}
