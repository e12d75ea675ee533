import ArgumentParser
import FoundationEssentials
import OCIImage
import RootfsCompose

/// Options of every subcommand that reads package archives.
struct ArchiveOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Mirror of the distribution: a URL or a folder that holds dists/, or v3.22/main and so on.",
      discussion:
        "Before DHI_DEBIAN_MIRROR or DHI_ALPINE_MIRROR, the recipe, the host's apt sources and the snapshot service.",
      valueName: "url"))
  var mirror: String?

  @Option(help: ArgumentHelp("Mirror of Debian's security archive.", valueName: "url"))
  var securityMirror: String?

  @Option(
    name: .customLong("repository"),
    help: ArgumentHelp(
      "Alpine repository, in place of all that the recipe names; may be given several times.",
      discussion:
        "A URL or a folder that holds x86_64/APKINDEX.tar.gz; \"@tag URL\" gives it a tag.",
      valueName: "url"))
  var repositories: [String] = []

  @Option(
    help: ArgumentHelp(
      "Resolve against Debian's archives as they were then, 20250906T101112Z.",
      discussion: "In the place of all mirrors, and of the recipe's compose.snapshot.",
      valueName: "time"))
  var snapshot: String?

  @Option(
    help: ArgumentHelp(
      "Snapshot service: a URL or a folder that holds debian/TIME/dists/; none asks no service.",
      discussion:
        "Before DHI_DEBIAN_SNAPSHOT; Debian's own otherwise. Packages of a lock that have left their mirrors come from "
        + "there.",
      valueName: "url"))
  var snapshotMirror: String?

  @Flag(help: "Ask no server for anything: what is not in the store or a bundle is an error.")
  var offline = false

  @Option(
    help: ArgumentHelp(
      "Folder for downloads (default: $XDG_CACHE_HOME/dhi-compose).", valueName: "dir"))
  var store: String?

  @Flag(help: "Accept signed indexes past their Valid-Until; the lock says so.")
  var allowExpired = false

  @Option(
    help: ArgumentHelp(
      "Packages decoded at once (default: one per processor).", valueName: "count"))
  var decoders: Int?

  @Option(help: ArgumentHelp("Downloads at once (default: 8).", valueName: "count"))
  var downloads: Int?

  func validate() throws {
    guard downloads.map({ (1...64).contains($0) }) ?? true,
      decoders.map({ (1...256).contains($0) }) ?? true
    else {
      throw ValidationError("--downloads takes 1 to 64, --decoders 1 to 256")
    }
    // An unset variable of the shell's must not choose another mirror.
    let named: [(String, String?)] = [
      ("--mirror", mirror), ("--security-mirror", securityMirror), ("--store", store),
      ("--snapshot-mirror", snapshotMirror),
    ]
    for (name, value) in named + repositories.map({ ("--repository", $0) })
    where value?.isEmpty == true {
      throw ValidationError("\(name) is empty; give it a value or leave it out")
    }
    if snapshot != nil, mirror != nil || securityMirror != nil {
      throw ValidationError(
        "--snapshot and \(mirror != nil ? "--mirror" : "--security-mirror") exclude each other; "
          + "--snapshot-mirror names another snapshot service")
    }
  }

  /// The options given that say how packages are fetched, which indexes given by hand have no use for.
  var namesOfFetching: [String] {
    [
      ("--mirror", mirror != nil), ("--security-mirror", securityMirror != nil),
      ("--repository", !repositories.isEmpty), ("--snapshot", snapshot != nil),
      ("--snapshot-mirror", snapshotMirror != nil), ("--offline", offline),
      ("--allow-expired", allowExpired), ("--downloads", downloads != nil),
      ("--decoders", decoders != nil),
    ].filter(\.1).map(\.0)
  }

  var storeLocation: StoreLocation { store.map { .directory($0) } ?? .userCache }

  func composer(compression: LayerCompression? = nil, bundle: Bundle? = nil) -> Composer {
    var limits = Limits(downloads: downloads ?? 8)
    if let decoders { limits.decoders = decoders }
    return Composer(
      store: storeLocation, limits: limits,
      options: ComposerOptions(
        mirror: mirror, securityMirror: securityMirror, repositories: repositories,
        snapshot: snapshot, snapshotMirror: snapshotMirror, isOffline: offline, bundle: bundle,
        allowExpired: allowExpired,
        compression: compression))
  }
}

/// How much a subcommand says, and in which form.
struct OutputOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Say nothing but warnings and errors.")
  var quiet = false

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  func display() -> ProgressDisplay {
    ProgressDisplay(style: ProgressDisplay.style(quiet: quiet, json: json))
  }
}

/// Reads `--platform linux/amd64,linux/arm64`, given once or several times.
struct PlatformOption: ParsableArguments {
  @Option(
    name: .customLong("platform"),
    help: ArgumentHelp(
      "Platforms, joined by commas (default: the recipe's).", valueName: "os/arch[,…]"))
  var texts: [String] = []

  /// nil where none was named. In the order of an index, each once.
  func platforms() throws -> [Platform]? {
    guard !texts.isEmpty else { return nil }
    var named = Set<Platform>()
    for text in texts.flatMap({ $0.split(separator: ",") }) {
      guard let platform = Platform(String(text)) else {
        let known = Platform.supported.map(\.description).joined(separator: ", ")
        throw ValidationError("--platform \(text): expected one of \(known)")
      }
      named.insert(platform)
    }
    return Platform.supported.filter(named.contains)
  }

  func validate() throws { _ = try platforms() }
}

/// Runs a subcommand's body: prints an error in one form and exits with its code.
///
/// - Parameter isFirst: whether nothing was written before it.
func reportingErrors(
  _ display: ProgressDisplay? = nil, isFirst: Bool = true, _ body: () async throws -> Void
) async throws {
  do { try await body() } catch { throw reported(error, display, isFirst: isFirst) }
}

/// As the other, for a subcommand that waits for nothing.
func reportingErrors(_ body: () throws -> Void) throws {
  do { try body() } catch { throw reported(error, nil, isFirst: true) }
}

/// Prints an error; returns what to exit with.
private func reported(
  _ error: any Error, _ display: ProgressDisplay?, isFirst: Bool
) -> any Error {
  if error is ValidationError { return error }
  display?.finish()
  if error is ExitCode { return error }
  guard !Interruption.hasCome else {
    Console.say("error: interrupted; nothing \(isFirst ? "" : "more ")was written")
    return Interruption.exitCode
  }
  for fault in faults(of: error) { Console.say("error: \(fault)") }
  return ExitStatus.code(for: error)
}

/// A recipe's faults are one error to a caller, and a line each to a person.
func faults(of error: any Error) -> [any Error] {
  switch error {
  case let errors as RecipeErrors: errors.errors
  case let error as ComposeError: error.all
  default: [error]
  }
}

/// Runs a body for each item. One's failure does not keep the others from their turn; the first code is the exit's.
func inTurn<Item>(
  _ items: [Item], _ display: ProgressDisplay? = nil, _ body: (Item) async throws -> Void
) async throws {
  var failed: ExitCode?
  for (position, item) in items.enumerated() {
    do {
      try await reportingErrors(display, isFirst: position == 0) { try await body(item) }
    } catch let code as ExitCode where !Interruption.hasCome {
      failed = failed ?? code
    }
  }
  if let failed { throw failed }
}
