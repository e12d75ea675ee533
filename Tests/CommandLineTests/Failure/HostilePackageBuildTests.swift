import FoundationEssentials
import TestSupport
import Testing

/// Packages that are signed and wrong all the same.
@Suite struct HostilePackageBuildTests {
  /// Publishes packages beside the samples and builds one of them.
  private static func build(
    _ packages: [DebBuilder], _ names: [String]
  ) throws -> (Bench, HostProgram.Outcome) {
    let bench = try Bench(Bench.recipe(packages: names), publishing: packages)
    let outcome = try bench.run(
      "build", ["--quiet", "-o", bench.output], mirror: bench.ownArchive)
    #expect(bench.isWithoutOutput)
    #expect(try bench.leftovers() == [])
    #expect(outcome.output == "")
    return (bench, outcome)
  }

  @Test func anEntryThatClimbsOutIsRefused() throws {
    var deb = DebBuilder("climber")
    deb.add(.init(Array("../../etc/x".utf8), content: Array("x".utf8)))
    let (_, outcome) = try Self.build([deb], ["climber"])
    #expect(outcome.exitCode == 65)
    #expect(
      outcome.errors
        == "error: climber_1.0-1_amd64.deb: has the path \"../../etc/x\", which climbs out of the tree "
        + "with \"..\"; expected paths inside the tree; do not use this package\n")
  }

  @Test func aLinkOutOfTheTreeIsRefused() throws {
    var deb = DebBuilder("escaper")
    deb.directory("/usr/share/escaper")
    deb.symlink("/usr/share/escaper/out", to: "../../../../../../etc")
    deb.file("/usr/share/escaper/out/shadow", "x")
    let (_, outcome) = try Self.build([deb], ["escaper"])
    #expect(outcome.exitCode == 65)
    #expect(
      outcome.errors
        == "error: escaper_1.0-1_amd64.deb: ships the symbolic link /usr/share/escaper/out to "
        + "\"../../../../../../etc\", which leads out of the tree; expected a target inside it; "
        + "do not use this package\n")
  }

  @Test func twoPackagesWithOnePathAreRefused() throws {
    var one = DebBuilder("one")
    one.file("/usr/share/common/file", "one")
    var two = DebBuilder("two")
    two.file("/usr/share/common/file", "two")
    let (_, outcome) = try Self.build([one, two], ["one", "two"])
    #expect(outcome.exitCode == 65)
    #expect(outcome.errors.contains("/usr/share/common/file"), "\(outcome.errors)")
    #expect(outcome.errors.contains("one"))
    #expect(outcome.errors.contains("two"))
  }

  @Test func conflictingPackagesAreExplained() throws {
    let one = DebBuilder("one", fields: [("Conflicts", "two")])
    let (_, outcome) = try Self.build([one, DebBuilder("two")], ["one", "two"])
    #expect(outcome.exitCode == 3)
    #expect(outcome.errors.contains("one"), "\(outcome.errors)")
    #expect(outcome.errors.contains("two"), "\(outcome.errors)")
  }

  @Test func anUnknownPackageIsNamedWithItsNeighbours() throws {
    let (bench, outcome) = try Self.build(
      [DebBuilder("python3"), DebBuilder("python3-dev")], ["pyhton3"])
    #expect(outcome.exitCode == 3)
    #expect(
      outcome.errors
        == "error: \(bench.recipe):8:7: pyhton3: no such package for amd64 in trixie; near names: python3\n"
    )
  }

  @Test func anUnknownVersionIsNamedWithThoseThereAre() throws {
    let (_, outcome) = try Self.build([DebBuilder("python3", version: "3.13")], ["python3=3.12"])
    #expect(outcome.exitCode == 3)
    #expect(outcome.errors.contains("3.12"), "\(outcome.errors)")
    #expect(outcome.errors.contains("3.13"), "\(outcome.errors)")
  }
}
