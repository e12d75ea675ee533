import FoundationEssentials
import Glibc
import OCIImage
import TestSupport
import Testing

/// One digest of Alpine's packages whatever the machine, the user and the moment.
@Suite struct AlpineDeterminismTests {
  private static let recipe = AlpineBench.recipe(
    packages: ["busybox", "greet", "os-info"], "variant: dev\n")

  @Test func nothingOfTheSurroundingsReachesTheImage() throws {
    let bench = try AlpineBench(Self.recipe)
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
    for decoders in ["1", "2", "8"] {
      try bench.forgetAll()
      #expect(try bench.build(["--decoders", decoders]) == cold, "\(decoders) decoders")
    }
    let server = try LoopbackServer(serving: bench.mirror)
    try bench.forgetAll()
    #expect(try bench.build(sources: ["--mirror", server.url]) == cold, "a server")
    #expect(try AlpineBench(Self.recipe).build() == cold, "another folder, made again")
  }

  /// The umask is the whole process's, so that only a program of its own can try one.
  @Test func umaskAndProcessorsDoNotMatter() throws {
    let bench = try AlpineBench(Self.recipe)
    let digest = try bench.build()
    let shell = try #require(HostProgram.find("sh"))
    let taskset = try #require(HostProgram.find("taskset"), "apt-get install util-linux").path
    for prefix in ["umask 077; exec", "umask 0; exec", "exec \(taskset) -c 0"] {
      try FileManager.default.removeItem(atPath: bench.store)
      let outcome = try shell.check(
        ["-c", prefix + " \"$0\" \"$@\"", ComposeProgram.path]
          + bench.arguments("build", ["-o", bench.output]),
        environment: ComposeProgram.environment)
      #expect(outcome.output == digest + "\n", "\(prefix)")
    }
  }

  @Test(.enabled(if: geteuid() == 0, "changing the user needs root"))
  func anOrdinaryUserMakesTheSameImage() throws {
    let bench = try AlpineBench(Self.recipe)
    let digest = try bench.build()
    let other = try AlpineBench(Self.recipe)
    let outcome = try ComposeProgram.runAsOrdinaryUser(
      other.arguments("build", ["-o", other.output]), in: other.scratch)
    #expect(outcome.output == digest + "\n", "\(outcome.errors)")
  }

  @Test func theEpochIsTheNewestPackagesUnlessTheEnvironmentNamesOne() throws {
    let bench = try AlpineBench()
    let digest = try bench.build()
    #expect(
      try Image(contentsOf: bench.output).platformImages.first?.configuration.created
        == "2025-01-01T00:00:00Z")
    let epoch = ["SOURCE_DATE_EPOCH": "1000000000"]
    #expect(try bench.build(environment: epoch) != digest)
    #expect(
      try Image(contentsOf: bench.output).platformImages.first?.configuration.created
        == "2001-09-09T01:46:40Z")
    #expect(try bench.build() == digest)
  }
}
