import OCIImage
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Tells blocking work that its task was cancelled. Loops look at it at every chunk.
public final class CancellationFlag: Sendable {
  private let raised = Atomic<Bool>(false)

  /// A flag that is not raised.
  public init() {}

  /// Whether ``cancel()`` was called.
  public var isCancelled: Bool { raised.load(ordering: .relaxed) }

  /// Raises the flag, for good.
  public func cancel() { raised.store(true, ordering: .relaxed) }

  /// Throws ``ComposeError`` with the code `cancelled` once the flag is raised.
  public func check() throws(ComposeError) {
    if isCancelled { throw ComposeError(.cancelled, "", "cancelled") }
  }
}

/// A bounded set of threads for calls that block: C decoders, transfers, file writes.
///
/// Swift's cooperative pool has one thread a processor and must never wait; this pool's threads may. Threads start
/// when work first needs them and end with the pool; work that is still queued by then is carried out first.
public final class BlockingPool: Sendable {
  private let queue: WorkQueue

  /// A pool of at most `threads` threads (at least one). `name` shows in debuggers, cut to 15 bytes.
  public init(threads: Int, name: String) {
    queue = WorkQueue(limit: max(1, threads), name: name)
  }

  deinit { queue.close() }

  /// What a thread that comes free takes next: the most urgent, and of equals what was given first.
  public struct Urgency: Sendable, Comparable {
    let value: Int64

    /// Work that something else waits for.
    public static let first = Urgency(value: .max)
    /// Work that nothing of a known size waits for: behind all other.
    public static let normal = Urgency(value: 0)

    /// The larger, the earlier, so that the last to finish is a small one. `size` is in any one unit.
    public static func bySize(_ size: Int64) -> Urgency {
      Urgency(value: min(max(size, 1), .max - 1))
    }

    public static func < (left: Urgency, right: Urgency) -> Bool { left.value < right.value }
  }

  /// How much work no thread has begun yet.
  var waiting: Int { queue.waiting }

  /// Runs `body` on one of the pool's threads.
  ///
  /// Where the calling task is cancelled, the flag is raised; work that has not begun throws ``ComposeError`` with
  /// the code `cancelled`, work that has begun is expected to look at its flag.
  public func run<T: Sendable>(
    _ urgency: Urgency = .normal, _ body: @Sendable @escaping (CancellationFlag) throws -> T
  ) async throws -> T {
    let flag = CancellationFlag()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        queue.add(urgency) {
          continuation.resume(
            with: Result {
              try flag.check()
              return try body(flag)
            })
        }
      }
    } onCancel: {
      flag.cancel()
    }
  }
}

extension BlockingPool: LayerExecutor {
  /// The pool's threads.
  public var threadCount: Int { queue.limit }

  /// Runs `job` before any work that has a size.
  public func execute(_ job: @escaping @Sendable () -> Void) { queue.add(.first, job) }
}

/// `close`, which the queue's own method hides.
private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }

/// The queue and its threads, which outlive the pool until the queue is empty.
private final class WorkQueue: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  let limit: Int
  private let name: String
  // All below is read and written with the mutex held.
  private var work = UrgencyHeap()
  private var threads = 0
  private var idle = 0
  private var closed = false

  init(limit: Int, name: String) {
    self.limit = limit
    self.name = String(decoding: name.utf8.prefix(15), as: UTF8.self)
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  func add(_ urgency: BlockingPool.Urgency, _ item: @Sendable @escaping () -> Void) {
    pthread_mutex_lock(mutex)
    work.insert(item, urgency)
    let wanted = work.count > idle && threads < limit
    let started = wanted && startThread()
    if started { threads += 1 }
    // Without a single thread (the system refuses more), the caller's thread has to do the work.
    let own = threads == 0 ? take() : nil
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
    own?()
  }

  var waiting: Int {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return work.count
  }

  func close() {
    pthread_mutex_lock(mutex)
    closed = true
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }

  private func startThread() -> Bool {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self)
    let status = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<WorkQueue>.fromOpaque(context).takeRetainedValue().serve()
        return nil
      }, context.toOpaque())
    guard status == 0 else {
      context.release()
      return false
    }
    pthread_detach(thread)
    return true
  }

  private func serve() {
    // A peer that closes its connection must not end the process: libcurl leaves SIGPIPE to its caller, and the
    // signal goes to the thread that wrote.
    var blocked = sigset_t()
    sigemptyset(&blocked)
    sigaddset(&blocked, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &blocked, nil)
    setName()
    while let item = next() { item() }
  }

  private func setName() {
    let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = write(descriptor, name, name.utf8.count)
    _ = systemClose(descriptor)
  }

  private func next() -> (@Sendable () -> Void)? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let item = take() { return item }
      if closed {
        threads -= 1
        return nil
      }
      idle += 1
      pthread_cond_wait(condition, mutex)
      idle -= 1
    }
  }

  private func take() -> (@Sendable () -> Void)? { work.removeFirst() }
}

/// A binary heap: the most urgent stands first, and of equals the one that came first.
private struct UrgencyHeap {
  private struct Item {
    let urgency: BlockingPool.Urgency
    let number: UInt64
    let body: @Sendable () -> Void

    func isBefore(_ other: Item) -> Bool {
      urgency == other.urgency ? number < other.number : urgency > other.urgency
    }
  }

  private var items: [Item] = []
  private var inserted: UInt64 = 0

  var count: Int { items.count }

  mutating func insert(
    _ body: @Sendable @escaping () -> Void, _ urgency: BlockingPool.Urgency
  ) {
    items.append(Item(urgency: urgency, number: inserted, body: body))
    inserted += 1
    var child = items.count - 1
    while child > 0, items[child].isBefore(items[(child - 1) / 2]) {
      items.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func removeFirst() -> (@Sendable () -> Void)? {
    guard let last = items.indices.last else { return nil }
    items.swapAt(0, last)
    let first = items.removeLast()
    var parent = 0
    while true {
      let children = (2 * parent + 1)..<min(2 * parent + 3, max(items.count, 2 * parent + 1))
      guard let next = children.min(by: { items[$0].isBefore(items[$1]) }),
        items[next].isBefore(items[parent])
      else { return first.body }
      items.swapAt(parent, next)
      parent = next
    }
  }
}
