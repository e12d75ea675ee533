import Synchronization

/// Work that several tasks want and one of them does.
///
/// The first to ask for a key starts the work; all who ask for it get its result, or its error. Work that nobody waits
/// for any more is cancelled and forgotten.
final class SharedResults<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Entry {
    let task: Task<Value, any Error>
    let wording: String
    /// Of those that wait; counted while the work goes on.
    var waiting: Int
  }

  private let entries = Mutex<[Key: Entry]>([:])

  /// - Parameter wording: what an error of this work would name beside the key, such as a recipe's line. Where others did
  ///   the work and failed in other words, it is done once more, for an error that fits.
  func value(
    for key: Key, wording: String = "", _ make: @Sendable @escaping () async throws -> Value
  ) async throws -> Value {
    let entry = entries.withLock { entries in
      if var entry = entries[key] {
        entry.waiting += 1
        entries[key] = entry
        return entry
      }
      let entry = Entry(task: Task { try await make() }, wording: wording, waiting: 1)
      entries[key] = entry
      return entry
    }
    do {
      return try await withTaskCancellationHandler {
        try await entry.task.value
      } onCancel: {
        leave(key, entry.task)
      }
    } catch {
      guard entry.wording != wording, !Task.isCancelled else { throw error }
      return try await make()
    }
  }

  private func leave(_ key: Key, _ task: Task<Value, any Error>) {
    let isLast = entries.withLock { entries in
      guard entries[key]?.task == task else { return false }
      entries[key]?.waiting -= 1
      guard entries[key]?.waiting == 0 else { return false }
      entries[key] = nil
      return true
    }
    if isLast { task.cancel() }
  }
}
