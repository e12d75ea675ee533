import ArgumentParser
import FoundationEssentials
import OCIImage
import PkgResolve
import RootfsCompose

struct UpdateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update",
    abstract: "Renew locks against the archives as they are now, and tell what changed.",
    discussion: """
      Resolves each recipe that has a lock as `lock` would, and writes NAME.lock.json where that \
      leads to another image: other packages, files or settings. A lock whose indexes were only \
      signed anew stays as it is. Without a recipe, those of the folder `recipes` are meant where \
      there is one, else those of the working folder.

      A recipe of a folder that has no lock is passed over; one that is named must have one: \
      `lock` makes it.

      Example:
        dhi-compose update recipes/python.yaml
        dhi-compose update --check --format markdown

      \(ExitStatus.table)
      """)

  @Argument(
    help: "Recipe files, or folders of them (default: recipes, else the working folder).",
    completion: .file(extensions: ["yaml", "yml"]))
  var recipes: [String] = []

  @OptionGroup var distribution: DistributionOption

  @Flag(help: "Write nothing; exit with 10 where a lock would change.")
  var check = false

  @OptionGroup var archives: ArchiveOptions
  @OptionGroup var form: DifferenceFormatOption

  @Flag(name: .shortAndLong, help: "Say nothing but warnings, errors and the result.")
  var quiet = false

  /// As they were named, or found.
  private var places: [String] {
    guard recipes.isEmpty else { return recipes }
    var isFolder = false
    let isThere = FileManager.default.fileExists(atPath: "recipes", isDirectory: &isFolder)
    return [isThere && isFolder ? "recipes" : "."]
  }

  func validate() throws {
    try LockMaking.refuseTwins(RecipeName.files(places).map { RecipeName.lockPath(for: $0) })
  }

  func run() async throws {
    let display = ProgressDisplay(
      style: ProgressDisplay.style(quiet: quiet, json: form.format != .text))
    let files = try RecipeName.files(places)
    let named = Set(places)
    var sessions = [LayerCompression?: ComposerSession]()
    defer { for session in sessions.values { session.close() } }
    var renewals = [LockRenewal]()
    var failure: (any Error)?
    do {
      try await forEachRecipe(files, distribution, display, approving: LockMaking.approve) {
        recipe in
        let path = RecipeName.lockPath(of: recipe)
        guard let old = try LockFiles.read(path) else {
          renewals.append(
            LockRenewal(recipe: recipe.path, lock: path, state: .missing, difference: nil))
          if named.contains(recipe.path) { throw Self.missing(path, recipe) }
          return
        }
        let compression = LockRenewal.compression(of: old, for: recipe)
        let composer = archives.composer(compression: compression)
        try composer.refuseUnsupported(recipe)
        let session = try sessions[compression] ?? ComposerSession(composer)
        sessions[compression] = session
        let target = check ? nil : try OutputFile(path)
        renewals.append(
          try await LockRenewal.run(
            recipe, from: old, at: path, session, observe: { display.show($0) },
            write: target.map { target in { try target.write($0) } }))
      }
    } catch let code as ExitCode where !Interruption.hasCome {
      failure = code
    }
    display.finish()
    try print(renewals)
    if let failure { throw failure }
    try reportingErrors { try refuseNothing(renewals) }
    if check, renewals.contains(where: { $0.state == .outdated }) { throw ExitStatus.outdated }
  }

  private static func missing(_ path: String, _ recipe: Recipe) -> ComposeError {
    ComposeError(
      .inputUnreadable, path, "not found; run `\(RecipeName.lockCommand(recipe))` to make it")
  }

  /// Folders without a single lock are hardly what was meant.
  private func refuseNothing(_ renewals: [LockRenewal]) throws {
    guard !renewals.isEmpty, renewals.allSatisfy({ $0.state == .missing }) else { return }
    throw ComposeError(
      .inputUnreadable, places.joined(separator: ", "),
      "no recipe has a lock; run `dhi-compose lock \(places.joined(separator: " "))` to make them")
  }

  private struct Report: Encodable {
    /// Changes when a key goes.
    let format = 1
    let locks: [LockRenewal]
  }

  private func print(_ renewals: [LockRenewal]) throws {
    guard form.format != .json else {
      return Console.write(try JSONOutput.text(Report(locks: renewals)) + "\n", to: 1)
    }
    // A comment or a summary is about what changed.
    let told = form.format == .markdown ? renewals.filter { $0.state != .missing } : renewals
    guard !told.isEmpty else { return }
    form.print(DifferenceDocument(told, isCheck: check))
  }
}
