import Foundation
import Testing

@testable import RootfsCompose

@Suite("Work that several want and one does")
struct SharedResultsTests {
  private struct Failure: Error, Equatable { let words: String }

  @Test func itIsDoneOnceForAKey() async throws {
    let results = SharedResults<Int, Int>()
    let calls = Counter()
    let values = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<100 {
        group.addTask {
          try await results.value(for: number % 3) {
            _ = calls.next()
            try await Task.sleep(for: .milliseconds(10))
            return number % 3
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(values.count(where: { $0 == 0 }) == 34)
    #expect(calls.next() == 4)
  }

  @Test func aFailureIsEverybodysInTheirOwnWords() async throws {
    let results = SharedResults<Int, Int>()
    let calls = Counter()
    func ask(_ wording: String) async -> Failure? {
      do {
        _ = try await results.value(for: 1, wording: wording) {
          _ = calls.next()
          throw Failure(words: wording)
        }
        return nil
      } catch {
        return error as? Failure
      }
    }
    #expect(await ask("one") == Failure(words: "one"))
    #expect(await ask("one") == Failure(words: "one"))
    #expect(calls.next() == 2)
    #expect(await ask("two") == Failure(words: "two"))
    #expect(calls.next() == 4)
  }

  @Test func oneThatIsCancelledLeavesTheWorkToTheOthers() async throws {
    let results = SharedResults<Int, Int>()
    let goesOn = Shared(true)
    let work: @Sendable () async throws -> Int = {
      while goesOn.value.withLock({ $0 }) {
        try Task.checkCancellation()
        await Task.yield()
      }
      return 7
    }
    let first = Task { try await results.value(for: 1, work) }
    try await Task.sleep(for: .milliseconds(50))
    let second = Task { try await results.value(for: 1, work) }
    try await Task.sleep(for: .milliseconds(50))
    first.cancel()
    try await Task.sleep(for: .milliseconds(50))
    goesOn.value.withLock { $0 = false }
    #expect(try await second.value == 7)
  }

  @Test func workThatNobodyWaitsForIsCancelledAndDoneAnewForTheNext() async throws {
    let results = SharedResults<Int, Int>()
    let only = Task {
      try await results.value(for: 1) {
        while true {
          try Task.checkCancellation()
          await Task.yield()
        }
      }
    }
    try await Task.sleep(for: .milliseconds(50))
    only.cancel()
    await #expect(throws: CancellationError.self) { try await only.value }
    #expect(try await results.value(for: 1) { 8 } == 8)
  }
}
