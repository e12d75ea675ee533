import FoundationEssentials
import TestSupport
import Testing

/// A folder with a recipe for Alpine, the key it trusts, a store, a place for output, and a mirror to build from.
final class AlpineBench: BuildPlace {
  let scratch: TemporaryDirectory
  /// What Alpine's mirrors look like: `v3.22/main` and so on.
  var mirror: String { scratch.file("mirror") }
  /// The first of its repositories.
  var main: String { scratch.file("mirror/v3.22/main") }
  var testing: String { scratch.file("mirror/edge/testing") }
  var store: String { scratch.file("store") }
  var output: String { scratch.file("result/image") }
  var recipe: String { scratch.file("sample.yaml") }
  var lock: String { scratch.file("sample.lock.json") }

  /// A bench whose mirror holds packages given for one architecture in `v3.22/main`, and nothing else.
  init(_ recipe: String, publishing packages: [ApkBuilder]) throws {
    scratch = try TemporaryDirectory()
    try scratch.write(recipe, to: "sample.yaml")
    try scratch.write(AlpineSigningKey.shared().publicKey, to: Self.keyName)
    try AlpineRepositoryBuilder(directory: main).publish(packages)
  }

  /// A bench with all of ``SampleApks``: `v3.22/main` for both architectures, `edge/testing` for one alone.
  init(_ recipe: String = AlpineBench.smallRecipe) throws {
    scratch = try TemporaryDirectory()
    try scratch.write(recipe, to: "sample.yaml")
    try scratch.write(AlpineSigningKey.shared().publicKey, to: Self.keyName)
    let repository = try AlpineRepositoryBuilder(directory: main)
    for architecture in SampleApks.architectures {
      try repository.publish(
        SampleApks.main(architecture: architecture), architecture: architecture)
    }
    try AlpineRepositoryBuilder(directory: testing).publish(SampleApks.testing())
  }

  static let keyName = "tests@example.org-1.rsa.pub"

  static let head = """
    # syntax=dhi.io/build:2-alpine3.22
    name: Sample
    image: example/sample
    platforms: [linux/amd64]

    """

  static let smallRecipe = recipe(packages: ["greet", "os-info"])

  static func recipe(
    packages: [String], repositories: [String] = [], key: String = keyName, _ more: String = ""
  ) -> String {
    func list(_ items: [String]) -> String { items.map { "    - \"\($0)\"\n" }.joined() }
    let named = repositories.isEmpty ? "" : "  repositories:\n" + list(repositories)
    return head + "contents:\n  keyring: [\"\(key)\"]\n" + named + "  packages:\n" + list(packages)
      + more
  }

  /// Runs a subcommand on the recipe with the store; the packages come from `sources`, else from the mirror.
  func run(
    _ command: String, _ more: [String] = [], sources: [String]? = nil,
    environment: [String: String?] = [:], directory: String? = nil
  ) throws -> HostProgram.Outcome {
    try ComposeProgram.run(
      arguments(command, more, sources: sources), environment: environment, directory: directory)
  }

  func arguments(_ command: String, _ more: [String] = [], sources: [String]? = nil) -> [String] {
    [command, recipe, "--store", store] + (sources ?? ["--mirror", mirror]) + more
  }

  /// Builds to ``output``; returns the digest.
  func build(
    _ more: [String] = [], sources: [String]? = nil, environment: [String: String?] = [:],
    directory: String? = nil, _ sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws -> String {
    let outcome = try run(
      "build", ["--output", output] + more, sources: sources, environment: environment,
      directory: directory)
    try #require(outcome.exitCode == 0, "\(outcome.errors)", sourceLocation: sourceLocation)
    return outcome.output.split(separator: "\n").joined()
  }

  /// The tree of the image, as ``RootfsDump`` writes it.
  func dump(_ more: [String] = []) throws -> [String: String] {
    try RootfsDump.dump(tar: tar(more))
  }

  /// The text of a file of the image's tree.
  func file(_ path: String) throws -> String {
    let tar = try #require(HostProgram.find("tar"))
    return try tar.check(["-xOf", "-", path], input: self.tar()).output
  }

  private func tar(_ more: [String] = []) throws -> [UInt8] {
    let outcome = try run(
      "build", ["--format", "tar", "--output", scratch.file("root.tar")] + more)
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
    return try scratch.read("root.tar")
  }

  /// Builds and locks, checks that both fail alike and leave nothing, and returns what they say, the folder's own path
  /// left out. The packages come from the first repository, given by option, unless `sources` says otherwise.
  func refusal(
    _ exitCode: Int32, sources: [String]? = nil,
    _ sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws -> String {
    let sources = sources ?? ["--repository", main]
    let build = try run("build", ["--quiet", "--output", output], sources: sources)
    #expect(build.exitCode == exitCode, "\(build.errors)", sourceLocation: sourceLocation)
    #expect(build.output == "", sourceLocation: sourceLocation)
    #expect(isWithoutOutput, sourceLocation: sourceLocation)
    let lock = try run("lock", ["--quiet"], sources: sources)
    #expect(lock.exitCode == exitCode, "\(lock.errors)", sourceLocation: sourceLocation)
    #expect(lock.errors == build.errors, sourceLocation: sourceLocation)
    #expect(!FileManager.default.fileExists(atPath: self.lock), sourceLocation: sourceLocation)
    #expect(try leftovers() == [], sourceLocation: sourceLocation)
    return build.errors.replacing(scratch.path, with: "")
  }

  /// Whether nothing is at the output's place nor hidden beside it.
  var isWithoutOutput: Bool { FileListing.names(in: scratch.file("result")).isEmpty }

  /// What a run left in the store that no later run needs.
  func leftovers() throws -> [String] {
    try FileListing.files(below: store).filter {
      $0.hasPrefix("tmp/work.") || $0.hasPrefix("partial/")
    }
  }

  /// The files that the store holds by their digests.
  func storedFiles() throws -> [String] {
    try FileListing.files(below: store).filter { $0.hasPrefix("sha256/") }
  }

  /// The text of a file beside the recipe or elsewhere.
  func text(_ path: String) throws -> String {
    try String(contentsOf: URL(filePath: path), encoding: .utf8)
  }
}
