import FoundationEssentials
import PkgResolve
import TestSupport
import Testing

/// What apt 2.6.1 put into an empty root, against what the solver chooses from the same indexes.
@Suite(
  .enabled(
    if: SharedData.root != nil && HostProgram.find("xz") != nil, "needs ../shared/data and xz"))
struct RecordedAnswerTests {
  static let pool = Result {
    let folder = "\(try #require(SharedData.root))/oracles/apt/index/bookworm-amd64"
    let indexes = try ["main", "updates", "security"].map { suite in
      let file = "\(folder)/\(suite).Packages.xz"
      let xz = try #require(HostProgram.find("xz"))
      let bytes = try xz.check(["--decompress", "--stdout", file]).standardOutput
      let origin = PackageOrigin(url: "https://mirror.example", suite: suite, component: "main")
      return try PackageIndex.parse(bytes, origin: origin, name: file)
    }
    return PackagePool(indexes, architecture: "amd64")
  }

  private struct Answer {
    let name: String
    let requests: [String]
    /// nil where apt refused.
    let lines: [String]?
  }

  private static func answers(_ folder: String) throws -> [Answer] {
    let path = "\(try #require(SharedData.root))/oracles/apt/answers/\(folder)"
    return try FileManager.default.contentsOfDirectory(atPath: path).sorted().compactMap { file in
      let text = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
      let lines = text.split(separator: "\n").map(String.init)
      guard let head = lines.first(where: { $0.hasPrefix("# set:") }) else { return nil }
      return Answer(
        name: file, requests: head.dropFirst(6).split(separator: " ").map(String.init),
        lines: file.hasSuffix(".err") ? nil : lines.filter { !$0.hasPrefix("#") })
    }
  }

  private static func solve(_ requests: [String]) throws -> [String] {
    let requests = try requests.map { try PackageRequest(parsing: $0) }
    return try BacktrackingSolver(limit: 2000).solve(requests, in: try pool.get()).packages
      .map { "\($0.package.name)=\($0.package.version) \($0.package.architecture)" }.sorted()
  }

  @Test func ordinarySetsEqualApt() throws {
    let answers = try Self.answers("bookworm-amd64")
    var different = [String]()
    for answer in answers {
      let found = try? Self.solve(answer.requests)
      if found != answer.lines?.sorted() { different.append(answer.name) }
    }
    #expect(answers.count == 104)
    // apt takes the only provider of a purely virtual request; a recipe must name it.
    #expect(different == ["default-mta.txt"])
  }

  /// The answers are checked for soundness by the solver itself; here, that it finds one wherever apt did.
  @Test func hardSetsAreSolvedWhereAptSolvesThem() throws {
    var unsolved = [String]()
    for answer in try Self.answers("bookworm-amd64-hard") where answer.lines != nil {
      do { _ = try Self.solve(answer.requests) } catch {
        unsolved.append("\(answer.name): \(error)")
      }
    }
    #expect(unsolved == [])
  }
}
