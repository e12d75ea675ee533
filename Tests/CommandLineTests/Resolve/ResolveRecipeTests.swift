import FoundationEssentials
import TestSupport
import Testing

/// `resolve`, `why` and `why-not` of a recipe, against its archives.
@Suite struct ResolveRecipeTests {
  @Test func aRecipeIsShownAsATableWithoutFetchingPackages() throws {
    let bench = try Bench()
    let outcome = try bench.run("resolve")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("PACKAGE "))
    #expect(outcome.output.contains("\nhello-data  1:2.0 "))
    #expect(outcome.output.contains("\n\n5 packages, "))
    #expect(outcome.errors == "")
    // Nothing is written beside the recipe, and no package comes into the store.
    #expect(!bench.exists(bench.lock))
    func contents(_ folder: String, _ names: [String]) throws -> Set<Data> {
      Set(try names.map { try Data(contentsOf: URL(filePath: "\(folder)/\($0)")) })
    }
    let archive = bench.archive.directory
    let packages = try contents(
      archive, bench.archive.files().filter { $0.hasSuffix(".deb") })
    #expect(packages.count > 5)
    #expect(
      try contents(bench.store, FileListing.files(below: bench.store)).isDisjoint(with: packages))
  }

  @Test func aPackageInThePlaceOfARecipeIsNoRecipe() throws {
    let bench = try Bench()
    let outcome = try ComposeProgram.run(["resolve", "hello"], directory: bench.folder)
    #expect(outcome.exitCode == 66)
    #expect(
      outcome.errors == """
        error: hello: no such recipe; name a recipe file, or with --packages or --apkindex indexes and packages

        """)
    let bare = try ComposeProgram.run(["resolve", "sample"], directory: bench.folder)
    #expect(bare.exitCode == 66)
    #expect(bare.errors == "error: sample: no such recipe; did you mean sample.yaml?\n")
  }

  @Test func theListIsTheLocks() throws {
    let bench = try Bench()
    #expect(try bench.run("lock").exitCode == 0)
    let lock = try JSON.object(bench.text(bench.lock))
    let packages = lock["platforms"]?["linux/amd64"]?["packages"]?.items ?? []
    let expected = packages.map { package in
      let words = ["name", "version", "architecture"].map { package[$0]?.text ?? "" }
      return "\(words[0])=\(words[1]) \(words[2])\n"
    }
    #expect(expected.count == 5)
    let outcome = try bench.run("resolve", ["--format", "list"])
    #expect(
      outcome.output
        == expected.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.joined())
  }

  @Test func severalPlatformsAreNamed() throws {
    let bench = try Bench(
      Bench.smallRecipe.replacing("[linux/amd64]", with: "[linux/amd64, linux/arm64]"))
    let outcome = try bench.run("resolve", ["--format", "list", "--quiet"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first == "# linux/amd64" && lines.last == "")
    #expect(lines.filter { !$0.contains("=") } == ["# linux/amd64", "# linux/arm64", ""])
    let table = try bench.run("resolve", ["--format", "table", "--quiet"]).output
    #expect(table.hasPrefix("linux/amd64:\n") && table.contains("\n\nlinux/arm64:\n"))
    let report = try JSON.object(bench.run("resolve", ["--format", "json"]).output)
    #expect(report["recipe"]?.text == bench.recipe)
    #expect(
      report["resolutions"]?.items.map { $0["platform"]?.text } == ["linux/amd64", "linux/arm64"])
    // Told before the archive is looked at.
    let graph = try bench.run("resolve", ["--format", "dot"], mirror: "nowhere")
    #expect(graph.exitCode == 64)
    #expect(graph.output == "")
    #expect(graph.errors.contains("dot shows one platform; choose one of linux/amd64, linux/arm64"))
    let one = try bench.run("resolve", ["--format", "dot", "--platform", "linux/arm64"])
    #expect(one.output.hasPrefix("digraph packages {\n"))
  }

  @Test func whyNamesTheRecipesLine() throws {
    let bench = try Bench()
    func run(_ command: String, _ package: String) throws -> HostProgram.Outcome {
      try ComposeProgram.run(
        [command, package, "--store", bench.store, "--mirror", bench.archive.directory, "--quiet"],
        directory: bench.folder)
    }
    // The only recipe of the folder is meant.
    let outcome = try run("why", "hello-data")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.first == "sample.yaml:8:7: hello")
    #expect(lines.dropFirst().first?.hasPrefix("  hello ") == true)
    #expect(lines.last?.hasPrefix("hello-data 1:2.0 all, ") == true)
    let absent = try run("why", "hello-date")
    #expect(absent.exitCode == 1)
    #expect(absent.output == "")
    #expect(absent.errors == "error: hello-date: is not in the set; did you mean hello-data?\n")
    let present = try run("why-not", "hello-data")
    #expect(present.exitCode == 0)
    #expect(present.output == "hello-data: is in the set: hello-data 1:2.0 all\n")
    try bench.scratch.write("x", to: "other.yml")
    let two = try run("why", "hello-data")
    #expect(two.exitCode == 64)
    #expect(two.errors.contains("holds several recipes; name one: other.yml, sample.yaml"))
  }

  @Test func whyNotSaysWhatAnExclusionDoes() throws {
    let bench = try Bench(Bench.recipe(packages: ["hello", "'!hello-data'"]))
    let outcome = try ComposeProgram.run([
      "why-not", "hello-data", "--recipe", bench.recipe, "--store", bench.store, "--mirror",
      bench.archive.directory, "--quiet",
    ])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(
      outcome.output.hasPrefix(
        """
        \(bench.recipe):9:7: !hello-data keeps it out and counts dependencies on it as met
        hello-data: nothing excludes it otherwise
        asked for, it would change the set:
          add    hello-data 1:2.0 all  
        """), "\(outcome.output)")
  }
}
