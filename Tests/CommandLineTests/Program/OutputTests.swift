import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// Data on standard output, talk on standard error, each in the form asked for.
@Suite struct OutputTests {
  @Test func theDigestAloneIsOnStandardOutput() throws {
    let bench = try Bench()
    let outcome = try bench.run("build", ["-o", bench.output])
    let digest = try Image(contentsOf: bench.output).digest.description
    #expect(outcome.output == digest + "\n")
    let talk = outcome.errors
    for telling in [
      "verified trixie of 2025-01-01T00:00:00Z from file://\(bench.archive.directory)/dists/trixie/",
      "resolved linux/amd64: 5 packages, ", "hardened linux/amd64: ",
      "layer of linux/amd64: sha256:",
      "\(bench.output): linux/amd64, ",
      "skopeo copy oci:\(bench.output) docker-daemon:sample:latest",
    ] {
      #expect(talk.contains(telling), "\(telling)")
    }
    #expect(!talk.utf8.contains(0x1B))
    #expect(!talk.utf8.contains(0x0D))
  }

  @Test func quietIsTheDigestAndNothingElse() throws {
    let bench = try Bench()
    let outcome = try bench.run("build", ["--quiet", "-o", bench.output])
    #expect(outcome.exitCode == 0)
    #expect(outcome.output == (try Image(contentsOf: bench.output).digest.description) + "\n")
    #expect(outcome.errors == "")
  }

  @Test func jsonIsOneDocument() throws {
    let bench = try Bench()
    let outcome = try bench.run("build", ["--json", "-o", bench.output])
    #expect(outcome.exitCode == 0)
    #expect(outcome.errors == "")
    let report = try JSON.object(outcome.output)
    let image = try Image(contentsOf: bench.output)
    #expect(report["digest"]?.text == image.digest.description)
    #expect(report["output"]?.text == bench.output)
    #expect(report["recipe"]?.text == bench.recipe)
    #expect(report["epoch"] == .number(Double(DebBuilder.defaultTime)))
    let platform = report["platforms"]?["linux/amd64"]
    #expect(platform?["manifest"]?.text == image.platformImages.first?.digest.description)
    #expect(platform?["packages"] == .number(5))
    #expect(platform?["diffIDs"]?.items.count == 2)
  }

