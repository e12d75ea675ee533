import Foundation
import PkgResolve
import TestSupport

/// The index that apt's recorded answers were made from, and those answers.
enum AptOracle {
  static let isThere =
    SharedData.root != nil && FileManager.default.isExecutableFile(atPath: "/usr/bin/xz")

  static let pool = Result { () throws -> PackagePool in
    let folder = "\(SharedData.root ?? "")/oracles/apt/index/bookworm-amd64"
    let suites = [
      ("main", "bookworm"), ("updates", "bookworm-updates"), ("security", "bookworm-security"),
    ]
    return try PackagePool(
      architecture: "amd64",
      indexes: suites.map { file, suite in
        try PackageIndex.parse(
          unpacked("\(folder)/\(file).Packages.xz"),
          origin: PackageOrigin(
            name: "\(suite) main", url: "http://example.org/debian", suite: suite,
            component: "main"))
      })
  }

  struct Answer: Sendable {
    let name: String
    let request: [String]
    /// `NAME=VERSION ARCH`, sorted; nil for a refusal.
    let packages: [String]?
  }

  static func answers(_ folder: String) throws -> [Answer] {
    let path = "\(SharedData.root ?? "")/oracles/apt/answers/\(folder)"
    return try FileManager.default.contentsOfDirectory(atPath: path).sorted().map { file in
      let text = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
      let lines = text.split(separator: "\n").map(String.init)
      return Answer(
        name: String(file.split(separator: ".")[0]),
        request: lines[0].dropFirst("# set:".count).split(separator: " ").map(String.init),
        packages: file.hasSuffix(".err") ? nil : lines.dropFirst().sorted())
    }
  }

  private static func unpacked(_ path: String) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/xz")
    process.arguments = ["-dc", path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.fileReadCorruptFile) }
    return [UInt8](data)
  }
}
