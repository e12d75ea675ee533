import FoundationEssentials
import OCIImage
import PkgResolve
import TestSupport
import Testing

/// Commands on a recipe that is written once for several distributions.
@Suite struct DistributionsCommandTests {
  private static let recipe = """
    name: Sample (${target.distribution})
    image: example/sample
    platforms: [linux/amd64]
    contents:
      keyring: [archive.asc]
      packages: [os-info]
    compose:
      distributions:
        debian-13: {packages: [hello]}
        debian-12: {packages: [old-hello]}
    environment:
      OF: ${target.distribution}

    """

  /// An archive of both distributions, where each has a package of its own.
  private func bench(_ recipe: String = recipe) throws -> Bench {
    let bench = try Bench(recipe)
    let publisher = try SampleArchive.publisher(in: bench.ownArchive)
    try bench.publish(SamplePackages.all(), with: publisher)
    let old = [DebBuilder("old-hello", version: "0.9"), SamplePackages.osRelease()]
    try publisher.publish(old, suite: "bookworm")
    for suite in ["bookworm-updates", "bookworm-security"] {
      try publisher.publish([], suite: suite, indexCompressions: [.gzip])
    }
    return bench
  }

  private func run(
    _ bench: Bench, _ command: String, _ more: [String] = []
  ) throws -> HostProgram.Outcome {
    try bench.run(command, more, mirror: bench.ownArchive, directory: bench.folder)
  }

