#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Processor time that this process spent, all threads together, in milliseconds.
struct ProcessorTime {
  var user: Double
  var system: Double
  var total: Double { user + system }

  static func now() -> ProcessorTime {
    let usage = resources()
    return ProcessorTime(user: milliseconds(usage.ru_utime), system: milliseconds(usage.ru_stime))
  }

  static func - (left: ProcessorTime, right: ProcessorTime) -> ProcessorTime {
    ProcessorTime(user: left.user - right.user, system: left.system - right.system)
  }

  private static func milliseconds(_ time: timeval) -> Double {
    Double(time.tv_sec) * 1000 + Double(time.tv_usec) / 1000
  }

  private static func resources() -> rusage {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage
  }

  /// The most memory that was resident at once, in MiB.
  static var peakMemory: Double { Double(resources().ru_maxrss) / 1024 }
}

/// Runs something several times and prints medians.
struct Measurement {
  let name: String
  let runs: Int

  /// What `body` returns is dropped between runs, outside of the time measured.
  func run(_ body: () throws -> some Any) rethrows {
    var times = [ProcessorTime]()
    var walls = [ContinuousClock.Duration]()
    for _ in 0..<runs {
      let clock = ContinuousClock()
      let start = ProcessorTime.now()
      let wall = clock.now
      let result = try body()
      walls.append(clock.now - wall)
      times.append(ProcessorTime.now() - start)
      withExtendedLifetime(result) {}
    }
    let middle = times.sorted { $0.total < $1.total }[runs / 2]
    let wall = walls.sorted()[runs / 2].components
    let wallMilliseconds = Double(wall.seconds) * 1000 + Double(wall.attoseconds) / 1e15
    print(
      "\(name): \(rounded(middle.total)) ms user+system (user \(rounded(middle.user)), system "
        + "\(rounded(middle.system))), \(rounded(wallMilliseconds)) ms wall, median of \(runs); "
        + "peak \(rounded(ProcessorTime.peakMemory)) MiB")
  }

  private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
