import Foundation

/// A program of the host that judges what we write.
struct HostProgram {
  struct Result {
    let status: Int32
    let output: [UInt8]
    let errors: String

    var text: String { String(decoding: output, as: UTF8.self) }
  }

  let path: String

  init?(_ name: String) {
    let directories = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin:/usr/sbin")
      .split(separator: ":")
    let found = directories.map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let found else { return nil }
    path = found
  }

  static func isInstalled(_ name: String) -> Bool { HostProgram(name) != nil }

  /// Runs a program to its end. A missing program has status 127, as in a shell.
  static func run(
    _ name: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> Result {
    guard let program = HostProgram(name) else {
      return Result(status: 127, output: [], errors: "\(name) is not installed")
    }
    let scratch = try TemporaryDirectory()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program.path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // Files, not pipes: a full pipe would stop the program while we wait for its end.
    let streams = try ["out", "err"].map { name in
      let path = scratch.path + "/" + name
      try Data().write(to: URL(fileURLWithPath: path))
      return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }
    process.standardOutput = streams[0]
    process.standardError = streams[1]
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: try scratch.read("out"),
      errors: String(decoding: try scratch.read("err"), as: UTF8.self))
  }
}
