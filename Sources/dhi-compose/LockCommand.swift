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
      the image without writing it out, and records packages, indexes and digests. A recipe that \
      lists distributions has a lock for each: NAME.debian-13.lock.json.

      Example:
        dhi-compose lock recipes/python.yaml

      \(ExitStatus.table)
      """)

  @Argument(
    help: "Recipe files, or folders of them.", completion: .file(extensions: ["yaml", "yml"]))
  var recipes: [String]

  @OptionGroup var platform: PlatformOption
  @OptionGroup var distribution: DistributionOption

  @Option(help: "Compression whose digests are recorded (default: the recipe's, else gzip).")
  var compression: LayerCompression?

  @OptionGroup var bundled: BundleOption
  @OptionGroup var archives: ArchiveOptions
  @OptionGroup var outputOptions: OutputOptions

  func validate() throws {
    guard !recipes.isEmpty else { throw ValidationError("name at least one recipe") }
    try LockMaking.refuseTwins(RecipeName.files(recipes).map { RecipeName.lockPath(for: $0) })
  }

  func run() async throws {
    let display = outputOptions.display()
    var bundle: Bundle?
    try reportingErrors { bundle = try bundled.bundle(archives) }
    let composer = archives.composer(compression: compression, bundle: bundle)
    // Recipes that are refused leave no store.
    var shared: ComposerSession?
    defer { shared?.close() }
    try await forEachRecipe(
      RecipeName.files(recipes), distribution, display,
      approving: LockMaking.approve
    ) { recipe in
      let platforms = try platform.platforms() ?? recipe.definition.platforms
      try composer.refuseUnsupported(recipe)
      let session = try shared ?? ComposerSession(composer)
      shared = session
      let resolved = try await session.resolve(recipe, for: platforms) { display.show($0) }
      let lock = try await LockMaking.recordingImage(in: resolved, of: recipe, session) {
        display.show($0)
      }
      let bytes = try lock.encoded()
      let target = RecipeName.lockPath(of: recipe)
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
