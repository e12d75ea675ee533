import FoundationEssentials
import OCIImage
import PkgResolve
import TestSupport
import Testing

/// Locks: made, followed, and compared.
@Suite struct LockTests {
  @Test func aLockIsTheSameTwiceAndBuildsTheSameImage() throws {
    let bench = try Bench()
    let first = try bench.run("lock")
    #expect(first.exitCode == 0, "\(first.errors)")
    #expect(first.output == bench.lock + "\n")
    let text = try bench.text(bench.lock)
    #expect(try bench.run("lock").exitCode == 0)
    #expect(try bench.text(bench.lock) == text)
    let digest = try bench.build(["--locked"])
    let lock = try Lockfile(decoding: Array(text.utf8), name: bench.lock)
    #expect(lock.image?.manifests["linux/amd64"]?.manifest == digest)
    #expect(String(decoding: try lock.encoded(), as: UTF8.self) == text)
    #expect(
      lock.platforms["linux/amd64"]?.packages.map { "\($0.name) \($0.reason)" } == [
        "demoshell libgreet1 depends on demoshell", "hello requested",
        "hello-data hello depends on hello-data", "libgreet1 hello depends on libgreet (>= 1.0)",
        "os-info requested",
      ])
    #expect(try bench.run("lock", ["--json"]).output == text)
  }

  @Test func aLockIsFollowedAfterTheArchiveMovesOn() throws {
    let bench = try Bench()
    let archive = bench.ownArchive
    let publisher = try SampleArchive.publisher(in: archive)
    try bench.publish(SamplePackages.all(), with: publisher)
    #expect(try bench.run("lock", mirror: archive).exitCode == 0)
    let before = try Self.build(bench, archive)
    try bench.publish(SamplePackages.all() + [SamplePackages.hello("2.0-1")], with: publisher)
    #expect(try Self.build(bench, archive, ["--locked"]) == before)
    try FileManager.default.removeItem(atPath: bench.lock)
    let newer = try Self.build(bench, archive)
    #expect(newer != before)
    let report = try JSON.object(
      ComposeProgram.run(["show", bench.output, "--json"]).output)
    let packages = report["platforms"]?.items.first?["packages"]?.items ?? []
    #expect(packages.first { $0["name"] == "hello" }?["version"] == "2.0-1")
  }

  private static func build(
    _ bench: Bench, _ mirror: String, _ more: [String] = []
  ) throws -> String {
    let outcome = try bench.run("build", ["-o", bench.output] + more, mirror: mirror)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    return outcome.output
  }

  @Test func theLockRecordsEachChoiceWithItsReason() throws {
    let bench = try Bench(
      Bench.recipe(packages: ["app", "app-data", "'!nosuch'"]),
      publishing: [
        DebBuilder(
          "app", fields: [("Depends", "first | second, api"), ("Source", "app-src (1)")]),
        DebBuilder("app-data", fields: [("Source", "app-src (1)")]), DebBuilder("first"),
        DebBuilder("second"),
        DebBuilder("low", fields: [("Provides", "api"), ("Priority", "optional")]),
        DebBuilder("high", fields: [("Provides", "api"), ("Priority", "required")]),
      ])
    let outcome = try bench.run("lock", mirror: bench.ownArchive)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(
      outcome.errors.contains("!nosuch: excludes nothing, for no package has this name"),
      "\(outcome.errors)")
    let lock = try Lockfile(decoding: Array(bench.text(bench.lock).utf8), name: bench.lock)
    let choices = lock.platforms["linux/amd64"]?.choices ?? []
    #expect(
      choices.map { "\($0.package ?? ""): \($0.relation): \($0.chosen), not \($0.others)" } == [
        "app: first | second: first, not [\"second\"]", "app: api: high, not [\"low\"]",
      ])
    #expect(
      choices.map(\.reason) == [
        "the first alternative", "its priority is required, that of low is optional",
      ])
    let shown = try ComposeProgram.run(["show", bench.lock]).output
    #expect(shown.contains("\nchosen among several:\n"), "\(shown)")
    #expect(shown.contains("its priority is required, that of low is optional"), "\(shown)")
    let recipe = try ComposeProgram.run(["show", bench.recipe])
    #expect(recipe.exitCode == 65)
    #expect(recipe.errors.hasPrefix("error: \(bench.recipe): is a recipe; show takes an image or"))
  }

  @Test func lockedNeedsALock() throws {
    let bench = try Bench()
    let outcome = try bench.run("build", ["--locked", "-o", bench.output])
    #expect(outcome.exitCode == 66)
    #expect(
      outcome.errors
        == "error: \(bench.lock): not found, and --locked needs it; run `dhi-compose lock \(bench.recipe)`\n"
    )
    #expect(bench.isWithoutOutput)
  }

  @Test func lockedFailsWhereTheRecipeChanged() throws {
    let bench = try Bench()
    #expect(try bench.run("lock").exitCode == 0)
    try bench.scratch.write(Bench.smallRecipe + "cmd: [hello]\n", to: "sample.yaml")
    let outcome = try bench.run("build", ["--locked", "-o", bench.output])
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.hasPrefix("error: \(bench.lock): \(bench.recipe) has changed since: "))
    #expect(
      outcome.errors.hasSuffix("; run `dhi-compose lock \(bench.recipe)` to renew it\n"))
    #expect(bench.isWithoutOutput)
    // Without the option, what chooses packages is the same, so that the lock still serves.
    _ = try bench.build()
  }

  @Test func aLockForOtherPackagesIsRefused() throws {
    let bench = try Bench()
    #expect(try bench.run("lock").exitCode == 0)
    try bench.scratch.write(Bench.recipe(packages: ["os-info"]), to: "sample.yaml")
    let outcome = try bench.run("build", ["-o", bench.output])
    #expect(outcome.exitCode == 1)
    #expect(
      outcome.errors
        == "error: \(bench.lock): made for other packages or sources than \(bench.recipe) now asks for; "
        + "run `dhi-compose lock \(bench.recipe)` to renew it\n")
    #expect(bench.isWithoutOutput)
  }

  @Test func aPlatformThatTheLockLacksIsRefused() throws {
    let bench = try Bench()
    #expect(try bench.run("lock").exitCode == 0)
    let outcome = try bench.run("build", ["--platform", "linux/arm64", "-o", bench.output])
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.contains("holds no packages for linux/arm64, only for linux/amd64"))
  }

  @Test func lockedFailsWhereTheImageComesOutDifferent() throws {
    let bench = try Bench()
    #expect(try bench.run("lock").exitCode == 0)
    var lock = try Lockfile(
      decoding: Array(bench.text(bench.lock).utf8), name: bench.lock)
    let wrong = Digest.sha256(of: [1]).description
    lock.image?.manifests["linux/amd64"]?.diffIDs[0] = wrong
    try bench.scratch.write(lock.encoded(), to: "sample.lock.json")
    let outcome = try bench.run("build", ["--locked", "--quiet", "-o", bench.output])
    #expect(outcome.exitCode == 1)
    #expect(
      outcome.errors.hasPrefix(
        "error: \(bench.lock): the layers of linux/amd64 came out different: expected \(wrong), "))
    #expect(outcome.output == "")
    #expect(bench.isWithoutOutput)
  }

  @Test func lockedSaysWhereOnlyTheCompressionDiffers() throws {
    let bench = try Bench()
    #expect(try bench.run("lock").exitCode == 0)
    let outcome = try bench.run(
      "build", ["--locked", "--quiet", "--compression", "none", "-o", bench.output])
    #expect(outcome.exitCode == 1)
    #expect(
      outcome.errors.contains("the layers of linux/amd64 are the same, compressed differently"))
  }

  @Test func aPackageThatChangedUnderItsVersionDoesNotVerify() throws {
    let bench = try Bench()
    #expect(try bench.run("lock").exitCode == 0)
    try FileManager.default.removeItem(atPath: bench.store)
    try bench.archive.flipByte(of: "pool/main/h/hello/hello_1.0-1_amd64.deb")
    let outcome = try bench.run("build", ["--quiet", "-o", bench.output])
    #expect(outcome.exitCode == 77)
    let url = "\(bench.archive.directory)/pool/main/h/hello/hello_1.0-1_amd64.deb: expected sha256:"
    #expect(outcome.errors.contains(url), "\(outcome.errors)")
    #expect(bench.isWithoutOutput)
    #expect(try bench.leftovers().allSatisfy { $0.hasPrefix("partial/") })
    for name in try bench.leftovers() {
      #expect(try !bench.scratch.read("store/" + name).isEmpty)
    }
  }

  @Test(arguments: ["", "{", "{}", "[]", "{\"schema\": 99}", "null", "\u{0}\u{1}"])
  func aMalformedLockIsRefused(text: String) throws {
    let bench = try Bench()
    try bench.scratch.write(text, to: "sample.lock.json")
    let outcome = try bench.run("build", ["-o", bench.output])
    #expect(outcome.exitCode == 65)
    #expect(outcome.errors.hasPrefix("error: \(bench.lock): "))
    #expect(bench.isWithoutOutput)
  }
}
