import ArgumentParser
import FoundationEssentials
import OCIImage
import PkgResolve
import RootfsCompose

struct DiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Tell what changed between two images, locks or recipes.",
    discussion: """
      Takes two image layouts or OCI archives, two locks, or two recipes. Of images: packages with \
      their versions and sizes, files by package, modes, owners, set-user-ID bits and \
      capabilities, link targets, configuration, and shared layers; what bears on security comes \
      first. Of locks: packages, with those of a security suite first. Of recipes: keys, with \
      their lines. Times are not compared.

      Exits with 0 whether or not something differs; with --exit-code, a difference is 1.

      Example:
        dhi-compose diff out/python-old out/python
        dhi-compose diff old.lock.json recipes/python.lock.json --format markdown

      \(ExitStatus.table)
      """)

  @Argument(help: "The older of the two.", completion: .file())
  var before: String

  @Argument(help: "The newer one.", completion: .file())
  var after: String

  @OptionGroup var platform: PlatformOption
  @OptionGroup var form: DifferenceFormatOption

  @Flag(help: "Exit with 1 where something differs.")
  var exitCode = false

  private enum Kind: String {
    case image = "an image"
    case lock = "a lock"
    case recipe = "a recipe"

    init(_ path: String) {
      var isFolder = false
      let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      let isFile = !isThere || !isFolder
      if isFile, path.hasSuffix(".json") {
        self = .lock
      } else if isFile, [".yaml", ".yml"].contains(where: path.hasSuffix) {
        self = .recipe
      } else {
        self = .image
      }
    }
  }

  func validate() throws {
    let (old, new) = (Kind(before), Kind(after))
    guard old == new else {
      throw ValidationError(
        "diff compares like with like: \(before) is \(old.rawValue), \(after) is \(new.rawValue); "
          + advice(old, new))
    }
    if old == .recipe, try platform.platforms() != nil {
      throw ValidationError("--platform is for images and locks; recipes are compared as written")
    }
  }

  private func advice(_ kinds: Kind...) -> String {
    if !kinds.contains(.image) {
      return "`dhi-compose update --check` says whether a lock is what its recipe comes to now"
    }
    return kinds.contains(.lock)
      ? "`dhi-compose verify` says whether an image is what its lock says"
      : "build the recipe, and name its image"
  }

  func run() async throws {
    try await reportingErrors {
      let isEmpty =
        switch Kind(before) {
        case .image: try await compareImages()
        case .lock: try compareLocks()
        case .recipe: try compareRecipes()
        }
      if exitCode, !isEmpty { throw ExitStatus.failure }
    }
  }

  private var names: (String, String) {
    let heads = Comparison.heads([before, after])
    return (heads[0], heads[1])
  }

  private func compareImages() async throws -> Bool {
    let reads = "diff reads image layouts, OCI archives, locks and recipes"
    let difference = try await ImageDifference.between(
      try ImageInput.image(at: before, reads: reads), try ImageInput.image(at: after, reads: reads),
      platforms: try platform.platforms(), threads: ProcessInfo.processInfo.activeProcessorCount)
    try print("images", difference, isEmpty: difference.isEmpty) {
      DifferenceDocument(difference, names: names, bound: $0)
    }
    return difference.isEmpty
  }

  private func compareLocks() throws -> Bool {
    let difference = try LockDifference(
      from: try lock(before), to: try lock(after), platforms: try platform.platforms())
    try print("locks", difference, isEmpty: difference.isEmpty) { _ in
      DifferenceDocument(difference, names: names)
    }
    return difference.isEmpty
  }

  private func lock(_ path: String) throws -> Lockfile {
    guard let lock = try LockFiles.read(path) else {
      throw ComposeError(.inputUnreadable, path, "not found; name a lock that is there")
    }
    return lock
  }

  private func compareRecipes() throws -> Bool {
    let difference = try RecipeDifference(from: before, to: after)
    try print("recipes", difference, isEmpty: difference.isEmpty) { _ in
      DifferenceDocument(difference, names: names)
    }
    return difference.isEmpty
  }

  /// What machines get.
  private struct Report<Difference: Encodable>: Encodable {
    /// Changes when a key goes.
    let format = 1
    /// `images`, `locks` or `recipes`.
    let kind: String
    let before: String
    let after: String
    let differs: Bool
    let difference: Difference
  }

  private func print(
    _ kind: String, _ difference: some Encodable, isEmpty: Bool,
    _ document: (DifferenceBound) -> DifferenceDocument
  ) throws {
    guard form.format != .json else {
      let report = Report(
        kind: kind, before: before, after: after, differs: !isEmpty, difference: difference)
      return Console.write(try JSONOutput.text(report) + "\n", to: 1)
    }
    form.print(document(form.bound))
  }
}

extension DifferenceFormatOption {
  var bound: DifferenceBound { all ? .all : .usual }

  /// Prints what is not JSON.
  func print(_ document: DifferenceDocument) {
    if format == .markdown {
      Console.write(DifferenceMarkdown(document: document, bound: bound).text, to: 1)
    } else {
      let lines = DifferenceText(document: document, bound: bound).lines
      Console.write(lines.map { $0 + "\n" }.joined(), to: 1)
    }
  }
}
