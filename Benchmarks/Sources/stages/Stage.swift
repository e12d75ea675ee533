import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What one stage takes: medians, in seconds.
struct Stage: Encodable {
  struct Time {
    var wall: Double
    var processor: Double
  }

  let name: String
  let wall: Double
  let cpu: Double

  init(_ name: String, _ times: [Time]) {
    self.name = name
    wall = times.map(\.wall).sorted()[times.count / 2]
    cpu = times.map(\.processor).sorted()[times.count / 2]
  }

  init(_ name: String, _ runs: Int, _ body: () throws -> Void) rethrows {
    var times = [Time]()
    for _ in 0..<runs {
      let clock = StageClock()
      clock.start()
      try body()
      clock.stop()
      times.append(clock.time)
    }
    self.init(name, times)
  }
}

/// Wall time, and processor time of all threads of this process, from the last start to the first stop after it.
final class StageClock: Sendable {
  private struct State {
    var wall = 0.0
    var processor = 0.0
    var time = Stage.Time(wall: 0, processor: 0)
    var isRunning = false
  }

  private let state = Mutex(State())

  func start() {
    state.withLock { state in
      state.wall = Self.now(CLOCK_MONOTONIC)
      state.processor = Self.now(CLOCK_PROCESS_CPUTIME_ID)
      state.isRunning = true
    }
  }

  func stop() {
    state.withLock { state in
      guard state.isRunning else { return }
      state.time = Stage.Time(
        wall: Self.now(CLOCK_MONOTONIC) - state.wall,
        processor: Self.now(CLOCK_PROCESS_CPUTIME_ID) - state.processor)
      state.isRunning = false
    }
  }

  var time: Stage.Time { state.withLock { $0.time } }

  private static func now(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
