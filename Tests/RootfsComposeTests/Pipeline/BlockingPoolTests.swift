import Foundation
import Synchronization
import Testing

@testable import RootfsCompose

@Suite("Blocking work on bounded threads")
struct BlockingPoolTests {
  @Test("All work is done, on at most so many threads, none of them Swift's own")
  func bounded() async throws {
    let pool = BlockingPool(threads: 3, name: "a-name-that-is-too-long")
    let threads = Shared(Set<UInt>())
    let sum = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<200 {
        group.addTask {
          try await pool.run { _ in
            threads.value.withLock { _ = $0.insert(UInt(pthread_self())) }
            return number
          }
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(sum == 199 * 200 / 2)
    #expect((1...3).contains(threads.value.withLock { $0.count }))
  }

  @Test("Errors come back")
  func errors() async throws {
    let pool = BlockingPool(threads: 1, name: "test")
    await #expect(throws: ComposeError.self) {
      try await pool.run { _ in throw ComposeError(.notFound, "x", "y") }
    }
  }

  @Test("Cancellation reaches work that runs and work that waits")
  func cancellation() async throws {
    let pool = BlockingPool(threads: 1, name: "test")
    let started = Shared(false)
    let running = Task {
      try await pool.run { flag in
        started.value.withLock { $0 = true }
        while true {
          try flag.check()
          usleep(1_000)
        }
      } as Void
    }
    while !started.value.withLock({ $0 }) { await Task.yield() }
    let waiting = Task { try await pool.run { _ in 1 } }
    waiting.cancel()
    running.cancel()
    for result in [await running.result.map { 0 }, await waiting.result] {
      let error = #expect(throws: ComposeError.self) { try result.get() }
      #expect(error?.code == .cancelled)
    }
    #expect(try await pool.run { _ in 2 } == 2)
  }
}

final class Shared<Value: Sendable>: Sendable {
  let value: Mutex<Value>
  init(_ value: Value) { self.value = Mutex(value) }
}

extension BlockingPoolTests {
  @Test("What is most urgent goes first, and of equals what came first")
  func urgency() async throws {
    let pool = BlockingPool(threads: 1, name: "test")
    let order = Shared([Int64]())
    let gate = Shared(false)
    let isHeld = Shared(false)
    let holding = Task {
      try await pool.run { _ in
        isHeld.value.withLock { $0 = true }
        while !gate.value.withLock({ $0 }) { usleep(1_000) }
      }
    }
    while !isHeld.value.withLock({ $0 }) { await Task.yield() }
    let given: [Int64] = [3, 1, 9, 1, 7, 9, 2, 8]
    var tasks = [Task<Void, any Error>]()
    for (number, size) in given.enumerated() {
      tasks.append(
        Task {
          try await pool.run(.bySize(size)) { _ in
            order.value.withLock { $0.append(size * 10 + Int64(number)) }
          }
        })
      // What came first is known of what the pool holds only.
      while pool.waiting <= number { await Task.yield() }
    }
    let urgent = Task {
      try await pool.run(.first) { _ in order.value.withLock { $0.append(0) } }
    }
    while pool.waiting <= given.count { await Task.yield() }
    gate.value.withLock { $0 = true }
    try await holding.value
    for task in tasks { try await task.value }
    try await urgent.value
    #expect(order.value.withLock { $0 } == [0, 92, 95, 87, 74, 30, 26, 11, 13])
  }
}
