import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// An image that would come out as it lies there is left alone.
@Suite struct UnchangedImageTests {
  private static func build(_ bench: Bench, _ more: [String] = []) throws -> HostProgram.Outcome {
    let outcome = try bench.run("build", ["--output", bench.output] + more)
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
    return outcome
  }

  private static func isUnchanged(_ outcome: HostProgram.Outcome, _ bench: Bench) -> Bool {
    outcome.errors.contains("unchanged: \(bench.output)\n")
  }

  /// The layout's index: each writing makes a new file.
  private static func inode(_ bench: Bench) -> UInt {
    var status = stat()
    return stat(bench.output + "/index.json", &status) == 0 ? UInt(status.st_ino) : 0
  }

  @Test(arguments: [true, false]) func theSecondBuildWritesNothing(hasLock: Bool) throws {
    let bench = try Bench()
    if hasLock { #expect(try bench.run("lock").exitCode == 0) }
    let first = try Self.build(bench)
    let inode = Self.inode(bench)
    #expect(!Self.isUnchanged(first, bench))
    let second = try Self.build(bench)
    #expect(Self.isUnchanged(second, bench), "\(second.errors)")
    #expect(second.output == first.output)
    #expect(Self.inode(bench) == inode)
    let report = try JSON.object(Self.build(bench, ["--json"]).output)
    #expect(report["unchanged"] == .boolean(true))
    #expect(report["digest"]?.text.map { $0 + "\n" } == first.output)
  }

  @Test func aLockedBuildIsRecognisedToo() throws {
    let bench = try Bench()
    #expect(try bench.run("lock").exitCode == 0)
    #expect(!Self.isUnchanged(try Self.build(bench, ["--locked"]), bench))
    #expect(Self.isUnchanged(try Self.build(bench, ["--locked"]), bench))
    // What was built without the check was not checked.
    #expect(!Self.isUnchanged(try Self.build(bench), bench))
  }

  @Test func warningsAreSaidAgain() throws {
    var package = DebBuilder("odd")
    package.file("/usr/lib/odd", "odd")
    package.scripts["postinst"] = "#!/bin/sh\nodd-program --set-up\n"
    let bench = try Bench(
      Bench.recipe(packages: ["odd"]), publishing: [package])
    func run() throws -> HostProgram.Outcome {
      try bench.run("build", ["--output", bench.output], mirror: bench.ownArchive)
    }
    let first = try run()
    let warnings = first.errors.split(separator: "\n").filter { $0.hasPrefix("warning: ") }
    #expect(!warnings.isEmpty)
    let second = try run()
    #expect(Self.isUnchanged(second, bench))
    #expect(
      second.errors.split(separator: "\n").filter { $0.hasPrefix("warning: ") } == warnings)
  }

  @Test func anOutputThatWasTouchedIsBuiltAnew() throws {
    let bench = try Bench()
    let digest = try Self.build(bench).output
    for spoil in [
      {
        let file = URL(filePath: bench.output + "/index.json")
        try (Data(contentsOf: file) + Data("x".utf8)).write(to: file)
      },
      { try FileManager.default.removeItem(atPath: bench.output) },
      {
        let blobs = bench.output + "/blobs/sha256"
        let blob = try #require(FileListing.names(in: blobs).first)
        try FileManager.default.removeItem(atPath: blobs + "/" + blob)
      },
      { try FileManager.default.removeItem(atPath: bench.output + "/oci-layout") },
    ] as [() throws -> Void] {
      try spoil()
      let outcome = try bench.run("build", ["--output", bench.output])
      // A folder that is no layout any more is not ours to replace.
      if outcome.exitCode == 73 {
        try FileManager.default.removeItem(atPath: bench.output)
        #expect(try Self.build(bench).output == digest)
        continue
      }
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      #expect(!Self.isUnchanged(outcome, bench))
      #expect(outcome.output == digest)
    }
    #expect(Self.isUnchanged(try Self.build(bench), bench))
  }

