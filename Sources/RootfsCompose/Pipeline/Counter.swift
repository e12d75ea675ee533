import Synchronization

/// Counts finished work from several threads.
final class Counter: Sendable {
  private let count = Mutex(0)

  /// The count, one higher.
  func next() -> Int {
    count.withLock { count in
      count += 1
      return count
    }
  }
}
