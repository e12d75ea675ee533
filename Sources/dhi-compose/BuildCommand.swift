import ArgumentParser
import FoundationEssentials
import OCIImage
import PkgResolve
import RootfsCompose

/// The forms an image is written in.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case oci
  case ociArchive = "oci-archive"
  case dockerArchive = "docker-archive"
  case tar

  func path(for name: String) -> String {
    switch self {
    case .oci: "out/" + name
    case .ociArchive: "out/" + name + ".oci.tar"
    case .dockerArchive: "out/" + name + ".docker.tar"
    case .tar: "out/" + name + ".tar"
    }
  }

  func destination(_ path: String) -> ImageDestination {
    switch self {
    case .oci: .layout(path)
    case .ociArchive: .archive(path)
    case .dockerArchive: .dockerArchive(path)
    case .tar: .tar(path)
    }
  }
}

extension LayerCompression: ExpressibleByArgument {
  public static var allValueStrings: [String] { ["gzip", "zstd", "none"] }
}

struct BuildCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Compose images from recipes.",
    discussion: """
      Follows NAME.lock.json where it stands beside NAME.yaml; resolves against the archives as \
      they are now where it does not. A recipe that lists distributions gives an image for each: \
      out/NAME-debian-13, by the lock NAME.debian-13.lock.json.

      Example:
        dhi-compose build recipes/python.yaml --platform linux/amd64,linux/arm64

      \(ExitStatus.table)
      """)

  @Argument(help: "Recipe files.", completion: .file(extensions: ["yaml", "yml"]))
  var recipes: [String]

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where the image goes (default: out/NAME); with several recipes, a folder for them.",
      valueName: "path"))
  var output: String?

  @Option(help: "oci (a layout), oci-archive, docker-archive or tar.")
  var format: OutputFormat = .oci

  @OptionGroup var platform: PlatformOption
  @OptionGroup var distribution: DistributionOption

  @Option(help: "gzip, zstd or none (default: the recipe's, else gzip).")
  var compression: LayerCompression?

  @Flag(help: "Fail unless a lock is there, agrees with the recipe and gives the same digest.")
  var locked = false

  @Option(
    help: ArgumentHelp(
      "Also write what became of each path, as JSON.", valueName: "file"))
  var ledger: String?

  @OptionGroup var archives: ArchiveOptions
  @OptionGroup var outputOptions: OutputOptions

  func validate() throws {
    guard !recipes.isEmpty else { throw ValidationError("name at least one recipe") }
    if recipes.count > 1, ledger != nil {
      throw ValidationError("--ledger goes with one recipe")
    }
    if ledger?.isEmpty == true { throw ValidationError("--ledger is empty; name a file") }
    if ledger == "-" {
      throw ValidationError("--ledger -: standard output holds the digest; name a file")
    }
    try refuseTwins(recipes.map(RecipeName.stem))
  }

  private func refuseTwins(_ names: [String]) throws {
    try RecipeName.refuseTwins(names) { "two recipes are named \($0); build them one at a time" }
  }

  func run() async throws {
    let display = outputOptions.display()
    let composer = archives.composer(compression: compression)
    try await forEachRecipe(recipes, distribution, display, approving: approve) {
      try await build($0, composer, display)
    }
  }

  private func approve(_ read: [Recipe]) throws {
    if recipes.count == 1, output != nil {
      try DistributionOption.refuseSeveral(read, "--output names one image")
    }
    if ledger != nil { try DistributionOption.refuseSeveral(read, "--ledger goes with one image") }
    try refuseTwins(read.map(RecipeName.image))
  }

  private func build(
    _ recipe: Recipe, _ composer: Composer, _ display: ProgressDisplay
  ) async throws {
    let lockPath = RecipeName.lockPath(of: recipe)
    let existing = try LockFiles.read(lockPath)
    if locked && existing == nil {
      throw ComposeError(
        .lockMismatch, lockPath,
        "not found, and --locked needs it; run `\(RecipeName.lockCommand(recipe))`")
    }
    let wanted = try platform.platforms() ?? recipe.definition.platforms
    try checkFormat(wanted, recipe)
    let ledgerFile = try ledger.map { try OutputFile($0) }
    let lock: Lockfile
    if let existing {
      try LockFiles.check(existing, lockPath, against: recipe, platforms: wanted, exactly: locked)
      display.note("following \(lockPath)")
      lock = existing
    } else {
      lock = try await composer.resolve(recipe, for: wanted) { display.show($0) }
    }
    let composed = try await composer.composeWithLedger(
      recipe, lock: lock, platforms: wanted
    ) { display.show($0) }
    if locked { try LockFiles.check(composed.image, against: lock, lockPath) }
    let destination = target(for: recipe)
    try ledgerFile?.write(Array(try LedgerReport.json(composed).utf8))
    do {
      try await composed.image.write(to: format.destination(destination))
    } catch {
      // Neither without the other.
      ledgerFile?.remove()
      throw error
    }
    display.finish()
    try report(composed, at: destination, recipe: recipe, lock: lock)
  }

  /// Told before anything is fetched.
  private func checkFormat(_ platforms: [Platform], _ recipe: Recipe) throws {
    guard format == .dockerArchive || format == .tar, platforms.count > 1 else { return }
    let first = platforms.first?.description ?? ""
    throw ComposeError(
      .invalidRecipe, recipe.path,
      "is for \(platforms.map(\.description).joined(separator: ", ")), and \(format.rawValue) holds one platform; add --platform \(first)"
    )
  }

  private func target(for recipe: Recipe) -> String {
    let name = RecipeName.image(of: recipe)
    guard let output else { return format.path(for: name) }
    guard recipes.count > 1 else { return output }
    return output + format.path(for: name).dropFirst("out".count)
  }

  private func report(
    _ composed: ComposedImage, at path: String, recipe: Recipe, lock: Lockfile
  ) throws {
    let image = composed.image
    if outputOptions.json {
      let report = BuildReport(composed, path: path, recipe: recipe.path, lock: lock)
      Console.write(try JSONOutput.text(report) + "\n", to: 1)
      return
    }
    Console.print(image.digest.description)
    guard !outputOptions.quiet else { return }
    for each in image.platformImages {
      Console.say(
        "\(path): \(each.platform), \(byteText(each.size)) packed, "
          + "\(byteText(composed.unpackedSizes[each.platform] ?? 0)) unpacked")
    }
    Console.say(LoadingAdvice.text(format: format, path: path, recipe: recipe))
  }
}
