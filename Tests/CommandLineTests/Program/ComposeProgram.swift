import FoundationEssentials
import Glibc
import TestSupport
import Testing

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
    "DHI_DEBIAN_MIRROR": nil, "DHI_DEBIAN_SECURITY_MIRROR": nil, "DHI_ALPINE_MIRROR": nil,
    "SOURCE_DATE_EPOCH": nil, "DHI_DEBIAN_SNAPSHOT": "none", "GITHUB_ACTIONS": nil,
    "http_proxy": nil, "https_proxy": nil, "HTTP_PROXY": nil, "HTTPS_PROXY": nil,
    "all_proxy": nil, "ALL_PROXY": nil, "NO_COLOR": nil, "TERM": "xterm-256color",
  ]

  static func run(
    _ arguments: [String], environment: [String: String?] = [:], directory: String? = nil
  ) throws -> HostProgram.Outcome {
    try HostProgram(path: path).run(
      arguments, environment: Self.environment.merging(environment) { $1 }, directory: directory)
  }

  /// Runs the program as the user and group 65534, who owns the folder given and may read what it holds. For root alone.
  static func runAsOrdinaryUser(
    _ arguments: [String], in folder: TemporaryDirectory
  ) throws -> HostProgram.Outcome {
    chmod(folder.path, 0o755)
    chown(folder.path, 65534, 65534)
    // The program may stand where only root can look. Another process copies it: one that was open for writing here
    // while another test starts a program would be "busy".
    let program = folder.file("dhi-compose")
    try #require(HostProgram.find("cp")).check([path, program])
    let setpriv = try #require(HostProgram.find("setpriv"), "apt-get install util-linux")
    return try setpriv.run(
      ["--reuid=65534", "--regid=65534", "--clear-groups", program] + arguments,
      environment: environment.merging(["HOME": folder.path]) { $1 })
  }
}
