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

private final class Shared<Value: Sendable>: Sendable {
  let value: Mutex<Value>
  init(_ value: Value) { self.value = Mutex(value) }
}