  @Test func eachHasItsLockAndItsImage() throws {
    let bench = try bench()
    let lock = try run(bench, "lock")
    #expect(lock.exitCode == 0, "\(lock.errors)")
    let locks = ["debian-13", "debian-12"].map { bench.scratch.file("sample.\($0).lock.json") }
    #expect(lock.output == locks.map { $0 + "\n" }.joined())
    #expect(lock.errors.contains("\(bench.recipe) for debian-12\n"))
    let build = try run(bench, "build", ["--locked"])
    #expect(build.exitCode == 0, "\(build.errors)")
    let images = try ["debian-13", "debian-12"].map {
      try Image(contentsOf: bench.scratch.file("out/sample-\($0)"))
    }
    let lines = zip(images, ["debian-13", "debian-12"]).map { "\($0.digest)  out/sample-\($1)\n" }
    #expect(build.output == lines.joined())
    #expect(
      FileListing.names(in: bench.scratch.file("out")) == ["sample-debian-12", "sample-debian-13"])
    #expect(!bench.exists(bench.lock))
    for (image, name) in zip(images, ["debian-13", "debian-12"]) {
      let environment = image.platformImages.first?.configuration.config?.environment ?? []
      #expect(environment.contains("OF=\(name)"))
    }
    let packages = try locks.map { path in
      let lock = try Lockfile(decoding: Array(bench.text(path).utf8), name: path)
      return "\(lock.distribution): "
        + (lock.platforms["linux/amd64"]?.packages.map(\.name).joined(separator: " ") ?? "")
    }
    #expect(
      packages == [
        "debian-13: demoshell hello hello-data libgreet1 os-info", "debian-12: old-hello os-info",
      ])
  }

  /// A lock is one distribution's: what the recipe says of another is nothing to it.
  @Test func anotherDistributionsPackagesLeaveALockAsItIs() throws {
    let bench = try bench()
    #expect(try run(bench, "lock").exitCode == 0)
    let debian12 = bench.scratch.file("sample.debian-12.lock.json")
    let before = try bench.text(debian12)
    try bench.scratch.write(
      Self.recipe.replacing("[hello]", with: "[hello-data]"), to: "sample.yaml")
    let kept = try run(bench, "build", ["--locked", "--distribution", "debian-12"])
    #expect(kept.exitCode == 0, "\(kept.errors)")
    let all = try run(bench, "build", ["--locked"])
    #expect(all.exitCode == 1)
    #expect(
      all.errors.contains(
        "error: sample-debian-13: \(bench.scratch.file("sample.debian-13.lock.json")): made for other packages or "
          + "sources than \(bench.recipe) now asks for; run `dhi-compose lock \(bench.recipe) "
          + "--distribution debian-13` to renew it\n"))
    // One's failure does not keep the other from its turn.
    #expect(all.output == kept.output.dropLast() + "  out/sample-debian-12\n")
    let renewed = try run(bench, "lock", ["--distribution", "debian-13"])
    #expect(renewed.output == bench.scratch.file("sample.debian-13.lock.json") + "\n")
    #expect(try bench.text(debian12) == before)
    #expect(try run(bench, "build", ["--locked"]).exitCode == 0)
  }

  @Test func oneIsChosenByNameAndGoesWhereItIsTold() throws {
    let bench = try bench()
    let outcome = try run(
      bench, "build", ["--distribution", "debian-12", "--output", bench.output, "--json"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let report = try JSON.object(outcome.output)
    #expect(report["distribution"] == "debian-12")
    #expect(report["output"]?.text == bench.output)
    let several = try run(bench, "build", ["--output", bench.output + "2"])
    #expect(several.exitCode == 64)
    #expect(
      several.errors.hasPrefix(
        "Error: --output names one image, and \(bench.recipe) is for debian-13, debian-12; "
          + "choose one with --distribution\n"))
    #expect(!bench.exists(bench.output + "2"))
    let ledger = try run(bench, "build", ["--ledger", bench.scratch.file("ledger")])
    #expect(ledger.exitCode == 64)
    #expect(ledger.errors.hasPrefix("Error: --ledger goes with one image, and "))
    let other = try run(bench, "build", ["--distribution", "alpine-3.22"])
    #expect(other.exitCode == 64)
    #expect(
      other.errors == "error: \(bench.recipe): is for debian-13, debian-12, not for "
        + "\"alpine-3.22\"; name one that it is for\n")
    let empty = try run(bench, "build", ["--distribution", ""])
    #expect(empty.exitCode == 64)
  }

  @Test func severalRecipesShareTheFolder() throws {
    let bench = try bench()
    try bench.scratch.write(Bench.smallRecipe, to: "alone.yaml")
    let outcome = try run(
      bench, "build", [bench.scratch.file("alone.yaml"), "--output", bench.scratch.file("all")])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(
      FileListing.names(in: bench.scratch.file("all")) == [
        "alone", "sample-debian-12", "sample-debian-13",
      ])
    // The names of two recipes may meet.
    try bench.scratch.write(Bench.smallRecipe, to: "sample-debian-12.yaml")
    let twins = try run(bench, "build", [bench.scratch.file("sample-debian-12.yaml")])
    #expect(twins.exitCode == 64)
    #expect(
      twins.errors.hasPrefix(
        "Error: two recipes are named sample-debian-12; build them one at a time\n"))
  }

  @Test func eachIsResolvedUnderItsName() throws {
    let bench = try bench()
    let list = try run(bench, "resolve", ["--format", "list"])
    #expect(list.exitCode == 0, "\(list.errors)")
    #expect(
      list.output == """
        # debian-13 linux/amd64
        demoshell=3.0 amd64
        hello-data=1:2.0 all
        hello=1.0-1 amd64
        libgreet1=1.0-1 amd64
        os-info=13 all
        # debian-12 linux/amd64
        old-hello=0.9 amd64
        os-info=13 all

        """)
    let one = try run(bench, "resolve", ["--format", "list", "--distribution", "debian-12"])
    #expect(one.output == "old-hello=0.9 amd64\nos-info=13 all\n")
    let table = try run(bench, "resolve", ["--output", bench.scratch.file("table")])
    #expect(table.exitCode == 0, "\(table.errors)")
    let text = try bench.text(bench.scratch.file("table"))
    #expect(text.hasPrefix("debian-13 linux/amd64:\nPACKAGE "))
    #expect(text.contains("\n\ndebian-12 linux/amd64:\nPACKAGE "))
    #expect(text == (try run(bench, "resolve").output))
    let json = try run(
      bench, "resolve", ["--format", "json", "--distribution", "debian-12"])
    #expect(try JSON.object(json.output)["distribution"] == "debian-12")
    let file = try run(
      bench, "resolve", ["--format", "json", "--output", bench.scratch.file("json")])
    #expect(file.exitCode == 64)
    #expect(file.errors.hasPrefix("Error: --output holds one JSON document, and "))
    let graph = try run(bench, "resolve", ["--format", "dot"])
    #expect(graph.exitCode == 64)
    #expect(graph.errors.hasPrefix("Error: dot shows one platform, and "))
  }

  @Test func aQuestionIsAskedOfOne() throws {
    let bench = try bench()
    func ask(_ command: String, _ more: [String]) throws -> HostProgram.Outcome {
      try ComposeProgram.run(
        [
          command, "old-hello", "--recipe", bench.recipe, "--store", bench.store, "--mirror",
          bench.ownArchive,
        ] + more)
    }
    for command in ["why", "why-not"] {
      let all = try ask(command, [])
      #expect(all.exitCode == 64)
      #expect(
        all.errors.hasPrefix(
          "Error: \(bench.recipe) is for debian-13, debian-12, which name packages differently; "
            + "choose one with --distribution\n"))
    }
    let one = try ask("why", ["--distribution", "debian-12"])
    #expect(one.exitCode == 0, "\(one.errors)")
    #expect(one.output.hasSuffix(": old-hello\nold-hello 0.9 amd64, 544 B\n"))
    // The advice asks the same of another command.
    let absent = try ComposeProgram.run([
      "why", "hello", "--recipe", bench.recipe, "--store", bench.store, "--mirror",
      bench.ownArchive, "--distribution", "debian-12",
    ])
    #expect(absent.exitCode == 1)
    #expect(absent.errors.contains("is not in the set"))
  }

  @Test func checkTellsOfEachAndOfAFaultOnce() throws {
    let bench = try bench()
    let valid = try ComposeProgram.run(["check", bench.recipe])
    #expect(valid.exitCode == 0)
    #expect(
      valid.output
        == "\(bench.recipe): valid for debian-13\n\(bench.recipe): valid for debian-12\n")
    try bench.scratch.write(
      Self.recipe.replacing(
        "compose:\n", with: "compose:\n  exceptions: [{rule: nosuch}]\n"), to: "sample.yaml")
    let wrong = try ComposeProgram.run(["check", bench.recipe])
    #expect(wrong.exitCode == 65)
    #expect(wrong.errors.split(separator: "\n").count == 1, "\(wrong.errors)")
    #expect(wrong.errors.contains(":8:23: "), "\(wrong.errors)")
    #expect(wrong.output == "")
  }

  @Test func indexesGivenByHandHaveNoDistributions() throws {
    let outcome = try ComposeProgram.run([
      "resolve", "--packages", "/dev/null", "--distribution", "debian-13", "curl",
    ])
    #expect(outcome.exitCode == 64)
    #expect(
      outcome.errors.hasPrefix(
        "Error: --distribution goes with a recipe; --packages names indexes\n"))
  }
}
