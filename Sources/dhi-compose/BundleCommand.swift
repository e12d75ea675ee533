import ArgumentParser
import FoundationEssentials
import OCIImage
import PkgResolve
import RootfsCompose

struct BundleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle",
    abstract: "Put all that images are made from into one file, to build them without a network.",
    discussion: """
      Holds the recipes with their local files, their locks, packages, signed indexes and keys. \
      The same input gives the same bytes. `build --bundle FILE --offline` makes the images with \
      the digests that the locks record.

      Example:
        dhi-compose lock recipes/python.yaml
        dhi-compose bundle recipes/python.yaml --output python.bundle.tar
        dhi-compose build --bundle python.bundle.tar --offline --locked

      \(ExitStatus.table)
      """)

  @Argument(
    help: "Recipe files, or folders of them, each with its lock.",
    completion: .file(extensions: ["yaml", "yml"]))
  var recipes: [String]

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file"))
  var output: String

  @OptionGroup var platform: PlatformOption
  @OptionGroup var distribution: DistributionOption
  @OptionGroup var archives: ArchiveOptions
  @OptionGroup var outputOptions: OutputOptions

  func validate() throws {
    guard !recipes.isEmpty else { throw ValidationError("name at least one recipe") }
    guard !output.isEmpty else { throw ValidationError("--output is empty; name a file") }
    guard output != "-" else {
      throw ValidationError("--output -: standard output says what was written; name a file")
    }
    try RecipeName.refuseTwins(RecipeName.files(recipes).map(RecipeName.stem)) {
      "two recipes are named \($0); bundle them apart"
    }
  }

  /// What is printed as JSON.
  private struct Report: Codable {
    let bundle: String
    let identity: String
    let members: Int
    /// In bytes.
    let size: Int64
  }

  func run() async throws {
    let display = outputOptions.display()
    try await reportingErrors(display) {
      let requests = try recipeTurns(RecipeName.files(recipes), distribution).map { turn in
        try request(turn.recipe.get())
      }
      let file = try OutputFile(output)
      let session = try ComposerSession(archives.composer())
      defer { session.close() }
      let draft = try await session.bundle(requests) { display.show($0) }
      try file.write { descriptor throws(ComposeError) in
        try draft.write(to: descriptor, name: output) { Interruption.hasCome }
      }
      display.finish()
      let report = Report(
        bundle: output, identity: try draft.identity, members: draft.memberCount,
        size: draft.contentSize)
      if outputOptions.json {
        Console.write(try JSONOutput.text(report) + "\n", to: 1)
      } else {
        Console.print(output)
        if !outputOptions.quiet {
          Console.say(
            "\(output): \(requests.count) \(requests.count == 1 ? "image" : "images"), "
              + "\(report.members) files, \(byteText(report.size))")
        }
      }
    }
  }

  private func request(_ recipe: Recipe) throws -> BundleRequest {
    let path = RecipeName.lockPath(of: recipe)
    guard let bytes = try LockFiles.bytes(path) else {
      throw ComposeError(
        .inputUnreadable, path,
        "not found, and a bundle is made of a lock; run `\(RecipeName.lockCommand(recipe))`")
    }
    let lock = try Lockfile(decoding: bytes, name: path)
    let platforms =
      try platform.platforms()
      ?? recipe.definition.platforms.filter { lock.platforms[$0.description] != nil }
    try LockFiles.check(lock, path, against: recipe, platforms: platforms, exactly: false)
    return BundleRequest(
      recipe: recipe, lock: lock, lockBytes: bytes,
      lockName: path.split(separator: "/").last.map(String.init) ?? path, platforms: platforms)
  }
}
