import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// Runs the program where there is no network: not even the loopback is up.
private struct Cell {
  static let isPossible: Bool = {
    guard let unshare = HostProgram.find("unshare") else { return false }
    return (try? unshare.run(["--net", "true"]).succeeded) == true
  }()

  static func run(_ arguments: [String], directory: String? = nil) throws -> HostProgram.Outcome {
    let unshare = try #require(HostProgram.find("unshare"))
    return try unshare.run(
      ["--net", ComposeProgram.path] + arguments, environment: ComposeProgram.environment,
      directory: directory)
  }
}

@Suite("Bundles: what an image is made from, in one file")
struct BundleCommandTests {
  private static let more = """
    paths:
      - {type: file, path: /etc/motd, source: files/motd}
      - {type: directory, path: /opt/tree, source: files/tree}
    """

  /// A bench with local files, locked and bundled.
  private func bundled() throws -> Bench {
    let bench = try Bench(Bench.recipe(packages: ["hello", "os-info"], Self.more))
    try bench.scratch.write("Welcome\n", to: "files/motd")
    try bench.scratch.write("#!/bin/sh\n", to: "files/tree/run")
    chmod(bench.scratch.file("files/tree/run"), 0o755)
    _ = try bench.scratch.makeDirectory("files/tree/empty")
    #expect(try bench.run("lock").exitCode == 0)
    let outcome = try bench.run("bundle", ["--output", bench.scratch.file("b.tar")])
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output == bench.scratch.file("b.tar") + "\n")
    return bench
  }

  /// Leaves a bench with the bundle alone.
  private func takeAway(_ bench: Bench) throws {
    try FileManager.default.removeItem(atPath: bench.archive.directory)
    try bench.forgetAll()
    for name in ["sample.yaml", "sample.lock.json", "archive.asc", "files"] {
      try FileManager.default.removeItem(atPath: bench.scratch.file(name))
    }
  }

  private func fromBundle(_ bench: Bench, _ more: [String] = []) -> [String] {
    [
      "build", "--bundle", bench.scratch.file("b.tar"), "--offline", "--store", bench.store,
      "--output", bench.output,
    ] + more
  }

  @Test("An image comes out the same without recipe, mirror, store and network")
  func sameDigest() throws {
    let bench = try bundled()
    let digest = try bench.build()
    try takeAway(bench)
    let arguments = fromBundle(bench, ["--locked"])
    let outcome = try Cell.isPossible ? Cell.run(arguments) : ComposeProgram.run(arguments)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output == digest + "\n")
    #expect(
      outcome.errors.contains(
        "following \(bench.scratch.file("b.tar"))/recipes/sample/sample.lock.json\n"))
    #expect(try bench.leftovers() == [])
  }

  @Test("The same input gives the same bytes, from whatever store")
  func sameBytes() throws {
    let bench = try bundled()
    let first = try bench.scratch.read("b.tar")
    try bench.forgetAll()
    #expect(try bench.run("bundle", ["--output", bench.scratch.file("c.tar")]).exitCode == 0)
    #expect(try bench.scratch.read("c.tar") == first)
    let tar = try #require(HostProgram.find("tar"))
    let names = try tar.check(["-tf", bench.scratch.file("b.tar")]).output.split(separator: "\n")
    #expect(names[0].hasPrefix("bundle-"))
    #expect(
      names.dropFirst().filter { !$0.hasPrefix("packages/") && !$0.hasPrefix("keys/") }
        == [
          "indexes/trixie/InRelease", "indexes/trixie/main/binary-amd64/Packages.xz",
          "indexes/trixie-security/InRelease",
          "indexes/trixie-security/main/binary-amd64/Packages.gz",
          "indexes/trixie-updates/InRelease",
          "indexes/trixie-updates/main/binary-amd64/Packages.gz", "recipes/sample/archive.asc",
          "recipes/sample/files/motd", "recipes/sample/files/tree/",
          "recipes/sample/files/tree/empty/", "recipes/sample/files/tree/run",
          "recipes/sample/sample.lock.json", "recipes/sample/sample.yaml",
        ].sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
  }

  @Test("A path can be asked for from a bundle, by its lock and without the archive")
  func path() throws {
    let bench = try bundled()
    try FileManager.default.removeItem(atPath: bench.archive.directory)
    try FileManager.default.removeItem(atPath: bench.lock)
    try bench.forgetAll()
    let outcome = try ComposeProgram.run([
      "why", "/usr/bin/hello", "--recipe", bench.recipe, "--bundle", bench.scratch.file("b.tar"),
      "--offline", "--store", bench.store,
    ])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("shipped by hello 1.0-1 of trixie:\n"))
  }

  @Test("A recipe called \"...yaml\" has its image in the output folder, not above it")
  func climbingName() throws {
    let bench = try bundled()
    for (old, new) in [("sample.yaml", "...yaml"), ("sample.lock.json", "...yaml.lock.json")] {
      try FileManager.default.moveItem(
        atPath: bench.scratch.file(old), toPath: bench.scratch.file(new))
    }
    let folder = try bench.scratch.makeDirectory("w")
    let outcome = try ComposeProgram.run(
      [
        "build", bench.scratch.file("...yaml"), "--store", bench.store, "--mirror",
        bench.archive.directory,
      ], directory: folder)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["out"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/out") == ["...yaml"])
  }

  @Test("A recipe's key outside its folder is not looked for on the host of a bundle")
  func hostKeys() throws {
    let bench = try bundled()
    let recipe = try bench.text(bench.recipe)
    let scratch = bench.scratch
    for key in ["/etc/archive.asc", "../archive.asc"] {
      let text = recipe.replacing("archive.asc", with: key)
      try #require(text != recipe)
      try scratch.write(text, to: "sample.yaml")
      let outcome = try bench.run("bundle", ["--output", scratch.file("c.tar")])
      #expect(outcome.exitCode != 0)
      #expect(!FileManager.default.fileExists(atPath: scratch.file("c.tar")))
    }
  }

  @Test("A lock can be made anew from a bundle, without a network, as it was made from the archive")
  func lock() throws {
    let bench = try bundled()
    let lock = try bench.text(bench.lock)
    try FileManager.default.removeItem(atPath: bench.archive.directory)
    try FileManager.default.removeItem(atPath: bench.lock)
    try bench.forgetAll()
    let outcome = try ComposeProgram.run([
      "lock", bench.recipe, "--bundle", bench.scratch.file("b.tar"), "--offline", "--store",
      bench.store,
    ])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(try bench.text(bench.lock) == lock)
  }

  @Test("A recipe of one's own is built by the lock beside it, else by the bundle's, if that fits")
  func ownRecipe() throws {
    let bench = try bundled()
    let digest = try bench.build()
    try FileManager.default.removeItem(atPath: bench.archive.directory)
    for isLocked in [true, false] {
      try bench.forgetAll()
      if !isLocked { try FileManager.default.removeItem(atPath: bench.lock) }
      let outcome = try ComposeProgram.run(fromBundle(bench, [bench.recipe, "--locked"]))
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      #expect(outcome.output == digest + "\n")
    }
    try bench.scratch.write(Bench.recipe(packages: ["os-info"], Self.more), to: "sample.yaml")
    let other = try ComposeProgram.run(fromBundle(bench, [bench.recipe, "--locked"]))
    #expect(other.exitCode == 66)
    #expect(other.errors.contains("not found, and --locked needs it"))
  }

  @Test("A flipped byte is refused with the names of the bundle and the package")
  func flipped() throws {
    let bench = try bundled()
    var bytes = try bench.scratch.read("b.tar")
    // The manifest names it first, and then its header.
    let name = try #require(bytes.ranges(of: Array("packages/hello".utf8)).last?.lowerBound)
    bytes[name + 600] ^= 0x01
    try bench.scratch.write(bytes, to: "b.tar")
    try takeAway(bench)
    let outcome = try ComposeProgram.run(fromBundle(bench))
    #expect(outcome.exitCode == 77)
    #expect(outcome.output == "")
    #expect(
      outcome.errors.hasPrefix("error: \(bench.scratch.file("b.tar")): packages/hello_"),
      "\(outcome.errors)")
    #expect(outcome.errors.contains("expected sha256:"))
    #expect(bench.isWithoutOutput)
    #expect(try bench.leftovers() == [])
  }

  @Test("A platform that is not in a bundle is missed by the name of its packages")
  func otherPlatform() throws {
    let bench = try Bench(
      Bench.smallRecipe.replacing("[linux/amd64]", with: "[linux/amd64, linux/arm64]"))
    #expect(try bench.run("lock").exitCode == 0)
    let made = try bench.run(
      "bundle", ["--platform", "linux/arm64", "--output", bench.scratch.file("b.tar")])
    #expect(made.exitCode == 0, "\(made.errors)")
    try bench.forgetAll()
    let arm = try bench.run("build", ["--platform", "linux/arm64", "--output", bench.output])
    try FileManager.default.removeItem(atPath: bench.archive.directory)
    try bench.forgetAll()
    let outcome = try ComposeProgram.run(fromBundle(bench, ["--locked"]))
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output == arm.output)
    let other = try ComposeProgram.run(fromBundle(bench, ["--platform", "linux/amd64"]))
    #expect(other.exitCode == 69)
    #expect(
      other.errors.contains(
        "amd64.deb: not in the store, and --offline forbids fetching it; run the command once without"
      ),
      "\(other.errors)")
  }

  @Test("A bundle is made of a lock, and local files lie below the recipe")
  func refusals() throws {
    let bench = try Bench()
    let target = bench.scratch.file("b.tar")
    let unlocked = try bench.run("bundle", ["--output", target])
    #expect(unlocked.exitCode == 66)
    #expect(
      unlocked.errors
        == "error: \(bench.lock): not found, and a bundle is made of a lock; run `dhi-compose lock "
        + "\(bench.recipe)`\n")
    #expect(!bench.exists(target))
    let none = try ComposeProgram.run(["build", "--store", bench.store])
    #expect(none.exitCode == 64)
    let absent = try ComposeProgram.run(["build", "--bundle", target, "--store", bench.store])
    #expect(absent.exitCode == 66)
    try bench.scratch.write("no tar at all", to: "b.tar")
    let wrong = try ComposeProgram.run(["build", "--bundle", target, "--store", bench.store])
    #expect(wrong.exitCode == 65)
    #expect(
      wrong.errors
        == "error: \(target): is no bundle; expected a file that \"dhi-compose bundle\" wrote, not "
        + "compressed\n")
  }

  @Test("Of Alpine's packages too: image and lock come out the same")
  func alpine() throws {
    let bench = try AlpineBench()
    #expect(try bench.run("lock").exitCode == 0)
    let lock = try bench.text(bench.lock)
    let digest = try bench.build()
    let bundle = bench.scratch.file("b.tar")
    let made = try bench.run("bundle", ["--output", bundle])
    try #require(made.exitCode == 0, "\(made.errors)")
    #expect(!made.errors.contains("warning"))
    try FileManager.default.removeItem(atPath: bench.mirror)
    try bench.forgetAll()
    let anew = try ComposeProgram.run([
      "lock", bench.recipe, "--bundle", bundle, "--offline", "--store", bench.store,
    ])
    #expect(anew.exitCode == 0, "\(anew.errors)")
    #expect(try bench.text(bench.lock) == lock)
    try bench.forgetAll()
    for name in ["sample.yaml", "sample.lock.json", AlpineBench.keyName] {
      try FileManager.default.removeItem(atPath: bench.scratch.file(name))
    }
    let arguments = [
      "build", "--bundle", bundle, "--offline", "--locked", "--store", bench.store, "--output",
      bench.output,
    ]
    let outcome = try Cell.isPossible ? Cell.run(arguments) : ComposeProgram.run(arguments)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output == digest + "\n")
  }

  @Test("Several recipes in one bundle, all built or one")
  func several() throws {
    let bench = try Bench()
    try bench.scratch.write(Bench.recipe(packages: ["os-info"]), to: "all/one.yaml")
    try bench.scratch.write(Bench.recipe(packages: ["hello"]), to: "all/two.yaml")
    // Of the same packages, and another image: each is built by its own lock.
    try bench.scratch.write(
      Bench.recipe(packages: ["hello"], "work-dir: /tmp\n"), to: "all/two.b.yaml")
    try bench.scratch.write(bench.scratch.read("archive.asc"), to: "all/archive.asc")
    let common = ["--store", bench.store, "--mirror", bench.archive.directory]
    let folder = bench.scratch.file("all")
    #expect(try ComposeProgram.run(["lock", folder] + common).exitCode == 0)
    let expected = try ComposeProgram.run(
      ["build", folder, "--output", bench.scratch.file("r1")] + common)
    let made = try ComposeProgram.run(
      ["bundle", folder, "--output", bench.scratch.file("b.tar")] + common)
    #expect(made.exitCode == 0, "\(made.errors)")
    try bench.forgetAll()
    try FileManager.default.removeItem(atPath: bench.archive.directory)
    let built = try ComposeProgram.run([
      "build", "--bundle", bench.scratch.file("b.tar"), "--offline", "--locked", "--store",
      bench.store, "--output", bench.scratch.file("r1"),
    ])
    #expect(built.exitCode == 0, "\(built.errors)")
    #expect(built.output == expected.output)
  }
}
