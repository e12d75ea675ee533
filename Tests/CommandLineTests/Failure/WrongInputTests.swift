import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// Recipes, options and places that are wrong: what the program says and how it exits.
@Suite struct WrongInputTests {
  @Test func aTypingErrorIsNamedByLineAndColumn() throws {
    let bench = try Bench(
      """
      # syntax=dhi.io/build:2-debian13
      name: Sample
      contents:
        package: [hello]
      platforms: [linux/amd65]

      """)
    let outcome = try bench.run("build", ["-o", bench.output])
    #expect(outcome.exitCode == 65)
    #expect(
      outcome.errors.split(separator: "\n") == [
        "error: \(bench.recipe):4:3: contents: unknown key \"package\"; did you mean \"packages\"?",
        "error: \(bench.recipe):5:13: platforms[0]: expected one of linux/amd64, linux/arm64, found \"linux/amd65\"; did you mean \"linux/amd64\"?",
      ])
    #expect(bench.isWithoutOutput)
    let check = try ComposeProgram.run(["check", bench.recipe])
    #expect(check.exitCode == 65)
    #expect(check.errors == outcome.errors)
    #expect(check.output == "")
  }

  @Test func yamlThatCannotBeReadIsNamedByLineAndColumn() throws {
    let bench = try Bench("name: [unclosed\nimage: x\n")
    let outcome = try bench.run("build", ["-o", bench.output])
    #expect(outcome.exitCode == 65)
    #expect(outcome.errors.hasPrefix("error: \(bench.recipe):2:"), "\(outcome.errors)")
    #expect(bench.isWithoutOutput)
  }

  @Test func buildsFromSourceAreRefusedByNameAndPosition() throws {
    let bench = try Bench(
      Bench.recipe(packages: ["hello"], "  builds:\n    - name: app\n      work-dir: /src\n"))
    for command in ["build", "lock"] {
      let outcome = try bench.run(command)
      #expect(outcome.exitCode == 65)
      #expect(
        outcome.errors
          == "error: \(bench.recipe):9:3: contents.builds: builds from source; dhi-compose composes packages, files and artifacts\n"
      )
    }
    #expect(!bench.exists(bench.lock))
    let check = try ComposeProgram.run(["check", bench.recipe])
    #expect(check.exitCode == 0)
    #expect(check.errors.hasPrefix("note: \(bench.recipe):9:3: contents.builds: "))
    #expect(check.output == "\(bench.recipe): valid, but build refuses it\n")
  }

  @Test(arguments: [
    ["build"], ["build", "x.yaml", "--compresion", "gzip"], ["build", "x.yaml", "--format", "zip"],
    ["build", "x.yaml", "--platform", "linux/vax"], ["build", "x.yaml", "--decoders", "0"],
    ["build", "x.yaml", "--downloads", "many"], ["build", "a/x.yaml", "b/x.yaml"],
    ["build", "x.yaml", "--mirror", ""], ["build", "x.yaml", "--store="], ["lock"], ["check"],
    ["show"], ["bulid"], ["--frobnicate"],
  ])
  func wrongUsageIsTheFirstExitCodeOfSysexits(arguments: [String]) throws {
    let outcome = try ComposeProgram.run(arguments)
    #expect(outcome.exitCode == 64, "\(outcome.errors)")
    #expect(outcome.errors.lowercased().hasPrefix("error: "), "\(outcome.errors)")
    #expect(outcome.output == "")
  }

  @Test(arguments: ["build", "lock", "check", "show"])
  func aMissingFileIsNoInput(command: String) throws {
    let scratch = try TemporaryDirectory()
    let path = scratch.file("none.yaml")
    let outcome = try ComposeProgram.run([command, path], environment: ["HOME": scratch.path])
    #expect(outcome.exitCode == 66, "\(outcome.errors)")
    #expect(outcome.errors.hasPrefix("error: \(path): "), "\(outcome.errors)")
    #expect(FileListing.names(in: scratch.path) == [])
  }

  @Test(arguments: ["build", "lock", "check"])
  func aFolderWithoutRecipesIsRefused(command: String) throws {
    let scratch = try TemporaryDirectory()
    let outcome = try ComposeProgram.run([command, scratch.path])
    #expect(outcome.exitCode == 64)
    #expect(
      outcome.errors.hasPrefix(
        "Error: the folder \(scratch.path) holds no recipe (*.yaml); name one\n"),
      "\(outcome.errors)")
  }

  @Test func whatCheckCanTellWithoutANetworkItTells() throws {
    let bench = try Bench(
      Bench.recipe(packages: ["hello"], "compose:\n  exceptions:\n    - rule: setuids\n")
        .replacing("debian13", with: "debian19"))
    let check = try ComposeProgram.run(["check", bench.recipe])
    #expect(check.exitCode == 65)
    #expect(
      check.errors.split(separator: "\n").map { $0.prefix(110) } == [
        "error: \(bench.recipe): unknown distribution \"debian-19\"; expected debian-12, debian-13, or an Alpine 3.x release such as alpine-3.22"
          .prefix(110),
        "error: \(bench.recipe):11:13: unknown hardening rule \"setuids\"; did you mean \"setuid\"?"
          .prefix(110),
      ])
  }

  @Test(arguments: ["docker-archive", "tar"])
  func aFormOfOnePlatformIsRefusedForTwoBeforeAnythingIsFetched(format: String) throws {
    let bench = try Bench(
      Bench.smallRecipe.replacing("[linux/amd64]", with: "[linux/amd64, linux/arm64]"))
    let outcome = try bench.run(
      "build", ["-o", bench.output, "--format", format], mirror: "/nonexistent")
    #expect(outcome.exitCode == 65)
    #expect(
      outcome.errors
        == "error: \(bench.recipe): is for linux/amd64, linux/arm64, and \(format) holds one platform; add --platform linux/amd64\n"
    )
  }

  @Test func aFileThatIsNoArchiveIsNotReplaced() throws {
    let bench = try Bench()
    let before = try bench.scratch.read("sample.yaml")
    let outcome = try bench.run("build", ["-o", bench.recipe, "--format", "tar"])
    #expect(outcome.exitCode == 73)
    #expect(
      outcome.errors.hasSuffix(
        "error: \(bench.recipe): is a file and no tar archive, so it is not replaced; remove it or choose another path\n"
      ), "\(outcome.errors)")
    #expect(try bench.scratch.read("sample.yaml") == before)
  }

  @Test func aFolderThatIsNoLayoutIsNotReplaced() throws {
    let bench = try Bench()
    try bench.scratch.write("precious\n", to: "result/image/thesis.txt")
    let outcome = try bench.run("build", ["--quiet", "-o", bench.output])
    #expect(outcome.exitCode == 73)
    #expect(
      outcome.errors.hasPrefix(
        "error: \(bench.output): is a directory and not an image layout (it holds \"thesis.txt\")"),
      "\(outcome.errors)")
    #expect(try bench.text(bench.output + "/thesis.txt") == "precious\n")
    #expect(FileListing.names(in: bench.scratch.file("result")) == ["image"])
  }

  @Test func anOutputBelowAFileCannotBeWritten() throws {
    let bench = try Bench()
    let outcome = try bench.run("build", ["--quiet", "-o", bench.recipe + "/image"])
    #expect(outcome.exitCode == 73, "\(outcome.errors)")
    #expect(outcome.errors.hasPrefix("error: \(bench.recipe)/image: "), "\(outcome.errors)")
  }

  @Test func anImageIsNotLeftWithoutTheLedgerAskedFor() throws {
    let bench = try Bench()
    let ledger = bench.scratch.file("none/ledger.json")
    let outcome = try bench.run("build", ["--quiet", "-o", bench.output, "--ledger", ledger])
    #expect(outcome.exitCode == 73)
    #expect(
      outcome.errors
        == "error: \(ledger): cannot be written; check that its folder is there and writable\n")
    #expect(bench.isWithoutOutput)
    let beside = bench.scratch.file("ledger.json")
    let other = try bench.run(
      "build", ["--quiet", "-o", bench.recipe + "/image", "--ledger", beside])
    #expect(other.exitCode == 73)
    #expect(!bench.exists(beside))
  }

  @Test func aStoreThatCannotBeMadeIsNamed() throws {
    let bench = try Bench()
    let outcome = try ComposeProgram.run([
      "build", bench.recipe, "--store", bench.recipe + "/store", "--mirror",
      bench.archive.directory, "-o", bench.output,
    ])
    #expect(outcome.exitCode == 73, "\(outcome.errors)")
    #expect(outcome.errors.contains(bench.recipe + "/store"), "\(outcome.errors)")
    #expect(bench.isWithoutOutput)
  }

  @Test(.enabled(if: geteuid() == 0, "root alone can change the user"))
  func aFolderThatMayNotBeWrittenIsNamed() throws {
    let bench = try Bench()
    let closed = try bench.scratch.makeDirectory("closed")
    chmod(closed, 0o555)
    let outcome = try bench.runAsOrdinaryUser("build", ["--quiet", "-o", closed + "/image"])
    #expect(outcome.exitCode == 73, "\(outcome.errors)")
    #expect(
      outcome.errors
        == "error: \(closed)/image: cannot make a temporary directory: Permission denied\n")
    #expect(FileListing.names(in: closed) == [])
  }
}
