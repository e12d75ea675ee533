import FoundationEssentials
import TestSupport

/// The program as it was built with these tests.
enum ComposeProgram {
  static let path: String = {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let beside = tests.split(separator: "/").dropLast().joined(separator: "/")
    let path = "/" + beside + "/dhi-compose"
    return FileManager.default.isExecutableFile(atPath: path)
      ? path : Repository.root + "/.build/debug/dhi-compose"
  }()

  /// An environment in which nothing of the machine's own steers a build.
  static let environment: [String: String?] = [
    "DHI_DEBIAN_MIRROR": nil, "DHI_DEBIAN_SECURITY_MIRROR": nil, "SOURCE_DATE_EPOCH": nil,
    "http_proxy": nil, "https_proxy": nil, "HTTP_PROXY": nil, "HTTPS_PROXY": nil,
    "all_proxy": nil, "ALL_PROXY": nil, "NO_COLOR": nil, "TERM": "xterm-256color",
  ]

  static func run(
    _ arguments: [String], environment: [String: String?] = [:], directory: String? = nil
  ) throws -> HostProgram.Outcome {
    try HostProgram(path: path).run(
      arguments, environment: Self.environment.merging(environment) { $1 }, directory: directory)
  }
}
