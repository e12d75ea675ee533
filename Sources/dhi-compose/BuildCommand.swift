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
      out/NAME-debian-13, by the lock NAME.debian-13.lock.json. Several recipes are built at \
      once and share their work; an image that would come out as it lies there is left alone.

      Example:
        dhi-compose build recipes/python.yaml --platform linux/amd64,linux/arm64
        dhi-compose build recipes --output images
        dhi-compose build --bundle python.bundle.tar --offline --locked

      \(ExitStatus.table)
      """)

  @Argument(
    help: "Recipe files, or folders of them.", completion: .file(extensions: ["yaml", "yml"]))
  var recipes: [String] = []

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where the image goes (default: out/NAME); for several recipes or a folder of them, a folder.",
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

  @OptionGroup var bundled: BundleOption

  @Option(
    help: ArgumentHelp(
      "Also write a report of the image, one HTML page that needs nothing else.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var report: String?

  @OptionGroup var archives: ArchiveOptions
  @OptionGroup var outputOptions: OutputOptions

  func validate() throws {
    guard !recipes.isEmpty || bundled.path != nil else {
      throw ValidationError("name at least one recipe, or a bundle with --bundle")
    }
    let files = try RecipeName.files(recipes)
    if output?.isEmpty == true { throw ValidationError("--output is empty; name a path") }
    for (option, file) in accounts {
      if files.count > 1 { throw ValidationError("\(option) goes with one recipe") }
      if file.isEmpty { throw ValidationError("\(option) is empty; name a file") }
      if file == "-" {
        throw ValidationError("\(option) -: standard output holds the digest; name a file")
      }
    }
    if accounts.count == 2, accounts[0].file == accounts[1].file {
      throw ValidationError("--ledger and --report name one file; name two")
    }
    let places = files.map { $0.hasPrefix("./") ? String($0.dropFirst(2)) : $0 }
    try RecipeName.refuseTwins(places) { "\($0) is named twice; name it once" }
    try refuseTwins(files.map(RecipeName.stem))
  }

  /// The options given that write a file about the image beside it.
  private var accounts: [(option: String, file: String)] {
    [("--ledger", ledger), ("--report", report)].compactMap { option, file in
      file.map { (option, $0) }
    }
  }

  private func refuseTwins(_ names: [String]) throws {
    try RecipeName.refuseTwins(names) { "two recipes are named \($0); build them one at a time" }
  }

  func run() async throws {
    let display = outputOptions.display()
    try await reportingErrors(display) {
      let bundle = try bundled.bundle(archives)
      let files = try RecipeName.files(recipes)
      let turns =
        files.isEmpty ? try bundle?.turns(distribution) ?? [] : recipeTurns(files, distribution)
      // A folder gives a list even where it holds one recipe only: the next may come tomorrow.
      let isOneFile =
        files == recipes && (files.isEmpty ? Set(turns.map(\.path)) : Set(files)).count == 1
      try approve(turns.compactMap { try? $0.recipe.get() }, isOneFile: isOneFile)
      let composer = archives.composer(compression: compression, bundle: bundle)
      if let turn = turns.first, turns.count == 1, isOneFile {
        let recipe = try turn.recipe.get()
        try composer.refuseUnsupported(recipe)
        try await buildOne(recipe, try ComposerSession(composer), display)
      } else {
        try await buildAll(turns, composer, display)
      }
    }
  }

  private func approve(_ read: [Recipe], isOneFile: Bool) throws {
    if isOneFile, output != nil {
      try DistributionOption.refuseSeveral(read, "--output names one image")
    }
    for (option, _) in accounts {
      try DistributionOption.refuseSeveral(read, "\(option) goes with one image")
    }
    try refuseTwins(read.map(RecipeName.image))
  }

  private func buildOne(
    _ recipe: Recipe, _ session: ComposerSession, _ display: ProgressDisplay
  ) async throws {
    defer { session.close() }
    let build = try image(recipe, isAlone: true, session, display)
    let report = try await build.run()
    display.finish()
    if outputOptions.json {
      Console.write(try JSONOutput.text(report) + "\n", to: 1)
      return
    }
    Console.print(report.digest)
    guard !outputOptions.quiet else { return }
    for (platform, part) in report.platforms.sorted(by: { $0.key < $1.key }) {
      Console.say(
        "\(report.output): \(platform), \(byteText(part.size)) packed, "
          + "\(byteText(part.unpackedSize)) unpacked")
    }
    Console.say(LoadingAdvice.text(format: format, path: report.output, recipe: recipe))
  }

  /// All at once. What one fails of is told at the end, and keeps no other from being built.
  private func buildAll(
    _ turns: [RecipeTurn], _ composer: Composer, _ display: ProgressDisplay
  ) async throws {
    let (session, builds) = try builds(turns, composer, display)
    defer { session?.close() }
    let results = await withTaskGroup(of: (Int, Result<BuildReport, any Error>).self) { group in
      for (position, build) in builds.enumerated() {
        group.addTask {
          do {
            return (position, .success(try await build.get().run()))
          } catch {
            return (position, .failure(error))
          }
        }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    let outcomes = turns.enumerated().compactMap { position, turn in
      results[position].map { result in
        let recipe = try? turn.recipe.get()
        return BuildSummary.Outcome(
          name: recipe.map(RecipeName.image) ?? RecipeName.stem(turn.path), recipe: turn.path,
          distribution: recipe?.distribution, result: result)
      }
    }
    display.finish()
    try report(BuildSummary(outcomes: outcomes))
  }

  /// What is to be done for each turn, with one session; recipes that are all refused leave no store.
  private func builds(
    _ turns: [RecipeTurn], _ composer: Composer, _ display: ProgressDisplay
  ) throws -> (ComposerSession?, [Result<ImageBuild, any Error>]) {
    var shared: ComposerSession?
    let builds = try turns.map { turn -> Result<ImageBuild, any Error> in
      let recipe: Recipe
      do {
        recipe = try turn.recipe.get()
        try composer.refuseUnsupported(recipe)
      } catch {
        return .failure(error)
      }
      let session = try shared ?? ComposerSession(composer)
      shared = session
      return .success(try image(recipe, isAlone: false, session, display))
    }
    return (shared, builds)
  }

  private func report(_ summary: BuildSummary) throws {
    for outcome in summary.outcomes {
      switch outcome.result {
      case .success(let report):
        let line = "\(report.digest)  \(report.output)"
        Console.write((outputOptions.json ? try JSONOutput.text(report) : line) + "\n", to: 1)
      case .failure(let error) where outputOptions.json:
        let failure = BuildFailure(
          recipe: outcome.recipe, distribution: outcome.distribution,
          errors: faults(of: error).map { "\($0)" }, exitCode: ExitStatus.code(for: error).rawValue)
        Console.write(try JSONOutput.text(failure) + "\n", to: 1)
      case .failure: break
      }
    }
    if !outputOptions.quiet && !outputOptions.json {
      for line in summary.table { Console.say(line) }
      if let sharing = summary.sharing { Console.say(sharing) }
    }
    for line in summary.faultLines { Console.say(line) }
    guard let code = summary.exitCode else { return }
    guard !Interruption.hasCome else {
      Console.say("error: interrupted; \(summary.count)")
      throw Interruption.exitCode
    }
    Console.say("error: \(summary.count)")
    throw code
  }

  /// - Parameter isAlone: whether no other image is built beside it, so that nothing need say which one is meant.
  private func image(
    _ recipe: Recipe, isAlone: Bool, _ session: ComposerSession, _ display: ProgressDisplay
  ) throws -> ImageBuild {
    let name = isAlone ? nil : RecipeName.image(of: recipe)
    return ImageBuild(
      recipe: recipe, platforms: try platforms(for: recipe, session),
      format: format, output: target(for: recipe, isAlone: isAlone), compression: compression,
      isLocked: locked, ledger: ledger, report: report, session: session,
      show: { display.show($0, of: name) },
      note: { text in display.note((name.map { $0 + ": " } ?? "") + text) })
  }

  private func platforms(for recipe: Recipe, _ session: ComposerSession) throws -> [Platform] {
    try platform.platforms() ?? session.composer.options.bundle?.platforms(for: recipe)
      ?? recipe.definition.platforms
  }

  private func target(for recipe: Recipe, isAlone: Bool) -> String {
    let name = RecipeName.image(of: recipe)
    guard let output else { return format.path(for: name) }
    if isAlone { return output }
    let folder = output.hasSuffix("/") ? String(output.dropLast()) : output
    return folder + format.path(for: name).dropFirst("out".count)
  }
}
