/// Threads that a ``LayerWriter`` may use beside the one that calls it.
///
/// A job never waits for another job, so that any number of threads will do; where none is free, the writer's own thread
/// does the work in the end. What is written does not depend on it.
public protocol LayerExecutor: Sendable {
  /// Threads that may run jobs at the same time, at least one. In memory are at most as many members of a layer as
  /// threads work on, and four more.
  var threadCount: Int { get }

  /// Runs `job` once, now or later, on any thread but within no lock that a job might need.
  func execute(_ job: @escaping @Sendable () -> Void)
}
