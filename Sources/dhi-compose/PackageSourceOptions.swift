import ArgumentParser
import FoundationEssentials
import OCIImage
import PkgResolve
import RootfsCompose

/// What `resolve`, `why` and `why-not` choose packages from: the archives of a recipe, or indexes given by hand.
struct PackageSourceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The recipe (default: the only *.yaml of the folder).", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var recipe: String?

  @Option(
    help: ArgumentHelp(
      "Debian Packages files, plain, .xz or .gz, instead of a recipe; - is standard input.",
      discussion:
        "Several may follow one another, or the option be repeated. SUITE=FILE names the suite, which is the file's name "
        + "otherwise.",
      valueName: "[suite=]file"),
    completion: .file())
  var packages: [String] = []

  @Option(
    help: ArgumentHelp(
      "Alpine APKINDEX files, text or .tar.gz, instead of a recipe.",
      discussion:
        "Several may follow one another, or the option be repeated. @TAG=FILE makes a tagged "
        + "repository; NAME=FILE names the index in tables.",
      valueName: "[@tag=|name=]file"),
    completion: .file())
  var apkindex: [String] = []

  @Option(
    help: ArgumentHelp(
      "Architecture as the distribution names it, amd64 or x86_64 (default: the one that the "
        + "indexes hold).", valueName: "arch"))
  var arch: String?

  @Option(
    help: ArgumentHelp(
      "Alpine: a constraint that stands besides the names, such as '!name' or 'name<2'; may be "
        + "repeated.",
      valueName: "dep"))
  var world: [String] = []

  @Option(
    help: ArgumentHelp(
      "Debian: prefer a suite, as apt_preferences(5) does; 500 is usual. May be repeated.",
      valueName: "suite=priority"))
  var pin: [String] = []

  @OptionGroup var platform: PlatformOption
  @OptionGroup var distribution: DistributionOption
  @OptionGroup var bundled: BundleOption
  @OptionGroup var archives: ArchiveOptions

  /// Whether indexes are given by hand.
  var isByHand: Bool { !packages.isEmpty || !apkindex.isEmpty }

  /// Not `validate`, which comes before the parser's own word about options that it does not know.
  func check() throws {
    let given = [
      ("--recipe", recipe != nil), ("--packages", !packages.isEmpty),
      ("--apkindex", !apkindex.isEmpty),
    ].filter(\.1).map(\.0)
    guard given.count <= 1 else {
      throw ValidationError("\(given.joined(separator: " and ")) exclude each other")
    }
    if !world.isEmpty, apkindex.isEmpty { throw ValidationError("--world goes with --apkindex") }
    if !pin.isEmpty, packages.isEmpty { throw ValidationError("--pin goes with --packages") }
    if arch != nil, !isByHand {
      throw ValidationError(
        "--arch goes with --packages or --apkindex; a recipe's platforms are chosen with --platform"
      )
    }
    if isByHand, !platform.texts.isEmpty {
      throw ValidationError("--platform goes with a recipe; choose with --arch")
    }
    if isByHand, distribution.name != nil {
      throw ValidationError("--distribution goes with a recipe; \(given[0]) names indexes")
    }
    let fetching = archives.namesOfFetching + (bundled.path == nil ? [] : ["--bundle"])
    if isByHand, let option = fetching.first {
      throw ValidationError("\(option) goes with a recipe; \(given[0]) fetches nothing")
    }
    let empty = (packages + apkindex).first { IndexFileName($0).path.isEmpty }
    if empty != nil { throw ValidationError("\(given[0]) is empty; name a file") }
    if let text = apkindex.first(where: { IndexFileName($0).tag?.isEmpty == true }) {
      throw ValidationError("\(text): the tag is empty; expected @TAG=FILE")
    }
    if (packages + apkindex).filter({ IndexFileName($0).path == "-" }).count > 1 {
      throw ValidationError("- is given twice; standard input holds one index")
    }
    _ = try pins()
  }

  /// For a command line on which names may have been taken for files.
  var filesTaken: String {
    let files = packages + apkindex
    return files.count < 2 ? "" : "; taken for index files: \(files.joined(separator: ", "))"
  }

  /// The same options for another command; nil where an index came through a pipe.
  var repeatable: [String]? {
    let files = (packages + apkindex).map { IndexFileName($0).path }
    guard files.allSatisfy({ (try? LocalInput.isRegularFile($0)) ?? false }) else { return nil }
    func words(_ option: String, _ values: [String]) -> [String] {
      values.flatMap { [option, $0] }
    }
    func word(_ option: String, _ value: String?) -> [String] { value.map { [option, $0] } ?? [] }
    return word("--recipe", recipe) + words("--packages", packages) + words("--apkindex", apkindex)
      + word("--arch", arch) + words("--world", world) + words("--pin", pin)
      + words("--platform", platform.texts) + word("--distribution", distribution.name)
      + word("--mirror", archives.mirror)
      + word("--security-mirror", archives.securityMirror)
      + words("--repository", archives.repositories) + word("--store", archives.store)
      + word("--bundle", bundled.path) + word("--snapshot", archives.snapshot)
      + word("--snapshot-mirror", archives.snapshotMirror)
      + (archives.offline ? ["--offline"] : [])
      + (archives.allowExpired ? ["--allow-expired"] : [])
  }

  func pins() throws -> [PackagePins.Pin] {
    try pin.map { text in
      guard let sign = text.lastIndex(of: "="), sign != text.startIndex,
        let priority = Int(text[text.index(after: sign)...]), abs(priority) <= 32767
      else {
        throw ValidationError("--pin \(text): expected SUITE=PRIORITY, such as trixie=990")
      }
      return PackagePins.Pin(suite: String(text[..<sign]), priority: priority)
    }
  }

  /// The name of a package in the place of the recipe is the likeliest mistake, its suffix left out the next.
  private static func checkIsThere(_ path: String) throws {
    guard !FileManager.default.fileExists(atPath: path) else { return }
    let named = path + ".yaml"
    throw ComposeError(
      .inputUnreadable, path,
      FileManager.default.fileExists(atPath: named)
        ? "no such recipe; did you mean \(named)?"
        : "no such recipe; name a recipe file, or with --packages or --apkindex indexes and packages"
    )
  }

  /// The recipe that is asked about, once for each distribution that is wanted of it; none with indexes given by hand.
  func recipes() throws -> [Recipe] {
    guard !isByHand else { return [] }
    let path = try recipe ?? RecipeName.soleRecipe()
    try Self.checkIsThere(path)
    return try distribution.recipes(of: path)
  }

  /// The same for a question that has one answer.
  func soleRecipe() throws -> Recipe? {
    let recipes = try recipes()
    guard recipes.count > 1 else { return recipes.first }
    let names = recipes.compactMap(\.distribution).joined(separator: ", ")
    throw ValidationError(
      "\(recipes[0].path) is for \(names), which name packages differently; "
        + "choose one with --distribution")
  }

  /// What is to be solved: for each platform of a recipe, or for the names with indexes given by hand.
  func problems(
    of recipe: Recipe?, _ names: [String], _ display: ProgressDisplay
  ) async throws -> [ResolutionProblem] {
    guard let recipe else {
      return [try await (packages.isEmpty ? alpineProblem(names) : debianProblem(names))]
    }
    let platforms = try platform.platforms() ?? recipe.definition.platforms
    let composer = archives.composer(bundle: try bundled.bundle(archives))
    return try await composer.problems(of: recipe, for: platforms) {
      // What is only shown needs no record of whom it was believed.
      if case .indexVerified = $0 { return }
      display.show($0)
    }
  }
}
