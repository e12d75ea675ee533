import FoundationEssentials
import PkgResolve
import TestSupport
import Testing

/// `update`: locks renewed after the archives moved on, and what is said of it.
@Suite struct UpdateTests {
  private let bench: Bench
  private let publisher: AptRepositoryBuilder
  private static let version = "1.0-1"
  private static let fixed = "1.0-1+deb13u1"

  init() throws {
    bench = try Bench(Bench.recipe(packages: ["app", "extra"]))
    publisher = try SampleArchive.publisher(in: bench.ownArchive)
    try bench.publish([Self.app(Self.version), Self.extra], with: publisher)
    let locked = try bench.run("lock", mirror: bench.ownArchive)
    try #require(locked.exitCode == 0, "\(locked.errors)")
  }

  private static func app(_ version: String) -> DebBuilder {
    var deb = DebBuilder(
      "app", version: version, fields: version == fixed ? [("Depends", "newlib")] : [],
      compression: .none)
    deb.file("/usr/lib/app/data", String(repeating: version + "\n", count: 200))
    return deb
  }

  private static let extra: DebBuilder = {
    var deb = DebBuilder("extra", version: "2:3.1-2", architecture: "all", compression: .none)
    deb.file("/usr/share/extra/data", "extra\n")
    return deb
  }()

  /// What a security update brings: a new version, with a package more.
  private func publishSecurity() throws {
    var library = DebBuilder("newlib", version: "0.1", compression: .none)
    library.file("/usr/lib/newlib/data", "new\n")
    try publisher.publish([Self.app(Self.fixed), library], suite: "trixie-security")
  }

  private func update(_ more: [String] = []) throws -> HostProgram.Outcome {
    try bench.run("update", more, mirror: bench.ownArchive)
  }

  /// Paths and digests, which a run does not share with another, written as one.
  private func steady(_ text: String) -> String {
    text.replacing(bench.scratch.path + "/", with: "")
      .replacing(/sha256:[0-9a-f]{12}…/, with: "sha256:xxxxxxxxxxxx…")
  }

  @Test func aSecurityUpdateIsToldAndWritten() throws {
    try publishSecurity()
    let before = try bench.text(bench.lock)
    let told = try update(["--check", "-q"])
    #expect(told.exitCode == 10, "\(told.errors)")
    #expect(try bench.text(bench.lock) == before)
    #expect(steady(told.output) == Self.told)
    let outcome = try update(["-q"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(
      steady(outcome.output)
        == Self.told.replacing("locks against the archives now", with: "locks renewed")
        .replacing("would change", with: "updated"))
    #expect(outcome.errors == "")
    // It is the lock that `lock` makes, and a build follows it.
    let text = try bench.text(bench.lock)
    #expect(try bench.run("lock", mirror: bench.ownArchive).exitCode == 0)
    #expect(try bench.text(bench.lock) == text)
    let build = try bench.run(
      "build", ["--locked", "-o", bench.output], mirror: bench.ownArchive)
    #expect(build.exitCode == 0, "\(build.errors)")
    #expect(try update(["--check"]).exitCode == 0)
  }

  static let told = """
    locks against the archives now

    sample.lock.json
    would change: 1 package added, 1 package upgraded, 2 of them from a security suite; 1 setting changed

    linux/amd64
      summary
                  before   after    change
        packages  2        3        +1
        packed    10.6 kB  16.9 kB  +6.3 kB

      packages
        package  change    before  after          packed   from
        app      upgraded  1.0-1   1.0-1+deb13u1  +1.5 kB  trixie-security (security)
        newlib   added             0.1            +4.8 kB  trixie-security (security)

      recipe and image
        setting                before                after
        image for linux/amd64  sha256:xxxxxxxxxxxx…  sha256:xxxxxxxxxxxx…

    1 lock would change

    """

  @Test func indexesSignedAnewAreNoChange() throws {
    let before = try bench.text(bench.lock)
    try publisher.publish(
      [Self.app(Self.version), Self.extra], date: "Thu, 02 Jan 2025 00:00:00 UTC")
    for more in [["--check"], []] {
      let outcome = try update(["-q"] + more)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      #expect(
        steady(outcome.output) == """
          \(more.isEmpty ? "locks renewed" : "locks against the archives now")

          sample.lock.json
          up to date; 1 index is newer, with the same packages for it

          1 lock up to date

          """)
      #expect(try bench.text(bench.lock) == before)
    }
  }

  @Test func theSameForMachinesAndForAComment() throws {
    try publishSecurity()
    let document = try JSON.object(try update(["--check", "--json"]).output)
    #expect(document["format"] == .number(1))
    let lock = try #require(document["locks"]?.items.first)
    #expect(lock["state"] == "outdated")
    let platform = lock["difference"]?["platforms"]?.items.first
    let packages = platform?["packages"]?.items ?? []
    #expect(packages.map { $0["name"]?.text } == ["app", "newlib"])
    #expect(packages.first?["change"] == "upgraded")
    #expect(packages.first?["before"]?["version"] == .text(Self.version))
    #expect(packages.first?["after"]?["suite"] == "trixie-security")
    #expect(packages.first?["isSecurityUpdate"] == .boolean(true))
    let comment = try update(["--check", "--format", "markdown"])
    #expect(comment.exitCode == 10)
    #expect(
      comment.output.contains(
        "| <code>newlib</code> | added |  | <code>0.1</code> | +"), "\(comment.output)")
    #expect(comment.output.contains("| <code>trixie-security (security)</code> |\n"))
  }

