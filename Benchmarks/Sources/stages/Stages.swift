import FoundationEssentials
import OCIImage
import PkgResolve
import RootfsCompose

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Measures each stage of composing one image by itself, on one thread. See ``usage``.
@main struct Stages {
  static let usage = """
    usage: stages [--runs=N] FOLDER

    FOLDER is a set of packages that make-mirror.py made. Prints medians as JSON, in seconds:

    parse    its Packages file, from memory
    solve    for the packages that the set was made for
    verify   SHA-256 of the packages as they are packed
    decode   the packages, into memory and a spool
    compose  merge, what scripts would have done, hardening, the recipe's own: all between the last package and the layer
    hash     SHA-256 of the files' contents
    tar      a layer, not compressed; its contents come from memory
    gzip, zstd  the same, compressed
    """

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let runs: Int
  private let set: PackageSet

  static func main() async {
    do {
      try await Stages(CommandLine.arguments.dropFirst()).run()
    } catch {
      let words = Array("\(error)\n".utf8)
      _ = write(STDERR_FILENO, words, words.count)
      exit(1)
    }
  }

  private init(_ arguments: some Sequence<String>) throws {
    var runs = 7
    var folder: String?
    for argument in arguments {
      let parts = argument.split(separator: "=", maxSplits: 1)
      if parts.first == "--runs", let count = parts.last.flatMap({ Int($0) }) {
        runs = max(1, count)
      } else {
        folder = argument
      }
    }
    guard let folder else { throw Failure(description: Self.usage) }
    self.runs = runs
    set = try PackageSet(folder: folder)
  }

  private func run() async throws {
    let scratch = FileManager.default.temporaryDirectory.appending(path: "stages-\(getpid())").path
    try FileManager.default.createDirectory(
      atPath: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    var stages = [Stage]()
    stages += try resolving()
    let packed = try set.files.map { [UInt8](try Data(contentsOf: URL(filePath: $0))) }
    stages.append(Stage("verify", runs) { for bytes in packed { _ = Digest.sha256(of: bytes) } })
    stages.append(
      try Stage("decode", runs) {
        let spool = try ContentSpool(directory: scratch)
        for path in set.files { _ = try DebArchive.unpack(path: path, subject: path, spool: spool) }
      })
    stages.append(try await composing(scratch))
    stages += try packing(scratch)
    print(String(decoding: try JSONEncoder().encode(["stages": stages]), as: UTF8.self))
  }

  private func resolving() throws -> [Stage] {
    let text = [UInt8](try Data(contentsOf: URL(filePath: set.index)))
    let origin = PackageOrigin(
      name: set.index, url: "http://example.org", suite: set.suite, component: "main")
    let table = try PackageIndex.parse(text, origin: origin, threads: 1)
    let request = ResolutionRequest(
      try set.packages.map { .init(try PackageRequest(parsing: $0)) })
    return [
      try Stage("parse", runs) { _ = try PackageIndex.parse(text, origin: origin, threads: 1) },
      try Stage("solve", runs) {
        _ = try ConflictDrivenSolver().solve(
          request, in: try PackagePool(architecture: set.architecture, indexes: [table]))
      },
    ]
  }

  /// Between the events that the last package is unpacked and that the tree is hardened nothing else runs.
  private func composing(_ scratch: String) async throws -> Stage {
    let composer = Composer(
      store: .directory(scratch + "/store"), limits: .init(decoders: 1),
      options: ComposerOptions(compression: LayerCompression.none))
    let recipe = try Recipe(contentsOf: set.recipe)
    let platform = Platform(os: "linux", architecture: set.architecture)
    let lock = try await composer.resolve(recipe, for: [platform])
    var times = [Stage.Time]()
    for _ in 0..<runs {
      let clock = StageClock()
      _ = try await composer.compose(recipe, lock: lock) { event in
        switch event {
        case .unpacked: clock.start()
        case .hardened: clock.stop()
        default: break
        }
      }
      times.append(clock.time)
    }
    return Stage("compose", times)
  }

  private func packing(_ scratch: String) throws -> [Stage] {
    let spool = try ContentSpool(directory: scratch)
    var members = [(entry: TarEntry, bytes: [UInt8])]()
    for path in set.files {
      let package = try DebArchive.unpack(path: path, subject: path, spool: spool)
      for (path, entry) in package.entries {
        guard case .regular(let content, _) = entry.kind else { continue }
        let bytes = try content.bytes()
        members.append(
          (
            TarEntry(
              path: path.bytes, kind: .regular(size: Int64(bytes.count)), mode: entry.mode,
              mtime: package.timestamp),
            bytes
          ))
      }
    }
    var stages = [
      Stage("hash", runs) { for member in members { _ = Digest.sha256(of: member.bytes) } }
    ]
    for compression in [LayerCompression.none, .gzip, .zstd] {
      let name = compression == .none ? "tar" : compression.rawValue
      let blobs = try BlobStore(directory: scratch + "/blobs-" + name)
      stages.append(
        try Stage(name, runs) {
          var writer = try LayerWriter(blobs: blobs, compression: compression)
          for (entry, bytes) in members {
            try writer.append(entry) { buffer, offset in
              let start = Int(offset)
              bytes[start..<(start + buffer.count)].withUnsafeBytes { buffer.copyMemory(from: $0) }
            }
          }
          _ = try writer.finish()
        })
    }
    return stages
  }
}
