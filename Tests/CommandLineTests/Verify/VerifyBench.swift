import FoundationEssentials
import PkgResolve
import TestSupport
import Testing

/// A recipe, its lock and the image they give, made once; each test has a folder of its own with copies of the two, and
/// with what it plants.
final class VerifyBench {
  let scratch: TemporaryDirectory
  private let origin: Origin

  /// What all tests share, and none changes.
  private struct Origin: Sendable {
    let folder: String
    let archive: String
    var store: String { folder + "/store" }
    var image: String { folder + "/image" }
  }

  private static let scratch = Result { try TemporaryDirectory() }

  private static let origin: Result<Origin, any Error> = Result {
    let folder = try scratch.get()
    let origin = Origin(folder: folder.path, archive: folder.file("archive"))
    let publisher = try SampleArchive.publisher(in: origin.archive)
    try publisher.publishDistribution(packages())
    try FileManager.default.copyItem(
      atPath: publisher.armouredKeyring, toPath: folder.file("archive.asc"))
    try folder.write(recipe, to: "sample.yaml")
    for arguments in [
      ["lock", "sample.yaml"], ["build", "sample.yaml", "--output", "image", "--locked"],
    ] {
      let outcome = try ComposeProgram.run(
        arguments + ["--store", origin.store, "--mirror", origin.archive, "-q"],
        directory: folder.path)
      guard outcome.succeeded else { throw TestSupportError(outcome.errors) }
    }
    return origin
  }

  static let recipe = """
    # syntax=dhi.io/build:2-debian13
    name: Sample
    image: example/sample
    platforms: [linux/amd64]
    contents:
      keyring: [archive.asc]
      packages: [greet, os-info]
    accounts:
      run-as: app
      users: [{name: app, uid: 65532, gid: 65532}]
      groups: [{name: app, gid: 65532}]
    environment: {GREETING: hello}
    entrypoint: [/usr/bin/greet]

    """

  /// - Parameter words: what the package `greet` says, under the same version whatever it is.
  static func packages(words: String = "good day\nand good night\n") -> [DebBuilder] {
    var greet = DebBuilder("greet", version: "1.2-3", fields: [("Depends", "greet-data")])
    greet.directory("/usr")
    greet.directory("/usr/bin")
    greet.file(
      "/usr/bin/greet", bytes: Array("\u{7F}ELF".utf8) + [1, 2, 3, 4, 5, 6, 7, 8], mode: 0o755)
    greet.file("/usr/bin/greet-admin", "\u{7F}ELF admin\n", mode: 0o4755)
    greet.file("/usr/share/greet/words", words)
    greet.symlink("/usr/share/greet/phrases", to: "words")
    greet.file("/usr/share/man/man1/greet.1.gz", "manual\n")
    greet.scripts["md5sums"] =
      TestDigest.sha1(Array(words.utf8)).prefix(16).map { $0 }.hexadecimal
      + "  usr/share/greet/words\n"
    var data = DebBuilder("greet-data", version: "2.0", architecture: "all")
    data.file("/usr/share/greet-data/one", "one\n")
    data.file("/usr/share/greet-data/two", "two\n")
    data.file("/usr/share/greet-data/three", "three\n")
    return [greet, data, SamplePackages.osRelease()]
  }

  init() throws {
    origin = try Self.origin.get()
    scratch = try TemporaryDirectory()
    for name in ["sample.yaml", "sample.lock.json", "archive.asc"] {
      try FileManager.default.copyItem(
        atPath: origin.folder + "/" + name, toPath: scratch.file(name))
    }
  }

  /// The image as it was built.
  var image: String { origin.image }
  var store: String { origin.store }
  var archive: String { origin.archive }
  var lock: String { scratch.file("sample.lock.json") }

  func run(
    _ arguments: [String], store: String? = nil, mirror: String? = nil
  ) throws -> HostProgram.Outcome {
    try ComposeProgram.run(
      arguments + ["-q", "--store", store ?? origin.store, "--mirror", mirror ?? origin.archive],
      directory: scratch.path)
  }

  /// Writes the image with a change to `image` in the test's folder, and verifies that against the recipe and the lock.
  func verify(
    _ more: [String] = [], planting change: (inout PlantedImage) throws -> Void
  ) throws -> HostProgram.Outcome {
    try plant(change)
    return try run(["verify", "image", "sample.yaml"] + more)
  }

  func plant(_ change: (inout PlantedImage) throws -> Void) throws {
    var planted = try PlantedImage(origin.image)
    try change(&planted)
    try planted.write(to: scratch.file("image"))
  }

  func changeLock(_ change: (inout Lockfile) throws -> Void) throws {
    var lock = try Lockfile(decoding: scratch.read("sample.lock.json"), name: lock)
    try change(&lock)
    try scratch.write(lock.encoded(), to: "sample.lock.json")
  }

  func replaceInRecipe(_ text: String, _ other: String) throws {
    let recipe = String(decoding: try scratch.read("sample.yaml"), as: UTF8.self)
    try #require(recipe.contains(text))
    try scratch.write(recipe.replacing(text, with: other), to: "sample.yaml")
  }

  /// Text with each digest as the number under which it first appears: equal ones stay equal.
  static func numbered(_ text: String) -> String {
    var seen = [Substring]()
    var result = ""
    var rest = text[...]
    while let match = rest.firstMatch(of: /sha256:[0-9a-f]{64}/) {
      if !seen.contains(match.output) { seen.append(match.output) }
      result += rest[..<match.range.lowerBound]
      result += "sha256:#\((seen.firstIndex(of: match.output) ?? 0) + 1)"
      rest = rest[match.range.upperBound...]
    }
    return result + rest
  }
}