  /// What a changed recipe leads to is a change, though the archives are as they were.
  @Test func aRecipeThatChangedIsLockedAnew() throws {
    try bench.scratch.write(
      Bench.recipe(packages: ["app"], "environment: {A: b}\n"), to: "sample.yaml")
    let outcome = try update(["-q"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("extra    removed  2:3.1-2"), "\(outcome.output)")
    #expect(outcome.output.contains("updated: 1 package removed; "))
    let build = try bench.run(
      "build", ["--locked", "-o", bench.output], mirror: bench.ownArchive)
    #expect(build.exitCode == 0, "\(build.errors)")
  }

  @Test func theLockKeepsItsCompression() throws {
    #expect(
      try bench.run("lock", ["--compression", "none"], mirror: bench.ownArchive).exitCode == 0)
    try publishSecurity()
    #expect(try update().exitCode == 0)
    let lock = try Lockfile(decoding: Array(try bench.text(bench.lock).utf8), name: "lock")
    #expect(lock.image?.compression == "none")
  }

  /// `build` packs as the recipe says, and is to find that in the lock.
  @Test func aRecipeEditedToAnotherCompressionHasItInTheLock() throws {
    try bench.scratch.write(
      Bench.recipe(packages: ["app", "extra"], "compression: zstd\n"),
      to: "sample.yaml")
    let outcome = try update(["-q"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let lock = try Lockfile(decoding: Array(try bench.text(bench.lock).utf8), name: "lock")
    #expect(lock.image?.compression == "zstd")
    let build = try bench.run(
      "build", ["--locked", "-o", bench.output], mirror: bench.ownArchive)
    #expect(build.exitCode == 0, "\(build.errors)")
  }

  @Test func aRecipeWithoutALockIsNotGivenOne() throws {
    try bench.scratch.write(Bench.recipe(packages: ["extra"]), to: "second.yaml")
    let options = ["--store", bench.store, "--mirror", bench.ownArchive, "-q"]
    let second = bench.scratch.file("second.yaml")
    let named = try ComposeProgram.run(["update", second] + options)
    #expect(named.exitCode == 66)
    #expect(
      steady(named.errors)
        == "error: second.lock.json: not found; run `dhi-compose lock second.yaml` to make it\n")
    // In a folder, it is passed over.
    let folder = try ComposeProgram.run(["update", "--check"] + options, directory: bench.folder)
    #expect(folder.exitCode == 0, "\(folder.errors)")
    #expect(folder.output.contains("./second.yaml\nhas no lock; `dhi-compose lock` makes one\n"))
    #expect(folder.output.hasSuffix("\n1 lock up to date, 1 recipe without a lock\n"))
    #expect(!bench.exists(bench.scratch.file("second.lock.json")))
    try FileManager.default.removeItem(atPath: bench.lock)
    let none = try ComposeProgram.run(["update"] + options, directory: bench.folder)
    #expect(none.exitCode == 66)
    #expect(
      none.errors == "error: .: no recipe has a lock; run `dhi-compose lock .` to make them\n")
  }

  /// One recipe's failure keeps no other from its turn, and its lock stays.
  @Test func whatCannotBeResolvedKeepsItsLock() throws {
    let before = try bench.text(bench.lock)
    try publisher.publish([Self.extra])
    let outcome = try update(["-q"])
    #expect(outcome.exitCode == 3)
    #expect(outcome.errors.contains("app: no such package"))
    #expect(try bench.text(bench.lock) == before)
  }

  /// `diff` of the two locks says what `update` said.
  @Test func diffComparesTheTwoLocks() throws {
    try publishSecurity()
    try FileManager.default.copyItem(
      atPath: bench.lock, toPath: bench.scratch.file("old.lock.json"))
    #expect(try update().exitCode == 0)
    let paths = [bench.scratch.file("old.lock.json"), bench.lock]
    let outcome = try ComposeProgram.run(["diff", "--exit-code"] + paths)
    #expect(outcome.exitCode == 1)
    #expect(steady(outcome.output) == Self.compared)
    let same = try ComposeProgram.run(["diff", "--exit-code", bench.lock, bench.lock])
    #expect(same.exitCode == 0)
    #expect(steady(same.output) == "sample.lock.json → sample.lock.json\n\nnothing differs\n")
  }

  static let compared = """
    old.lock.json → sample.lock.json

    linux/amd64
      summary
                  before   after    change
        packages  2        3        +1
        packed    10.6 kB  16.9 kB  +6.3 kB

      packages
        package  change    before  after          packed   from
        app      upgraded  1.0-1   1.0-1+deb13u1  +1.5 kB  trixie-security (security)
        newlib   added             0.1            +4.8 kB  trixie-security (security)

      recipe and image
        setting                before                after
        image for linux/amd64  sha256:xxxxxxxxxxxx…  sha256:xxxxxxxxxxxx…

    1 package added, 1 package upgraded, 2 of them from a security suite; 1 setting changed

    """
}
