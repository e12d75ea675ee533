import ArgumentParser
import OCIImage
import PkgResolve
import RootfsCompose

struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Prove that an image is what its recipe and lock say, or tell why it is not.",
    discussion: """
      Rebuilds the image from the lock and the recipe and compares. Takes an image layout or an \
      OCI archive, whoever built or copied it. Where the image is identical, prints one line. \
      Where it differs, exits with 1 and prints what differs, the most telling first: path, \
      attribute, both values, package and rule, and a likely cause. An image that differs in how \
      its layers are compressed, and in nothing else, is said to do so, and differs.

      Either of RECIPE and --lock may be left out: NAME.lock.json goes with NAME.yaml beside it.

      Example:
        dhi-compose verify out/python recipes/python.yaml
        dhi-compose verify python.oci.tar --lock recipes/python.lock.json

      \(ExitStatus.table)
      """)

  @Argument(help: "Image layout or OCI archive.", completion: .file())
  var image: String

  @Argument(help: "Recipe file.", completion: .file(extensions: ["yaml", "yml"]))
  var recipe: String?

  @Option(help: ArgumentHelp("The lock (default: the recipe's).", valueName: "file"))
  var lock: String?

  @Option(
    name: .customLong("platform"),
    help: ArgumentHelp(
      "Platforms, joined by commas (default: all that the image is for).",
      valueName: "os/arch[,…]"))
  var platformTexts: [String] = []

  @OptionGroup var distribution: DistributionOption

  @Flag(help: "Show every difference, not the first 20.")
  var all = false

  @OptionGroup var bundled: BundleOption
  @OptionGroup var archives: ArchiveOptions
  @OptionGroup var outputOptions: OutputOptions

  func validate() throws {
    guard recipe != nil || lock != nil else {
      throw ValidationError("name the recipe, or its lock with --lock")
    }
    for (name, value) in [("IMAGE", image), ("RECIPE", recipe), ("--lock", lock)]
    where value?.isEmpty == true {
      throw ValidationError("\(name) is empty; name a path")
    }
    _ = try platforms()
  }

  private func platforms() throws -> [Platform]? {
    var option = PlatformOption()
    option.texts = platformTexts
    return try option.platforms()
  }

  func run() async throws {
    let display = outputOptions.display()
    try await reportingErrors(display) {
      let input = try VerifyInput(recipe: recipe, lock: lock, distribution: distribution.name)
      let found = try ImageInput.image(
        at: image, reads: "verify reads image layouts and OCI archives")
      let wanted = try platforms()
      try refuseUnlocked(wanted ?? found.platforms, input)
      let composer = archives.composer(bundle: try bundled.bundle(archives))
      let verification = try await composer.verify(
        found, recipe: input.recipe, lock: input.lock, platforms: wanted
      ) { display.show($0) }
      display.finish()
      try show(
        VerifyReport(
          image: image, recipe: input.recipe.path, lock: input.lockPath,
          verification: verification))
      if verification.verdict != .identical { throw ExitStatus.failure }
    }
  }

  private func refuseUnlocked(_ platforms: [Platform], _ input: VerifyInput) throws {
    guard let missing = platforms.first(where: { input.lock.platforms[$0.description] == nil })
    else { return }
    let locked = input.lock.platforms.keys.sorted().joined(separator: ", ")
    throw ComposeError(
      .lockMismatch, input.lockPath,
      "holds no packages for \(missing), only for \(locked); choose with --platform what to verify")
  }

  private func show(_ report: VerifyReport) throws {
    if outputOptions.json {
      Console.write(try JSONOutput.text(report.document) + "\n", to: 1)
      return
    }
    for line in report.lines(all: all) { Console.print(line) }
    for note in report.verification.notes { Console.say("note: " + note) }
  }
}