  @Test func aDigestThatCannotBeWrittenIsAFailure() throws {
    let bench = try Bench()
    let shell = try #require(HostProgram.find("sh"))
    func run(_ redirection: String) throws -> HostProgram.Outcome {
      try shell.run(
        ["-c", "exec \"$0\" \"$@\" " + redirection, ComposeProgram.path]
          + bench.arguments("build", ["--quiet", "-o", bench.output]),
        environment: ComposeProgram.environment)
    }
    let full = try run(">/dev/full")
    #expect(full.exitCode == 73)
    #expect(
      full.errors == "error: standard output: cannot be written: No space left on device\n")
    // Closed descriptors are a wish not to be told, and no file of the store takes their numbers.
    let closed = try run("<&- >&- 2>&-")
    #expect(closed.exitCode == 0)
    #expect(
      try bench.build(["--quiet"]) == (try Image(contentsOf: bench.output).digest.description))
  }

  @Test func buildsToOnePlaceAtOneTimeAllSucceed() async throws {
    let bench = try Bench()
    let digest = try bench.build()
    try FileManager.default.removeItem(atPath: bench.output)
    let outcomes = try await withThrowingTaskGroup(of: HostProgram.Outcome.self) { group in
      let arguments = bench.arguments("build", ["--quiet", "-o", bench.output])
      for _ in 0..<4 { group.addTask { try ComposeProgram.run(arguments) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.map(\.output) == Array(repeating: digest + "\n", count: 4))
    #expect(try Image(contentsOf: bench.output).digest.description == digest)
    #expect(FileListing.names(in: bench.scratch.file("result")) == ["image"])
  }

  @Test func showSaysWhatAnImageHolds() throws {
    let bench = try Bench(Bench.smallRecipe + "cmd: [hello, --greet]\n")
    let digest = try bench.build()
    let outcome = try ComposeProgram.run(["show", bench.output])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix(digest + "  " + bench.output))
    for telling in [
      "linux/amd64", "  user        65532:65532", "  cmd         hello --greet",
      "  setuid      none", "  packages    5", "    hello-data  1:2.0  all",
    ] {
      #expect(outcome.output.contains(telling), "\(telling) in \(outcome.output)")
    }
    let missing = try ComposeProgram.run(["show", bench.output, "--platform", "linux/arm64"])
    #expect(missing.exitCode != 0)
    #expect(missing.errors.contains("holds no image for linux/arm64, only for linux/amd64"))
  }

  @Test func showSaysWhatItReads() throws {
    let bench = try Bench()
    #expect(try bench.run("build", ["-o", bench.scratch.file("images/a")]).exitCode == 0)
    let archive = bench.scratch.file("a.tar")
    let plain = bench.scratch.file("b.tar")
    let build = ["--quiet", "--platform", "linux/amd64", "--format"]
    #expect(try bench.run("build", build + ["docker-archive", "-o", archive]).exitCode == 0)
    #expect(try bench.run("build", build + ["tar", "-o", plain]).exitCode == 0)
    try bench.scratch.write("{\"name\": 1}", to: "other.json")
    func refusal(_ path: String, _ exitCode: Int32) throws -> String {
      let outcome = try ComposeProgram.run(["show", path])
      #expect(outcome.exitCode == exitCode)
      return outcome.errors.replacing(bench.scratch.path, with: "")
    }
    let reads = "show reads image layouts, OCI archives and locks; this is"
    #expect(
      try refusal(archive, 66)
        == "error: /a.tar: \(reads) a Docker archive, not an OCI archive: it has no \"oci-layout\"\n"
    )
    #expect(
      try refusal(plain, 66)
        == "error: /b.tar: \(reads) not an OCI archive: it has no \"oci-layout\"\n")
    #expect(
      try refusal(bench.store, 66)
        == "error: /store: \(reads) not an image layout: it has no \"oci-layout\"\n")
    #expect(
      try refusal(bench.scratch.file("images"), 66)
        == "error: /images: is no image, and holds these: /images/a; name the one that is meant\n")
    #expect(
      try refusal(bench.scratch.file("other.json"), 65)
        == "error: /other.json: is no lock: it names no schema; expected what \"dhi-compose lock\" "
        + "writes\n")
  }

  @Test func aRecipeWithoutTagsIsLoadedByItsFilesName() throws {
    let bench = try Bench()
    try bench.scratch.write(Bench.smallRecipe, to: "Sample-dev.yaml")
    let outcome = try ComposeProgram.run(
      [
        "build", bench.scratch.file("Sample-dev.yaml"), "--store", bench.store, "--mirror",
        bench.archive.directory, "--output", bench.output,
      ])
    #expect(
      outcome.errors.hasSuffix(
        LoadingText.lines(of: bench.output, name: "sample-dev:latest")), "\(outcome.errors)")
    try bench.scratch.write(Bench.smallRecipe + "tags: [\"1.2\"]\n", to: "Sample-dev.yaml")
    let tagged = try ComposeProgram.run(
      [
        "build", bench.scratch.file("Sample-dev.yaml"), "--store", bench.store, "--mirror",
        bench.archive.directory, "--output", bench.output,
      ])
    #expect(
      tagged.errors.hasSuffix(LoadingText.lines(of: bench.output, name: "sample:1.2")),
      "\(tagged.errors)")
  }

  @Test func showSaysWhatALockHolds() throws {
    let bench = try Bench()
    #expect(try bench.run("lock").exitCode == 0)
    let outcome = try ComposeProgram.run(["show", bench.lock])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(
      outcome.output.contains("distribution  debian-13\nepoch         2025-01-01T00:00:00Z\n"))
    #expect(outcome.output.contains("linux/amd64: 5 packages, "))
    #expect(
      try ComposeProgram.run(["show", bench.lock, "--json"]).output == bench.text(bench.lock))
  }

  /// `script` of util-linux gives the program a terminal.
  @Test(arguments: [(nil, true), ("1", false), ("", true)] as [(String?, Bool)])
  func coloursAreForTerminalsThatWantThem(noColour: String?, expected: Bool) throws {
    // A recipe that names a shell's package keeps the shell, and a warning says so.
    let bench = try Bench(Bench.recipe(packages: ["demoshell"]))
    let script = try #require(HostProgram.find("script"), "apt-get install bsdutils")
    let command = ([ComposeProgram.path] + bench.arguments("build", ["-o", bench.output]))
      .joined(separator: " ")
    let outcome = try script.run(
      ["--quiet", "--return", "--command", command, "/dev/null"],
      environment: ComposeProgram.environment.merging(["NO_COLOR": noColour]) { $1 })
    #expect(outcome.exitCode == 0, "\(outcome.output)")
    #expect(outcome.output.contains("\u{1B}[33mwarning: ") == expected, "\(outcome.output)")
    #expect(outcome.output.contains("the image keeps a shell"))
    // A live line is cleared, whatever the colours.
    #expect(outcome.output.contains("\r\u{1B}[K"))
  }
}

private enum LoadingText {
  static func lines(of path: String, name: String) -> String {
    """
      docker:  skopeo copy oci:\(path) docker-daemon:\(name) && docker run --rm \(name)
      podman:  skopeo copy oci:\(path) containers-storage:localhost/\(name) && podman run --rm localhost/\(name)
      skopeo:  skopeo copy --all oci:\(path) docker://REGISTRY/\(name)

    """
  }
}
