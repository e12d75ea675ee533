import FoundationEssentials
import PkgResolve
import RootfsCompose

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Measures what `resolve` spends its time on. See ``usage``.
@main struct ResolveBenchmark {
  static let usage = """
    usage: resolve-benchmark [--runs=N] [--threads=N] [--alpine] parse|load FILE...
           resolve-benchmark [--runs=N] [--arch=ARCH] solve FILE... -- NAME...

    parse  parses indexes that are plain text, from memory, on one thread unless told otherwise
    load   maps and checks the tables that an earlier run kept of them
    solve  solves for NAME..., Debian indexes only: a new pool, then the solver
    """

  struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  private var runs = 15
  private var threads = 1
  private var format = IndexFormat.debian
  private var architecture = "amd64"
  private var words = [String]()

  static func main() {
    do {
      try ResolveBenchmark(CommandLine.arguments.dropFirst()).run()
    } catch {
      print("\(error)")
      exit(1)
    }
  }

  private init(_ arguments: some Sequence<String>) throws {
    for argument in arguments {
      let parts = argument.split(separator: "=", maxSplits: 1)
      switch parts.first {
      case "--runs": runs = max(1, parts.last.flatMap { Int($0) } ?? runs)
      case "--threads": threads = parts.last.flatMap { Int($0) } ?? threads
      case "--arch": architecture = parts.last.map(String.init) ?? architecture
      case "--alpine": format = .alpine
      default: words.append(argument)
      }
    }
  }

  private func run() throws {
    let files = Array(words.dropFirst().prefix { $0 != "--" })
    guard !files.isEmpty else { throw Failure(Self.usage) }
    switch words.first {
    case "parse": try parse(files)
    case "load": try load(files)
    case "solve": try solve(files, names: Array(words.drop { $0 != "--" }.dropFirst()))
    default: throw Failure(Self.usage)
    }
  }

  private func parse(_ files: [String]) throws {
    let texts = try files.map { path in
      (origin(path), [UInt8](try Data(contentsOf: URL(filePath: path))))
    }
    try Measurement(name: "parse", runs: runs).run {
      try texts.map { origin, text in try parse(text, origin) }
    }
    let tables = try texts.map { origin, text in try parse(text, origin) }
    print(
      "\(tables.reduce(0) { $0 + $1.count }) records; text "
        + "\(texts.reduce(0) { $0 + $1.1.count }) bytes, tables "
        + "\(tables.reduce(0) { $0 + $1.keptBytes.count }) bytes")
  }

  private func parse(_ text: [UInt8], _ origin: PackageOrigin) throws -> PackageTable {
    switch format {
    case .debian: try PackageIndex.parse(text, origin: origin, threads: threads)
    case .alpine: try AlpineIndex.parse(text, origin: origin, threads: threads)
    }
  }

  private func load(_ files: [String]) throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "resolve-benchmark-\(getpid())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let reader = IndexFileReader(store: try Store(directory: folder.path))
    func load() throws -> [PackageTable] {
      try files.map { path in
        try reader.packageTable(ofFile: path, format: format, origin: origin(path))
      }
    }
    _ = try load()
    try Measurement(name: "load", runs: runs).run(load)
  }

  private func solve(_ files: [String], names: [String]) throws {
    let reader = IndexFileReader(store: nil)
    let tables = try files.map { path in
      try reader.packageTable(ofFile: path, format: .debian, origin: origin(path))
    }
    let request = ResolutionRequest(try names.map { .init(try PackageRequest(parsing: $0)) })
    try Measurement(name: "solve", runs: runs).run {
      try ConflictDrivenSolver().solve(
        request, in: try PackagePool(architecture: architecture, indexes: tables))
    }
  }

  private func origin(_ path: String) -> PackageOrigin {
    PackageOrigin(name: path, url: "http://example.org", suite: path, component: "")
  }
}
