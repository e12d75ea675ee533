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

  public init() {}

  public var isCancelled: Bool { raised.load(ordering: .relaxed) }

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

  /// Runs `body` on one of the pool's threads, after work given earlier.
  ///
  /// Where the calling task is cancelled, the flag is raised; work that has not begun throws ``ComposeError`` with
  /// the code `cancelled`, work that has begun is expected to look at its flag.
  public func run<T: Sendable>(
    _ body: @Sendable @escaping (CancellationFlag) throws -> T
  ) async throws -> T {
    let flag = CancellationFlag()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        queue.add {
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
  public var threadCount: Int { queue.limit }

  public func execute(_ job: @escaping @Sendable () -> Void) { queue.add(job) }
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
  private var work: [@Sendable () -> Void] = []
  private var head = 0
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

  func add(_ item: @Sendable @escaping () -> Void) {
    pthread_mutex_lock(mutex)
    work.append(item)
    let queued = work.count - head
    let wanted = queued > idle && threads < limit
    let started = wanted && startThread()
    if started { threads += 1 }
    // Without a single thread (the system refuses more), the caller's thread has to do the work.
    let own = threads == 0 ? take() : nil
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
    own?()
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

  private func take() -> (@Sendable () -> Void)? {
    guard head < work.count else { return nil }
    let item = work[head]
    head += 1
    if head == work.count {
      work.removeAll(keepingCapacity: true)
      head = 0
    }
    return item
  }
}
