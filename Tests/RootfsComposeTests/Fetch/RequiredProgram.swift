import Foundation
import Synchronization
import TestSupport

@testable import RootfsCompose

/// Programs that these tests run for real.
enum RequiredProgram {
  static func areInstalled(_ names: String...) -> Bool {
    names.allSatisfy { HostProgram.find($0) != nil }
  }

  /// Runs a program to its end.
  static func run(_ name: String, _ arguments: [String]) throws {
    guard let program = HostProgram.find(name) else {
      throw TestSupportError("\(name) is not installed")
    }
    try program.check(arguments, environment: ["LC_ALL": "C"])
  }
}

/// A program that runs beside a test and is killed with the value.
final class BackgroundProgram: Sendable {
  private let process: pid_t
  private let isRunning = Mutex(true)

  init(_ name: String, _ arguments: [String]) throws {
    guard let path = HostProgram.find(name)?.path else {
      throw TestSupportError("\(name) is not installed")
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor: Int32 in 0...2 {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    let words = ([path] + arguments).map { strdup($0) }
    let variables = ProcessInfo.processInfo.environment.map { strdup($0.key + "=" + $0.value) }
    defer { for text in words + variables { free(text) } }
    var process = pid_t()
    let code = posix_spawn(&process, path, &actions, nil, words + [nil], variables + [nil])
    guard code == 0 else { throw TestSupportError("\(name): error \(code)") }
    self.process = process
  }

  /// Ends it as `kill -9` does.
  func kill9() {
    isRunning.withLock { isRunning in
      guard isRunning else { return }
      isRunning = false
      kill(process, SIGKILL)
      var status: Int32 = 0
      waitpid(process, &status, 0)
    }
  }

  deinit { kill9() }
}

/// A directory of its own for one test, removed with the value.
final class ScratchDirectory: Sendable {
  let path: String

  init() throws {
    var template = Array((NSTemporaryDirectory() + "/dhi-fetch.XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw TestSupportError("mkdtemp: errno \(errno)")
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult
  func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    let file = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: file).deletingLastPathComponent().path,
      withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  func names(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path + "/" + folder)) ?? []).sorted()
  }

  /// The text of a file that a program beside the test is about to move to its place.
  func awaitText(_ name: String) throws -> String {
    for _ in 0..<3_000 {
      if let text = try? String(contentsOfFile: path + "/" + name, encoding: .utf8) { return text }
      usleep(10_000)
    }
    throw TestSupportError("\(path)/\(name) did not appear")
  }
}
