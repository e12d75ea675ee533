import Foundation
import OCIImage
import Synchronization

/// Threads of its own, which take the jobs in turn.
final class ThreadExecutor: LayerExecutor {
  private struct Queue {
    var jobs = [@Sendable () -> Void]()
    var isClosed = false
  }

  private final class Shared: Sendable {
    let queue = Mutex(Queue())
    let arrivals = DispatchSemaphore(value: 0)
  }

  let threadCount: Int
  private let shared = Shared()

  init(threads: Int) {
    threadCount = threads
    for _ in 0..<threads {
      Thread.detachNewThread { [shared] in
        while true {
          shared.arrivals.wait()
          let (job, isClosed) = shared.queue.withLock { queue in
            (queue.jobs.isEmpty ? nil : queue.jobs.removeFirst(), queue.isClosed)
          }
          if let job { job() } else if isClosed { return }
        }
      }
    }
  }

  deinit {
    shared.queue.withLock { $0.isClosed = true }
    for _ in 0..<threadCount { shared.arrivals.signal() }
  }

  func execute(_ job: @escaping @Sendable () -> Void) {
    shared.queue.withLock { $0.jobs.append(job) }
    shared.arrivals.signal()
  }
}

/// Takes jobs and runs none of them until it is told to: all threads are busy with something else.
final class BusyExecutor: LayerExecutor {
  private let jobs = Mutex<[@Sendable () -> Void]>([])
  let threadCount: Int

  init(threads: Int) { threadCount = threads }

  var waiting: Int { jobs.withLock { $0.count } }

  func execute(_ job: @escaping @Sendable () -> Void) { jobs.withLock { $0.append(job) } }

  func runAll() {
    let taken = jobs.withLock { jobs in
      defer { jobs = [] }
      return jobs
    }
    for job in taken { job() }
  }
}

/// Keeps members in memory.
final class MemoryMemberCache: LayerMemberCache {
  struct Key: Hashable {
    let digest: Digest
    let compressor: String
  }

  struct State {
    var members = [Key: [UInt8]]()
    var found = 0
    var kept = 0
  }

  let state = Mutex(State())

  func member(of digest: Digest, compressor: String) -> [UInt8]? {
    state.withLock { state in
      let packed = state.members[Key(digest: digest, compressor: compressor)]
      if packed != nil { state.found += 1 }
      return packed
    }
  }

  func keep(_ packed: UnsafeRawBufferPointer, of digest: Digest, compressor: String) {
    state.withLock { state in
      state.members[Key(digest: digest, compressor: compressor)] = [UInt8](packed)
      state.kept += 1
    }
  }
}
