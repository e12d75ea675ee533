import ArgumentParser
import OCIImage
import PkgResolve
import RootfsCompose

struct LockCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lock",
    abstract: "Resolve recipes and write NAME.lock.json beside each.",
    discussion: """
      Resolves against the archives as they are now, for every platform of the recipe, composes \
      the image without writing it out, and records packages, indexes and digests.

      Example:
        dhi-compose lock recipes/python.yaml

      \(ExitStatus.table)
      """)

  @Argument(help: "Recipe files.", completion: .file(extensions: ["yaml", "yml"]))
  var recipes: [String]

  @OptionGroup var platform: PlatformOption

  @Option(help: "Compression whose digests are recorded (default: the recipe's, else gzip).")
  var compression: LayerCompression?

  @OptionGroup var archives: ArchiveOptions
  @OptionGroup var outputOptions: OutputOptions

  func validate() throws {
    guard !recipes.isEmpty else { throw ValidationError("name at least one recipe") }
    let locks = recipes.map(RecipeName.lockPath)
    if let twice = locks.first(where: { lock in locks.filter { $0 == lock }.count > 1 }) {
      throw ValidationError("two recipes share the lock \(twice); lock them one at a time")
    }
  }

  func run() async throws {
    let display = outputOptions.display()
    let composer = archives.composer(compression: compression)
    try await forEachRecipe(recipes, display) { path in
      let recipe = try Recipe(contentsOf: path)
      let platforms = try platform.platforms() ?? recipe.definition.platforms
      var lock = try await composer.resolve(recipe, for: platforms) { display.show($0) }
      let image = try await composer.compose(recipe, lock: lock) { display.show($0) }
      lock.image = LockRecords.image(of: image)
      let bytes = try lock.encoded()
      let target = RecipeName.lockPath(for: path)
      try OutputFile(target).write(bytes)
      display.finish()
      if outputOptions.json {
        Console.write(String(decoding: bytes, as: UTF8.self), to: 1)
      } else {
        Console.print(target)
      }
    }
  }
}
