import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// Pruning beside builds, and after processes that were killed.
@Suite struct CacheConcurrencyTests {
  private static let folders = [
    "sha256", "expanded", "members", "indexes", "keyed", "apk", "built", "partial",
  ]

  /// Has all that builds keep look as if it had last been used long ago, so that nothing is spared.
  private static func age(_ store: String) throws {
    for folder in folders {
      // Files come and go meanwhile.
      guard let names = try? FileListing.files(below: store + "/" + folder) else { continue }
      for name in names { try SampleStore.use("\(store)/\(folder)/\(name)", at: 1_767_323_045) }
    }
  }

  private static func prune(_ store: String) throws -> HostProgram.Outcome {
    try ComposeProgram.run(["cache", "prune", "--max-size", "0", "--store", store])
  }

  private static func start(_ arguments: [String]) throws -> RunningProgram {
    try HostProgram(path: ComposeProgram.path)
      .start(arguments, environment: ComposeProgram.environment)
  }

  @Test func buildsGoOnWhateverIsPruned() throws {
    let bench = try Bench()
    let digest = try bench.build()
    let arguments = { (name: String) in
      bench.arguments("build", ["--quiet", "--output", bench.scratch.file(name)])
    }
    var pruned = 0
    for round in 0..<4 {
      let first = try Self.start(arguments("first\(round)"))
      let second = try Self.start(arguments("second\(round)"))
      for _ in 0..<8 {
        try Self.age(bench.store)
        let outcome = try Self.prune(bench.store)
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        if !outcome.output.contains("total          0") { pruned += 1 }
      }
      for outcome in [try first.wait(), try second.wait()] {
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        #expect(outcome.output == digest + "\n")
      }
    }
    #expect(pruned > 0)
    try FileManager.default.removeItem(atPath: bench.output)
    #expect(try bench.build() == digest)
    #expect(try bench.leftovers() == [])
  }

  @Test func alpineBuildsGoOnWhateverIsPruned() throws {
    let bench = try AlpineBench()
    let digest = try bench.build()
    for round in 0..<3 {
      let build = try Self.start(
        bench.arguments("build", ["--quiet", "--output", bench.scratch.file("image\(round)")]))
      for _ in 0..<6 {
        try Self.age(bench.store)
        #expect(try Self.prune(bench.store).exitCode == 0)
      }
      let outcome = try build.wait()
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      #expect(outcome.output == digest + "\n")
    }
  }

  @Test func whatABuildUsedWithinTheHourIsLeftToIt() throws {
    let bench = try Bench()
    _ = try bench.build()
    let files = try bench.storedNames()
    // A build that is stopped holds its store as any other.
    let lock = Glibc.open(bench.store + "/lock", O_RDONLY | O_CLOEXEC)
    #expect(flock(lock, LOCK_SH) == 0)
    let outcome = try Self.prune(bench.store)
    close(lock)
    #expect(outcome.exitCode == 0)
    let note = outcome.errors.split(separator: "\n").map(String.init)
    #expect(note.count == 1)
    #expect(
      note.first?.wholeMatch(
        of:
          /note: .*\/store: a build runs; [0-9]+ files of [0-9.]+ [kM]?B that were used within the last hour are left to it/
      ) != nil, "\(outcome.errors)")
    #expect(try bench.storedNames() == files)
    #expect(try Self.prune(bench.store).exitCode == 0)
    #expect(try bench.storedNames() == [])
  }

  @Test func aKilledPruningLeavesAStoreThatServes() throws {
    let bench = try Bench()
    let digest = try bench.build()
    for round in 0..<6 {
      for number in 0..<300 {
        let name = String(repeating: "0", count: 61) + String(100 + number)
        try bench.scratch.write([1], to: "store/keyed/" + name)
      }
      let pruning = try Self.start(["cache", "prune", "--max-size", "0", "--store", bench.store])
      usleep(useconds_t(round) * 8_000)
      pruning.signal(SIGKILL)
      _ = try pruning.wait()
      try FileManager.default.removeItem(atPath: bench.output)
      #expect(try bench.build() == digest)
      #expect(try ComposeProgram.run(["cache", "show", "--store", bench.store]).exitCode == 0)
    }
    #expect(try Self.prune(bench.store).exitCode == 0)
    #expect(try bench.storedNames() == [])
  }

  @Test func aKilledBuildLeavesAStoreThatServes() throws {
    let bench = try Bench()
    let digest = try bench.build()
    for round in 0..<8 {
      #expect(try Self.prune(bench.store).exitCode == 0)
      let build = try Self.start(
        bench.arguments("build", ["--quiet", "--output", bench.scratch.file("killed\(round)")]))
      usleep(useconds_t(round) * 20_000)
      build.signal(SIGKILL)
      _ = try build.wait()
    }
    let outcome = try Self.prune(bench.store)
    #expect(outcome.exitCode == 0)
    #expect(try bench.storedNames() == [])
    #expect(try bench.leftovers() == [])
    try FileManager.default.removeItem(atPath: bench.output)
    #expect(try bench.build() == digest)
  }
}

extension Bench {
  /// What builds keep in the store, by path.
  fileprivate func storedNames() throws -> [String] {
    try FileListing.files(below: store).filter {
      !$0.hasPrefix("tmp/") && !$0.hasPrefix("images/") && $0 != "lock"
    }
  }
}
