#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Runs a program of the host, without a shell, with nothing of this process's environment.
package struct ChildProcess {
  /// Absolute.
  let executable: String
  let arguments: [String]
  var environment: [String: String] = [:]

  package init(executable: String, arguments: [String], environment: [String: String] = [:]) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
  }

  package struct Result {
    /// The exit code; 128 and the signal's number where a signal ended it.
    package let status: Int32
    let output: [UInt8]
    package let errors: String
  }

  /// Runs it to its end. Its two outputs go through files in `directory`, which must be private, and are read back
  /// up to a mebibyte each.
  package func run(in directory: String) throws(ComposeError) -> Result {
    let output = directory + "/stdout"
    let errors = directory + "/stderr"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let write = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, write, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, write, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // The pool's threads block SIGPIPE, and a child would inherit that.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let process = try spawn(&actions, &attributes)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else {
        throw ComposeError(.missingTool, executable, "cannot be waited for: \(errnoText())")
      }
    }
    let signal = status & 0x7f
    return Result(
      status: signal == 0 ? (status >> 8) & 0xff : 128 + signal,
      output: try Self.read(output), errors: String(decoding: try Self.read(errors), as: UTF8.self))
  }

  private func spawn(
    _ actions: inout posix_spawn_file_actions_t, _ attributes: inout posix_spawnattr_t
  ) throws(ComposeError) -> pid_t {
    let words = ([executable] + arguments).map { strdup($0) }
    let variables = environment.sorted { $0.key < $1.key }.map { strdup($0.key + "=" + $0.value) }
    defer { for text in words + variables { free(text) } }
    var process = pid_t()
    let code = posix_spawn(
      &process, executable, &actions, &attributes, words + [nil], variables + [nil])
    guard code == 0 else {
      throw ComposeError(
        .missingTool, executable, "cannot be run: \(String(cString: strerror(code)))")
    }
    return process
  }

  private static func read(_ path: String) throws(ComposeError) -> [UInt8] {
    let sink = MemorySink(subject: path, limit: 1 << 20)
    _ = try LocalFile(path: path).copy(into: sink, cancellation: CancellationFlag())
    return sink.bytes
  }

  /// The first program with this name in the directories of `searchPath`, separated by colons.
  package static func find(_ name: String, searchPath: String) -> String? {
    for directory in searchPath.split(separator: ":") where directory.hasPrefix("/") {
      let path = directory + "/" + name
      if access(path, X_OK) == 0 { return path }
    }
    return nil
  }
}
