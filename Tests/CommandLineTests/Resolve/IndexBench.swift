import FoundationEssentials
import TestSupport

/// A folder with indexes written in a few words a package, to resolve against.
final class IndexBench {
  let scratch: TemporaryDirectory
  /// Where parsed indexes are kept.
  let cache: TemporaryDirectory

  /// `app` needs `libapp` and an `awk`; `old` conflicts with `libapp`.
  static let stanzas = [
    stanza("app", "1.0-1", "Depends: libapp (>= 1), awk"),
    stanza("libapp", "1.2", "Installed-Size: 10"),
    stanza("gawk", "5", "Provides: awk"), stanza("mawk", "1", "Provides: awk"),
    stanza("old", "1", "Conflicts: libapp"), stanza("doc", "2", architecture: "all"),
  ]

  init(_ stanzas: [String] = IndexBench.stanzas) throws {
    scratch = try TemporaryDirectory()
    cache = try TemporaryDirectory()
    try scratch.write(stanzas.joined(), to: "Packages")
  }

  static func stanza(
    _ name: String, _ version: String, _ fields: String..., architecture: String = "amd64"
  ) -> String {
    let lines =
      [
        "Package: \(name)", "Version: \(version)", "Architecture: \(architecture)",
        "Filename: pool/\(name)_\(version)_\(architecture).deb", "Size: 1000",
        "SHA256: " + String(repeating: "0a", count: 32),
      ] + fields
    return lines.joined(separator: "\n") + "\n\n"
  }

  /// Runs the program in the folder of the indexes.
  func run(
    _ arguments: [String], input: String = "", environment: [String: String?] = [:]
  ) throws -> HostProgram.Outcome {
    try HostProgram(path: ComposeProgram.path).run(
      arguments,
      environment: ComposeProgram.environment.merging(["XDG_CACHE_HOME": cache.path]) { $1 }
        .merging(environment) { $1 },
      directory: scratch.path, input: Array(input.utf8))
  }

  static let list = "app=1.0-1 amd64\ngawk=5 amd64\nlibapp=1.2 amd64\n"
}