  @Test func whateverChangesTheImageIsSeen() throws {
    let bench = try Bench()
    _ = try Self.build(bench)
    #expect(!Self.isUnchanged(try Self.build(bench, ["--compression", "none"]), bench))
    _ = try Self.build(bench)
    #expect(
      !Self.isUnchanged(try Self.build(bench, ["--platform", "linux/amd64,linux/arm64"]), bench))
    let ledger = bench.scratch.file("ledger.json")
    _ = try Self.build(bench)
    #expect(!Self.isUnchanged(try Self.build(bench, ["--ledger", ledger]), bench))
    #expect(bench.exists(ledger))
    try bench.scratch.write(Bench.smallRecipe + "annotations: {a: b}\n", to: "sample.yaml")
    #expect(!Self.isUnchanged(try Self.build(bench), bench))
    #expect(Self.isUnchanged(try Self.build(bench), bench))
    // Comments make no other image.
    try bench.scratch.write(
      Bench.smallRecipe + "# nothing\nannotations: {a: b}\n", to: "sample.yaml")
    #expect(Self.isUnchanged(try Self.build(bench), bench))
  }

  @Test func aFileOfTheRecipesFolderIsPartOfIt() throws {
    let bench = try Bench(
      Bench.smallRecipe + "paths:\n  - {type: file, path: /etc/own, source: own.txt}\n")
    let own = try bench.scratch.write("one", to: "own.txt")
    // Touched within the clock's resolution, whenever the builds begin: another change could not be told from this one.
    try SampleStore.use(own, at: time(nil) + 100_000)
    let first = try Self.build(bench).output
    #expect(!Self.isUnchanged(try Self.build(bench), bench))
    try SampleStore.use(own, at: 1_767_323_045)
    sleep(4)
    _ = try Self.build(bench)
    #expect(Self.isUnchanged(try Self.build(bench), bench))
    try bench.scratch.write("two", to: "own.txt")
    let second = try Self.build(bench)
    #expect(!Self.isUnchanged(second, bench))
    #expect(second.output != first)
  }

  @Test func aFileThatWasChangedDuringTheBuildIsLookedAtAgain() throws {
    let bench = try Bench(
      Bench.smallRecipe + "paths:\n  - {type: file, path: /etc/own, source: own.txt}\n")
    try bench.scratch.write("one", to: "own.txt")
    let locked = try ComposeProgram.run([
      "lock", bench.recipe, "--store", bench.scratch.file("other"), "--mirror",
      bench.archive.directory,
    ])
    #expect(locked.exitCode == 0, "\(locked.errors)")
    // The file was left alone for long enough before and after.
    sleep(4)
    let server = try LoopbackServer(
      serving: bench.archive.directory, script: NetworkTests.slowServer)
    let running = try HostProgram(path: ComposeProgram.path).start(
      bench.arguments("build", ["-o", bench.output], mirror: server.url),
      environment: ComposeProgram.environment)
    let half = bench.archive.directory + "/half"
    for _ in 0..<6000 where !bench.exists(half) { usleep(10_000) }
    try #require(bench.exists(half))
    try bench.scratch.write("two", to: "own.txt")
    sleep(4)
    let go = bench.archive.directory + "/go"
    #expect(FileManager.default.createFile(atPath: go, contents: nil))
    let first = try running.wait()
    #expect(first.exitCode == 0, "\(first.errors)")
    let second = try Self.build(bench)
    #expect(!Self.isUnchanged(second, bench))
    #expect(Self.isUnchanged(try Self.build(bench), bench))
  }

  @Test func aDamagedRecordIsNotBelieved() throws {
    let bench = try Bench()
    let digest = try Self.build(bench).output
    let folder = bench.store + "/built"
    let name = try #require(FileListing.names(in: folder).first { !$0.contains(".") })
    for position in [0.0, 0.3, 0.9] {
      let file = URL(filePath: folder + "/" + name)
      var bytes = try Data(contentsOf: file)
      bytes[Int(Double(bytes.count) * position)] ^= 0x01
      try bytes.write(to: file)
      let outcome = try Self.build(bench)
      #expect(!Self.isUnchanged(outcome, bench))
      #expect(outcome.output == digest)
    }
  }
}
