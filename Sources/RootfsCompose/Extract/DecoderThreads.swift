import Synchronization

/// Threads that packages which are decoded at the same time share, so that these never become the square of the
/// processors, nor their memory so much: each thread has a block of its own.
final class DecoderThreads: Sendable {
  private let free: Mutex<Int>

  /// At least one.
  init(_ count: Int) { free = Mutex(max(1, count)) }

  /// Runs `body` with as many threads as are free, at most `wanted` and at least one: the caller's own.
  func with<Result>(
    upTo wanted: Int, _ body: (Int) throws(ComposeError) -> Result
  ) throws(ComposeError) -> Result {
    let taken = free.withLock { free in
      let taken = wanted < 2 ? 0 : min(free, wanted)
      free -= taken
      return taken
    }
    defer { free.withLock { $0 += taken } }
    return try body(max(1, taken))
  }
}
