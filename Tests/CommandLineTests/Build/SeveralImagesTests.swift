import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// Several images of one command.
@Suite struct SeveralImagesTests {
  private static func bench() throws -> Bench {
    let bench = try Bench()
    try bench.scratch.write(Bench.recipe(packages: ["os-info"]), to: "small.yaml")
    return bench
  }

  private static func build(
    _ bench: Bench, _ paths: [String], _ more: [String] = []
  ) throws -> HostProgram.Outcome {
    try ComposeProgram.run(
      ["build"] + paths + ["--store", bench.store, "--mirror", bench.archive.directory] + more,
      directory: bench.folder)
  }

  @Test func aFolderStandsForItsRecipes() throws {
    let bench = try Self.bench()
    let outcome = try Self.build(bench, ["."], ["--output", "all"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let small = try Image(contentsOf: bench.scratch.file("all/small"))
    let sample = try Image(contentsOf: bench.scratch.file("all/sample"))
    #expect(
      outcome.output
        == "\(sample.digest)  all/sample\n\(small.digest)  all/small\n")
    #expect(
      outcome.errors.contains("sample: resolved linux/amd64: 5 packages, "), "\(outcome.errors)")
    // Both were made of the same indexes.
    let verified = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("verified ") }
    #expect(verified.count == 3 && Set(verified).count == 3, "\(outcome.errors)")
    let table = outcome.errors.split(separator: "\n").suffix(3).map {
      $0.split(separator: " ").prefix(3).joined(separator: " ")
    }
    #expect(
      table == ["IMAGE PLATFORMS RESULT", "sample linux/amd64 built", "small linux/amd64 built"])
  }

  @Test func aFolderOfOneRecipeGivesAFolderToo() throws {
    let bench = try Bench()
    // An editor's own, beside the file that it edits.
    try bench.scratch.write("name: [\n", to: ".sample.yaml")
    let outcome = try Self.build(bench, ["."], ["--output", "all/"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let image = try Image(contentsOf: bench.scratch.file("all/sample"))
    #expect(outcome.output == "\(image.digest)  all/sample\n")
  }

  @Test(arguments: [
    (["sample.yaml", "./sample.yaml"], [], "sample.yaml is named twice; name it once"),
    (["sample.yaml", "sub/sample.yaml"], [], "two recipes are named sample; "),
    (["sample.yaml", "small.yaml"], ["--output", ""], "--output is empty; name a path"),
    (["sample.yaml", "small.yaml"], ["--ledger", "x"], "--ledger goes with one recipe"),
    (["sub"], [], "the folder sub holds no recipe"),
  ])
  func whatCannotBeMeantIsRefused(paths: [String], more: [String], message: String) throws {
    let bench = try Self.bench()
    try FileManager.default.createDirectory(
      atPath: bench.scratch.file("sub"), withIntermediateDirectories: false)
    let outcome = try Self.build(bench, paths, more)
    #expect(outcome.exitCode == 64)
    #expect(outcome.errors.hasPrefix("Error: \(message)"), "\(outcome.errors)")
    #expect(!bench.exists(bench.store))
  }

  @Test func eachIsTheImageThatItIsAlone() throws {
    let bench = try Self.bench()
    let together = try Self.build(bench, ["sample.yaml", "small.yaml"], ["--output", "all"])
    #expect(together.exitCode == 0, "\(together.errors)")
    for name in ["sample", "small"] {
      let alone = try Bench()
      try alone.scratch.write(Bench.recipe(packages: ["os-info"]), to: "small.yaml")
      let outcome = try Self.build(alone, ["\(name).yaml"], ["--output", "one"])
      let image = try Image(contentsOf: bench.scratch.file("all/\(name)"))
      #expect(outcome.output == "\(image.digest)\n", "\(outcome.errors)")
    }
  }

  @Test func oneThatFailsKeepsNoOtherFromBeingBuilt() throws {
    let bench = try Self.bench()
    try bench.scratch.write(Bench.recipe(packages: ["nothing-like-it"]), to: "wrong.yaml")
    try bench.scratch.write("name: [\n", to: "broken.yaml")
    let paths = ["wrong.yaml", "sample.yaml", "broken.yaml", "small.yaml"]
    let outcome = try Self.build(bench, paths, ["--output", "all"])
    #expect(outcome.exitCode == 3)
    #expect(outcome.output.split(separator: "\n").count == 2)
    #expect(FileListing.names(in: bench.scratch.file("all")) == ["sample", "small"])
    let lines = outcome.errors.split(separator: "\n").map(String.init)
    let end = lines.suffix(8)
    #expect(end.first?.hasPrefix("IMAGE ") == true, "\(outcome.errors)")
    #expect(end.contains { $0.hasPrefix("wrong ") && $0.contains(" failed ") })
    #expect(end.contains { $0.hasPrefix("broken ") && $0.contains(" failed ") })
    #expect(
      end.contains { $0.hasPrefix("error: wrong: wrong.yaml:8:7: ") }, "\(outcome.errors)")
    #expect(end.contains { $0.hasPrefix("error: broken: broken.yaml:") }, "\(outcome.errors)")
    #expect(lines.last == "error: 2 images built, 2 images failed")
  }

  @Test func recipesThatAreAllRefusedLeaveNoStore() throws {
    let bench = try Self.bench()
    try bench.scratch.write("name: [\n", to: "broken.yaml")
    let outcome = try Self.build(bench, ["broken.yaml", "missing.yaml"])
    #expect(outcome.exitCode == 65)
    #expect(outcome.errors.hasSuffix("error: 2 images failed\n"), "\(outcome.errors)")
    #expect(!bench.exists(bench.store))
  }

  @Test func whatSeveralFailOfIsToldOnce() throws {
    let bench = try Self.bench()
    try bench.archive.flipByte(of: "dists/trixie/InRelease", at: 0.2)
    let outcome = try Self.build(bench, ["sample.yaml", "small.yaml"])
    #expect(outcome.exitCode == 77, "\(outcome.errors)")
    let errors = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("error: ") }
    #expect(errors.count == 2, "\(outcome.errors)")
    #expect(errors.first?.hasPrefix("error: sample, small: ") == true, "\(outcome.errors)")
    #expect(errors.last == "error: 2 images failed")
    #expect(!bench.exists(bench.scratch.file("out")))
  }

  @Test func machinesGetADocumentForEach() throws {
    let bench = try Self.bench()
    try bench.scratch.write(Bench.recipe(packages: ["nothing-like-it"]), to: "wrong.yaml")
    let outcome = try Self.build(bench, ["sample.yaml", "wrong.yaml"], ["--json"])
    #expect(outcome.exitCode == 3)
    let documents = outcome.output.split(separator: "}\n{").count
    #expect(documents == 2)
    let python = try #require(HostProgram.find("python3"))
    try bench.scratch.write(outcome.output, to: "documents.json")
    let read = try python.check([
      "-c",
      """
      import json, sys
      text, decoder, found = open(sys.argv[1]).read(), json.JSONDecoder(), []
      while text.strip():
        value, end = decoder.raw_decode(text.lstrip())
        text = text.lstrip()[end:]
        found.append((value["recipe"], value.get("unchanged"), value.get("exitCode"), len(value.get("errors", []))))
      print(found)
      """, bench.scratch.file("documents.json"),
    ])
    #expect(
      read.output == "[('sample.yaml', False, None, 0), ('wrong.yaml', None, 3, 1)]\n")
  }

  /// - Parameter inherited: descriptors that whoever starts the program leaves open for it.
  @Test(arguments: [0, 100])
  func morePackagesThanTheProcessMayHaveFilesOpen(inherited: Int) throws {
    let names = (100..<400).map { "part\($0)" }
    let packages = names.map { name in
      var package = DebBuilder(name)
      package.file("/usr/share/\(name)", name)
      return package
    }
    let bench = try Bench(Bench.recipe(packages: names), publishing: packages)
    let start = """
      import os, resource, sys
      for _ in range(int(sys.argv[1])): os.set_inheritable(os.open("/dev/null", os.O_RDONLY), True)
      resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))
      os.execv(sys.argv[2], sys.argv[2:])
      """
    let python = try #require(HostProgram.find("python3"))
    func build(_ output: String) throws -> HostProgram.Outcome {
      try python.run(
        ["-c", start, "\(inherited)", ComposeProgram.path]
          + bench.arguments("build", ["--output", output], mirror: bench.ownArchive),
        environment: ComposeProgram.environment, directory: bench.folder)
    }
    let cold = try build("cold")
    #expect(cold.exitCode == 0, "\(cold.errors)")
    let warm = try build("warm")
    #expect(warm.exitCode == 0, "\(warm.errors)")
    #expect(warm.output == cold.output)
  }
}
