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

  /// Work under a key, or what was done once more under it in other words.
  private struct Slot: Hashable {
    let key: Key
    let wording: String?
  }

  private let entries = Mutex<[Slot: Entry]>([:])

  /// - Parameter wording: what an error of this work would name or depend on beside the key, such as a recipe's line.
  ///   Where others did the work and failed in other words, it is done once more, for an error that fits, or none.
  func value(
    for key: Key, wording: String = "", _ make: @Sendable @escaping () async throws -> Value
  ) async throws -> Value {
    let slot = Slot(key: key, wording: nil)
    let entry = enter(slot, wording, make)
    do {
      return try await value(of: entry, in: slot)
    } catch {
      guard entry.wording != wording, !Task.isCancelled else { throw error }
      let slot = Slot(key: key, wording: wording)
      return try await value(of: enter(slot, wording, make), in: slot)
    }
  }

  private func enter(
    _ slot: Slot, _ wording: String, _ make: @Sendable @escaping () async throws -> Value
  ) -> Entry {
    entries.withLock { entries in
      if var entry = entries[slot] {
        entry.waiting += 1
        entries[slot] = entry
        return entry
      }
      let entry = Entry(task: Task { try await make() }, wording: wording, waiting: 1)
      entries[slot] = entry
      return entry
    }
  }

  private func value(of entry: Entry, in slot: Slot) async throws -> Value {
    try await withTaskCancellationHandler {
      try await entry.task.value
    } onCancel: {
      leave(slot, entry.task)
    }
  }

  /// Lets go of a result: the next to ask has it made anew. Those that wait for it still get it.
  func forget(_ key: Key, wording: String) {
    entries.withLock { entries in
      for wording in [nil, wording] { entries[Slot(key: key, wording: wording)] = nil }
    }
  }

  private func leave(_ slot: Slot, _ task: Task<Value, any Error>) {
    let isLast = entries.withLock { entries in
      guard entries[slot]?.task == task else { return false }
      entries[slot]?.waiting -= 1
      guard entries[slot]?.waiting == 0 else { return false }
      entries[slot] = nil
      return true
    }
    if isLast { task.cancel() }
  }
}
