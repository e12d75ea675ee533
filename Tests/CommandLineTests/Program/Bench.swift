import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// A folder with a recipe, a store and a place for output, and an archive to build from.
final class Bench: BuildPlace {
  let scratch: TemporaryDirectory
  let archive: SampleArchive
  /// What the recipe's folder is: the output stands beside the recipe.
  var folder: String { scratch.path }
  var store: String { scratch.file("store") }
  var output: String { scratch.file("result/image") }
  var recipe: String { scratch.file("sample.yaml") }
  var lock: String { scratch.file("sample.lock.json") }

  init(_ recipe: String = Bench.smallRecipe) throws {
    scratch = try TemporaryDirectory()
    archive = try SampleArchive()
    try FileManager.default.copyItem(atPath: archive.key, toPath: scratch.file("archive.asc"))
    try scratch.write(recipe, to: "sample.yaml")
  }

  /// A bench whose recipe trusts an archive of the packages given, in the folder ``ownArchive``.
  convenience init(
    _ recipe: String, publishing packages: [DebBuilder], validUntil: String? = nil
  ) throws {
    try self.init(recipe)
    try publish(packages, with: SampleArchive.publisher(in: ownArchive), validUntil: validUntil)
  }

  var ownArchive: String { scratch.file("archive") }

  /// Publishes packages and has the recipe trust the key.
  func publish(
    _ packages: [DebBuilder], with publisher: AptRepositoryBuilder, validUntil: String? = nil
  ) throws {
    try publisher.publishDistribution(packages, validUntil: validUntil)
    try scratch.write(text(publisher.armouredKeyring), to: "archive.asc")
  }

  /// The head of every recipe here.
  static let head = """
    # syntax=dhi.io/build:2-debian13
    name: Sample
    image: example/sample
    platforms: [linux/amd64]

    """

  static let smallRecipe = recipe(packages: ["hello", "os-info"])

  static func recipe(packages: [String], _ more: String = "") -> String {
    head + "contents:\n  keyring: [archive.asc]\n  packages:\n"
      + packages.map { "    - \($0)\n" }.joined() + more
  }

  /// Runs a subcommand on the recipe with the store and the archive.
  func run(
    _ command: String, _ more: [String] = [], mirror: String? = nil,
    environment: [String: String?] = [:], directory: String? = nil
  ) throws -> HostProgram.Outcome {
    try ComposeProgram.run(
      arguments(command, more, mirror: mirror), environment: environment, directory: directory)
  }

  func arguments(_ command: String, _ more: [String] = [], mirror: String? = nil) -> [String] {
    [command, recipe, "--store", store, "--mirror", mirror ?? archive.directory] + more
  }

  /// Builds to ``output``; returns the digest.
  func build(
    _ more: [String] = [], environment: [String: String?] = [:], directory: String? = nil,
    _ sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws -> String {
    let outcome = try run(
      "build", ["--output", output] + more, environment: environment, directory: directory)
    try #require(outcome.exitCode == 0, "\(outcome.errors)", sourceLocation: sourceLocation)
    return outcome.output.split(separator: "\n").joined()
  }

  /// As ``run(_:_:mirror:environment:directory:)``, as the user and group 65534. For root alone.
  func runAsOrdinaryUser(_ command: String, _ more: [String]) throws -> HostProgram.Outcome {
    let above = archive.directory.split(separator: "/").dropLast().joined(separator: "/")
    chmod("/" + above, 0o755)
    return try ComposeProgram.runAsOrdinaryUser(arguments(command, more), in: scratch)
  }

  /// Whether nothing is at the output's place nor hidden beside it.
  var isWithoutOutput: Bool {
    FileListing.names(in: scratch.file("result")).isEmpty && !exists(output)
  }

  /// What a run left in the store that no later run needs.
  func leftovers() throws -> [String] {
    try FileListing.files(below: store).filter {
      ["tmp/work.", "tmp/blobs-", "partial/"].contains(where: $0.hasPrefix)
    }
  }

  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  func text(_ path: String) throws -> String {
    try String(contentsOf: URL(filePath: path), encoding: .utf8)
  }
}

/// Parts of JSON documents in tests.
enum JSON {
  static func object(_ text: String) throws -> [String: JSONValue] {
    try JSONDecoder().decode([String: JSONValue].self, from: Data(text.utf8))
  }
}

/// Any JSON value.
enum JSONValue: Decodable, Equatable, ExpressibleByStringLiteral {
  case object([String: JSONValue])
  case array([JSONValue])
  case text(String)
  case number(Double)
  case boolean(Bool)
  case null

  init(stringLiteral value: String) { self = .text(value) }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  subscript(key: String) -> JSONValue? {
    if case .object(let object) = self { object[key] } else { nil }
  }

  var text: String? { if case .text(let text) = self { text } else { nil } }
  var items: [JSONValue] { if case .array(let items) = self { items } else { [] } }
}

/// Where a test's images are built.
protocol BuildPlace {
  var store: String { get }
  var output: String { get }
}

extension BuildPlace {
  /// Has the next build make the image again from what the store holds: one that lies there unchanged is left alone.
  ///
  /// What the store remembers of images goes too: they are to be composed, not remembered.
  func forgetOutput() throws {
    try remove(output)
    try remove(store + "/built")
  }

  /// Has the next build begin with an empty store.
  func forgetAll() throws {
    try remove(output)
    try remove(store)
  }

  private func remove(_ path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    try FileManager.default.removeItem(atPath: path)
  }
}
