import FoundationEssentials
import Glibc

/// A program of the machine that tests run: found on the path, given no input, its output captured.
public struct HostProgram: Sendable {
  public let path: String

  /// What a program left behind.
  public struct Outcome: Sendable {
    /// The exit code, or 128 plus the signal that ended it.
    public let exitCode: Int32
    public let standardOutput: [UInt8]
    public let standardError: [UInt8]

    public var output: String { String(decoding: standardOutput, as: UTF8.self) }
    public var errors: String { String(decoding: standardError, as: UTF8.self) }
    public var succeeded: Bool { exitCode == 0 }
  }

  public init(path: String) { self.path = path }

  /// The program called `name` on `PATH` or in the system's directories; nil where it is absent.
  public static func find(_ name: String) -> HostProgram? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let directories =
      path.split(separator: ":").map(String.init)
      + ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"]
    return directories.map { $0 + "/" + name }.first { access($0, X_OK) == 0 }
      .map(HostProgram.init(path:))
  }

  /// Runs the program to its end.
  ///
  /// `environment` is laid over the test's own; a nil value takes a variable away.
  public func run(
    _ arguments: [String], environment: [String: String?] = [:], directory: String? = nil,
    input: [UInt8] = []
  ) throws -> Outcome {
    try start(arguments, environment: environment, directory: directory, input: input).wait()
  }

  /// Runs the program and throws, with what it wrote to standard error, where it fails.
  @discardableResult
  public func check(
    _ arguments: [String], environment: [String: String?] = [:], directory: String? = nil,
    input: [UInt8] = []
  ) throws -> Outcome {
    let outcome = try run(
      arguments, environment: environment, directory: directory, input: input)
    guard outcome.succeeded else {
      throw TestSupportError(
        "\(path) \(arguments.joined(separator: " ")): exit code \(outcome.exitCode)\n"
          + outcome.errors)
    }
    return outcome
  }

  /// Starts the program and returns at once.
  public func start(
    _ arguments: [String], environment: [String: String?] = [:], directory: String? = nil,
    input: [UInt8] = []
  ) throws -> RunningProgram {
    let scratch = try TemporaryDirectory()
    try scratch.write(input, to: "in")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let write = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 0, scratch.file("in"), O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, scratch.file("out"), write, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, scratch.file("err"), write, 0o600)
    // What other tests have open at the time is none of the program's business.
    for descriptor in Int32(3)..<1024 { posix_spawn_file_actions_addclose(&actions, descriptor) }

    var variables = ProcessInfo.processInfo.environment
    for (name, value) in environment { variables[name] = value }
    // posix_spawn cannot change directory portably; env can, and keeps the process's number.
    let inDirectory = directory.map { ["/usr/bin/env", "--chdir=" + $0] } ?? []
    let command = inDirectory + [path] + arguments
    var argv: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
    var envp: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") }
    argv.append(nil)
    envp.append(nil)
    defer { for pointer in argv + envp { free(pointer) } }

    var process: pid_t = 0
    let failure = posix_spawn(&process, command[0], &actions, nil, argv, envp)
    guard failure == 0 else {
      throw TestSupportError("cannot start \(path): \(String(cString: strerror(failure)))")
    }
    return RunningProgram(process: process, scratch: scratch)
  }
}

/// A program that a test started and has not yet waited for.
public struct RunningProgram: ~Copyable {
  public let process: pid_t
  private let scratch: TemporaryDirectory

  init(process: pid_t, scratch: TemporaryDirectory) {
    self.process = process
    self.scratch = scratch
  }

  /// Sends a signal to the program (and to nothing else).
  public func signal(_ number: Int32) { kill(process, number) }

  /// What the program has written to standard output so far.
  public func outputSoFar() throws -> String {
    String(decoding: try scratch.read("out"), as: UTF8.self)
  }

  /// Waits for the end.
  public consuming func wait() throws -> HostProgram.Outcome {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else {
        throw TestSupportError("cannot wait: \(String(cString: strerror(errno)))")
      }
    }
    let signal = status & 0x7f
    return HostProgram.Outcome(
      exitCode: signal == 0 ? (status >> 8) & 0xff : 128 + signal,
      standardOutput: try scratch.read("out"), standardError: try scratch.read("err"))
  }
}
