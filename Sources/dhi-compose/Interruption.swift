import ArgumentParser
import Dispatch
import Glibc
import Synchronization

/// Ends a run in order when a signal asks for it: work is cancelled, what was begun is removed.
enum Interruption {
  private static let received = Atomic<Int32>(0)

  /// Whether a signal has come.
  static var hasCome: Bool { received.load(ordering: .relaxed) != 0 }

  /// 128 and the signal's number, as shells count.
  static var exitCode: ExitCode { ExitCode(128 + received.load(ordering: .relaxed)) }

  /// Runs a command in a task that SIGINT, SIGTERM and SIGHUP cancel. A second signal ends the process at once.
  static func cancelling(_ command: sending any AsyncParsableCommand) async throws {
    let task = Task {
      var command = command
      try await command.run()
    }
    let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        received.store(number, ordering: .relaxed)
        signal(number, SIG_DFL)
        task.cancel()
      }
      source.resume()
      return source
    }
    defer { for source in sources { source.cancel() } }
    try await task.value
  }
}
