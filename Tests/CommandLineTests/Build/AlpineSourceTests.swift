import FoundationEssentials
import OCIImage
import PkgResolve
import TestSupport
import Testing

/// Where Alpine's packages come from, and that it makes no difference to the image.
@Suite struct AlpineSourceTests {
  private static let packages = ["greet", "os-info"]
  private static let official = "https://dl-cdn.alpinelinux.org/alpine/v3.22/main"

  private static func versions(_ bench: AlpineBench, of name: String) throws -> [String: String] {
    let lock = try Lockfile(decoding: Array(bench.text(bench.lock).utf8), name: bench.lock)
    return lock.platforms.compactMapValues { platform in
      platform.packages.first { $0.name == name }?.version
    }
  }

  @Test func anOptionForTheOtherDistributionIsSaidToChangeNothing() throws {
    let bench = try AlpineBench()
    let alpine = try bench.run(
      "build", ["--quiet", "--output", bench.output, "--allow-expired", "--security-mirror", "/x"],
      sources: ["--repository", bench.main])
    #expect(
      alpine.errors == """
        warning: --security-mirror: is for Debian's packages and changes nothing for alpine-3.22
        warning: --allow-expired: is for Debian's packages and changes nothing for alpine-3.22

        """)
    let debian = try Bench()
    let outcome = try debian.run(
      "build", ["--quiet", "--output", debian.output, "--repository", "/x"])
    #expect(
      outcome.errors.hasPrefix(
        "warning: --repository: is for Alpine's packages and changes nothing for debian-13; use --mirror\n"
      ), "\(outcome.errors)")
    #expect(outcome.exitCode == 0)
  }

  @Test func aMirrorThatHasNothingIsAnErrorWhereverElsePackagesAre() throws {
    let bench = try AlpineBench(
      AlpineBench.recipe(packages: Self.packages, repositories: []))
    let vendor = bench.scratch.file("vendor")
    try AlpineRepositoryBuilder(directory: vendor)
      .publish(SampleApks.main(architecture: "x86_64"))
    try bench.scratch.write(
      AlpineBench.recipe(packages: Self.packages, repositories: [vendor]), to: "sample.yaml")
    let outcome = try bench.run(
      "build", ["--output", bench.output], sources: ["--mirror", bench.scratch.file("typo")])
    #expect(outcome.exitCode == 69)
    #expect(
      outcome.errors.contains("/typo/v3.22/main/x86_64/APKINDEX.tar.gz: "), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: bench.output))
  }

  @Test func anIndexOfAnotherReleaseIsWarnedOf() throws {
    let bench = try AlpineBench()
    var repository = try AlpineRepositoryBuilder(directory: bench.scratch.file("old"))
    repository.description = "v3.21.4-12-gabcdef"
    try repository.publish(SampleApks.main(architecture: "x86_64"))
    func warnings(_ more: String) throws -> [Substring] {
      try bench.scratch.write(AlpineBench.smallRecipe + more, to: "sample.yaml")
      let outcome = try bench.run(
        "build", ["--quiet", "--output", bench.output],
        sources: ["--repository", bench.scratch.file("old")])
      #expect(outcome.exitCode == 0)
      return outcome.errors.split(separator: "\n").filter { $0.contains("is an index of") }
    }
    #expect(
      try warnings("") == [
        "warning: file://\(bench.scratch.file("old"))/x86_64/APKINDEX.tar.gz: is an index of Alpine 3.21; "
          + "the image is to be Alpine 3.22, and scanners will take it for that"
      ])
    #expect(try warnings("os-release: {version-id: '3.21'}\n") == [])
  }

  @Test func whatOnePlatformLacksIsToldWithItsName() throws {
    let bench = try AlpineBench()
    try AlpineRepositoryBuilder(directory: bench.scratch.file("more"))
      .publish([ApkBuilder("only-here")])
    let text = AlpineBench.recipe(packages: ["musl", "only-here"])
      .replacing("platforms: [linux/amd64]", with: "platforms: [linux/amd64, linux/arm64]")
    try bench.scratch.write(text, to: "sample.yaml")
    let sources = ["--repository", bench.main, "--repository", bench.scratch.file("more")]
    for _ in 0..<3 {
      let outcome = try bench.run("build", ["--quiet", "--output", bench.output], sources: sources)
      #expect(outcome.exitCode == 3)
      let lines = outcome.errors.split(separator: "\n").filter { !$0.hasPrefix("warning: ") }
      #expect(lines.count == 2, "\(outcome.errors)")
      #expect(
        lines.first?.hasPrefix("error: \(bench.recipe):9:7: only-here: no package") == true,
        "\(outcome.errors)")
      #expect(lines.last == "  (for linux/arm64)")
    }
  }

  @Test func aTagMayStandBeforeAVersion() throws {
    let bench = try AlpineBench()
    try bench.scratch.write(
      AlpineBench.recipe(packages: ["greet@edge>=2", "os-info"]), to: "sample.yaml")
    let outcome = try bench.run(
      "resolve", ["--format", "list"],
      sources: ["--repository", bench.main, "--repository", "@edge " + bench.testing])
    #expect(outcome.output.contains("greet=3.0"), "\(outcome.errors)")
    try bench.scratch.write(AlpineBench.recipe(packages: ["greet@=2"]), to: "sample.yaml")
    let refused = try ComposeProgram.run(["check", bench.recipe])
    #expect(refused.exitCode == 65)
    #expect(
      refused.errors.contains("expected a repository's tag after \"@\""), "\(refused.errors)")
  }

  /// A whole mirror, one repository of it, the environment, a recipe's own lines: one image.
  @Test func everyWayToNameARepositoryGivesOneImage() throws {
    let bench = try AlpineBench()
    let digest = try bench.build()
    let server = try LoopbackServer(serving: bench.mirror)
    let environment = ["DHI_ALPINE_MIRROR": bench.mirror]
    #expect(try bench.build(sources: ["--mirror", bench.main]) == digest)
    #expect(try bench.build(sources: ["--mirror", server.url + "/"]) == digest)
    #expect(try bench.build(sources: ["--mirror", "file://" + bench.mirror]) == digest)
    #expect(
      try bench.build(sources: ["--mirror", "./mirror"], directory: bench.scratch.path) == digest)
    #expect(try bench.build(sources: [], environment: environment) == digest)
    #expect(try bench.build(sources: ["--repository", bench.main]) == digest)
    #expect(
      try bench.build(sources: ["--repository", server.url + "/v3.22/main"]) == digest)
    // The option stands before the environment, and both before what the recipe names.
    #expect(
      try bench.build(environment: ["DHI_ALPINE_MIRROR": "http://nonexistent.invalid/"]) == digest)
    try bench.scratch.write(
      AlpineBench.recipe(packages: Self.packages, repositories: [Self.official]),
      to: "sample.yaml")
    #expect(try bench.build(sources: [], environment: environment) == digest)
    try bench.scratch.write(
      AlpineBench.recipe(packages: Self.packages, repositories: [bench.main]), to: "sample.yaml")
    #expect(try bench.build(sources: []) == digest)
  }

  /// The first architecture has the newer package of the second repository, the other one what there is.
  @Test func aRepositoryThatLacksAnArchitectureServesTheOther() throws {
    let bench = try AlpineBench()
    let sources = ["--repository", bench.main, "--repository", bench.testing]
    let outcome = try bench.run(
      "lock", ["--quiet", "--platform", "linux/amd64,linux/arm64"], sources: sources)
    #expect(outcome.exitCode == 0)
    #expect(
      outcome.errors
        == "warning: file://\(bench.testing): no index of edge/testing for aarch64; the image is composed "
        + "without it\n")
    #expect(
      try Self.versions(bench, of: "greet") == ["linux/amd64": "3.0-r0", "linux/arm64": "2.0-r1"])
  }

  @Test func aTagKeepsARepositoryToThoseWhoAskForIt() throws {
    let bench = try AlpineBench()
    let sources = ["--repository", bench.main, "--repository", "@testing " + bench.testing]
    #expect(try bench.run("lock", sources: sources).exitCode == 0)
    #expect(try Self.versions(bench, of: "greet") == ["linux/amd64": "2.0-r1"])
    try bench.scratch.write(AlpineBench.recipe(packages: ["greet@testing"]), to: "sample.yaml")
    #expect(try bench.run("lock", sources: sources).exitCode == 0)
    #expect(try Self.versions(bench, of: "greet") == ["linux/amd64": "3.0-r0"])
  }

  /// One index of both architectures, `noarch` packages in each.
  @Test func twoPlatformsShareAnIndex() throws {
    let bench = try AlpineBench(
      AlpineBench.smallRecipe.replacing("[linux/amd64]", with: "[linux/amd64, linux/arm64]"))
    _ = try bench.build()
    let image = try Image(contentsOf: bench.output)
    #expect(image.platformImages.map(\.platform.description) == ["linux/amd64", "linux/arm64"])
    let dumps = try ["linux/amd64", "linux/arm64"].map {
      Set(try bench.dump(["--platform", $0]).keys)
    }
    #expect(
      dumps[0].subtracting(dumps[1])
        == ["/lib/ld-musl-x86_64.so.1", "/lib/libc.musl-x86_64.so.1"])
    #expect(
      dumps[1].subtracting(dumps[0])
        == ["/lib/ld-musl-aarch64.so.1", "/lib/libc.musl-aarch64.so.1"])
    #expect(dumps[0].contains("/usr/share/greet/words"))
  }

  @Test func aLockIsFollowedFromAColdStore() throws {
    let bench = try AlpineBench()
    #expect(try bench.run("lock").exitCode == 0)
    let digest = try bench.build(["--locked"])
    // A newer package in the repository is not what was locked.
    try AlpineRepositoryBuilder(directory: bench.main).publish(
      SampleApks.main() + [SampleApks.greet("2.1-r0")])
    let server = try LoopbackServer(serving: bench.mirror)
    for sources in [["--mirror", bench.mirror], ["--mirror", server.url], []] {
      try FileManager.default.removeItem(atPath: bench.store)
      #expect(try bench.build(["--locked"], sources: sources) == digest)
    }
    #expect(try bench.run("lock").exitCode == 0)
    #expect(try Self.versions(bench, of: "greet") == ["linux/amd64": "2.1-r0"])
  }

  @Test func aPackageThatChangedUnderItsVersionDoesNotVerify() throws {
    let bench = try AlpineBench()
    #expect(try bench.run("lock").exitCode == 0)
    try FileManager.default.removeItem(atPath: bench.store)
    var other = SampleApks.greet()
    other.file("/usr/bin/more", "x")
    try other.write(to: bench.main + "/x86_64")
    let locked = try Lockfile(decoding: Array(bench.text(bench.lock).utf8), name: bench.lock)
      .platforms["linux/amd64"]?.packages.first { $0.name == "greet" }
    let outcome = try bench.run("build", ["--quiet", "-o", bench.output])
    #expect(outcome.exitCode == 77)
    #expect(
      outcome.errors
        == "error: file://\(bench.main)/x86_64/greet-2.0-r1.apk: expected \(locked?.size ?? 0) bytes, "
        + "found more; the mirror may be changing, or the file is not the one that was promised: try "
        + "again, or use another mirror\n")
    #expect(bench.isWithoutOutput)
  }
}
