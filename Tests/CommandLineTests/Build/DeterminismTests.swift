import FoundationEssentials
import Glibc
import OCIImage
import TestSupport
import Testing

/// One digest whatever the machine, the user and the moment.
@Suite struct DeterminismTests {
  @Test func nothingOfTheSurroundingsReachesTheImage() throws {
    let bench = try Bench()
    let cold = try bench.build()
    try bench.forgetOutput()
    #expect(try bench.build() == cold, "warm store")
    try bench.forgetAll()
    let place = try bench.scratch.makeDirectory("elsewhere/below")
    #expect(try bench.build(directory: place) == cold, "another working directory")
    try bench.forgetAll()
    #expect(
      try bench.build(environment: ["TZ": "Asia/Kolkata", "LANG": "de_DE.UTF-8", "LC_ALL": "C"])
        == cold, "time zone and locale")
  }

  @Test(arguments: ["none", "gzip", "zstd"], ["layered", "squashed"])
  func threadsDoNotMatter(compression: String, output: String) throws {
    let bench = try Bench(Bench.smallRecipe + "output: \(output)\n")
    var digests = Set<String>()
    for decoders in ["1", "2", "8"] {
      for downloads in ["1", "8"] {
        try bench.forgetAll()
        let options = ["--decoders", decoders, "--downloads", downloads]
        digests.insert(try bench.build(options + ["--compression", compression]))
        try bench.forgetOutput()
        digests.insert(try bench.build(options + ["--compression", compression]))
      }
    }
    #expect(digests.count == 1)
  }

  @Test func aServerGivesWhatAFolderGives() throws {
    let bench = try Bench()
    let digest = try bench.build()
    let server = try LoopbackServer(serving: bench.archive.directory)
    let other = try Bench()
    let outcome = try other.run("build", ["-o", other.output], mirror: server.url)
    #expect(outcome.output == digest + "\n", "\(outcome.errors)")
    #expect(
      outcome.errors.contains("from \(server.url)/dists/trixie/InRelease, "), "\(outcome.errors)")
  }

  @Test func umaskAndProcessorsDoNotMatter() throws {
    let bench = try Bench()
    let digest = try bench.build()
    let modes = try Self.modes(bench.output)
    let shell = try #require(HostProgram.find("sh"))
    let taskset = try #require(HostProgram.find("taskset"), "apt-get install util-linux").path
    for prefix in ["umask 077; exec", "umask 0; exec", "exec \(taskset) -c 0"] {
      try FileManager.default.removeItem(atPath: bench.store)
      let arguments = bench.arguments("build", ["-o", bench.output])
      let outcome = try shell.check(
        ["-c", prefix + " \"$0\" \"$@\"", ComposeProgram.path] + arguments,
        environment: ComposeProgram.environment)
      #expect(outcome.output == digest + "\n", "\(prefix)")
      #expect(try Self.modes(bench.output) == modes, "\(prefix)")
    }
    // The umask is the whole process's, so that only a program of its own can try one.
    for form in ["oci-archive", "docker-archive", "tar"] {
      let file = bench.scratch.file(form)
      try shell.check(
        ["-c", "umask 077; exec \"$0\" \"$@\"", ComposeProgram.path]
          + bench.arguments("build", ["-o", file, "--format", form]),
        environment: ComposeProgram.environment)
      var status = stat()
      #expect(stat(file, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o644, "\(form)")
    }
  }

  @Test(.enabled(if: geteuid() == 0, "changing the user needs root"))
  func anOrdinaryUserMakesTheSameImage() throws {
    let bench = try Bench()
    let digest = try bench.build()
    let other = try Bench()
    let outcome = try other.runAsOrdinaryUser("build", ["-o", other.output])
    #expect(outcome.output == digest + "\n", "\(outcome.errors)")
  }

  @Test func theEpochIsTheNewestPackagesUnlessTheEnvironmentNamesOne() throws {
    let bench = try Bench()
    let digest = try bench.build()
    let epoch = try bench.build(environment: ["SOURCE_DATE_EPOCH": "1000000000"])
    #expect(epoch != digest)
    let image = try Image(contentsOf: bench.output)
    #expect(image.platformImages.first?.configuration.created == "2001-09-09T01:46:40Z")
    let tar = bench.scratch.file("root.tar")
    #expect(
      try bench.run(
        "build", ["--format", "tar", "-o", tar], environment: ["SOURCE_DATE_EPOCH": "1000000000"]
      ).exitCode == 0)
    let listing = try #require(HostProgram.find("tar")).check(
      ["--utc", "--full-time", "-tvf", tar], environment: ["LC_ALL": "C"])
    let lines = listing.output.split(separator: "\n")
    #expect(lines.count > 30)
    #expect(lines.allSatisfy { $0.contains(" 2001-09-09 01:46:40 ") })
    #expect(try bench.build() == digest)
  }

  @Test func anEpochThatIsNoNumberIsRefused() throws {
    let bench = try Bench()
    let outcome = try bench.run(
      "build", ["-o", bench.output], environment: ["SOURCE_DATE_EPOCH": "yesterday"])
    #expect(outcome.exitCode == 65)
    #expect(
      outcome.errors.hasSuffix(
        "error: SOURCE_DATE_EPOCH: is \"yesterday\"; expected seconds since 1970, or unset it\n"))
    #expect(bench.isWithoutOutput)
  }

  /// Paths with their modes.
  private static func modes(_ directory: String) throws -> [String: UInt32] {
    var modes = [String: UInt32]()
    for name in try FileManager.default.subpathsOfDirectory(atPath: directory) + ["."] {
      var status = stat()
      guard stat(directory + "/" + name, &status) == 0 else { continue }
      modes[name] = status.st_mode
    }
    return modes
  }
}
