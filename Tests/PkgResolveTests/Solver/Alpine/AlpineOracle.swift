import FoundationEssentials
import PkgResolve
import TestSupport

/// apk-tools' own cases, and what apk 3.0.6 puts into an empty root.
enum AlpineOracle {
  static let isThere = SharedData.root != nil && HostProgram.find("tar") != nil
  private static let root = SharedData.root ?? ""

  struct Missing: Error, CustomStringConvertible { let description: String }

  static func table(_ text: String, name: String) throws -> PackageTable {
    let origin = PackageOrigin(name: name, url: "", suite: "", component: "")
    return try AlpineIndex.parse(Array(text.utf8), origin: origin, requirePackageFiles: false)
  }

  static func request(_ words: [String], standing: [String] = []) throws -> AlpineRequest {
    AlpineRequest(
      try standing.map { .init(try AlpineDependencyParser.world($0), isStanding: true) }
        + words.map { .init(try AlpineDependencyParser.world($0)) })
  }

  /// `name=version` lines in order, or what the refusal says.
  static func outcome(_ request: AlpineRequest, in pool: AlpinePool) -> Result<
    [String], ResolveError
  > {
    do throws(ResolveError) {
      return .success(try AlpineSolver().solve(request, in: pool).lines.sorted())
    } catch {
      return .failure(error)
    }
  }

  // MARK: apk-tools' solver cases

  struct Case {
    let name: String
    var arguments = [String]()
    var world = [String]()
    var indexes = [(file: String, tag: String?)]()
    var installed: String?
    var expected = [String]()

    /// `name=version` lines, or nil where apk refuses.
    var packages: [String]? {
      if expected.contains(where: { $0.hasPrefix("ERROR:") }) { return nil }
      return expected.compactMap { line in
        guard line.hasPrefix("("), let start = line.firstRange(of: "Installing ") else {
          return nil
        }
        let words = line[start.upperBound...].split(separator: " ")
        guard words.count >= 2 else { return nil }
        let name = words[0].split(separator: "@")[0]
        return "\(name)=\(words[1].dropFirst().dropLast())"
      }.sorted()
    }
  }

  static let folder = root + "/oracles/apk-solver"

  static func cases(in folder: String = folder) throws -> [Case] {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    return try files.filter { $0.hasSuffix(".test") }.sorted().map { file in
      let text = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
      return read(text, name: String(file.dropLast(5)))
    }
  }

  private static func read(_ text: String, name: String) -> Case {
    var test = Case(name: name)
    for line in text.split(separator: "\n").map(String.init) {
      let words = line.split(separator: " ").map(String.init)
      switch words.first {
      case "@ARGS": test.arguments += words.dropFirst()
      case "@WORLD": test.world += words.dropFirst()
      case "@REPO":
        let isTagged = words.count == 3
        test.indexes.append((words[words.count - 1], isTagged ? String(words[1].dropFirst()) : nil))
      case "@INSTALLED": test.installed = words.last
      case "@CACHE": test.indexes.append((words[words.count - 1], nil))
      case "@EXPECT": break
      default: test.expected.append(line)
      }
    }
    return test
  }

  static func pool(of test: Case, in folder: String = folder) throws -> AlpinePool {
    try AlpinePool(
      architecture: "x86_64",
      indexes: test.indexes.map { file, tag in
        let text = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
        return AlpinePool.Index(try table(text, name: file), tag: tag)
      })
  }

  // MARK: apk's answers

  private static let answers = root + "/oracles/apk/answers/v3.19-x86_64"

  struct Answer {
    let name: String
    let request: [String]
    /// nil where apk refuses.
    let packages: [String]?
  }

  static func recordedAnswers() throws -> [Answer] {
    let files = try FileManager.default.contentsOfDirectory(atPath: answers)
    return try files.filter { $0.hasSuffix(".txt") || $0.hasSuffix(".err") }.sorted().map { file in
      let text = try String(contentsOfFile: answers + "/" + file, encoding: .utf8)
      let lines = text.split(separator: "\n").map(String.init)
      let asked = lines.first?.dropFirst("# set: ".count).split(separator: " ").map(String.init)
      return Answer(
        name: String(file.dropLast(4)), request: asked ?? [],
        packages: file.hasSuffix(".txt") ? lines.dropFirst().sorted() : nil)
    }
  }

  /// v3.19 main and community, read once.
  static let pool: Result<AlpinePool, any Error> = Result {
    let indexes = try ["main", "community"].map { name in
      let file = "\(root)/alpine/index/v3.19-\(name)-x86_64/APKINDEX.tar.gz"
      guard let tar = HostProgram.find("tar") else { throw Missing(description: "tar") }
      let text = try tar.check(["-xzOf", file, "APKINDEX"]).output
      return AlpinePool.Index(try table(text, name: "v3.19/\(name)"))
    }
    return try AlpinePool(architecture: "x86_64", indexes: indexes)
  }
}
