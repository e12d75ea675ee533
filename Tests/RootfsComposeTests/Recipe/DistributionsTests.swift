import OCIImage
import Testing

@testable import RootfsCompose

/// One recipe for several distributions.
struct DistributionsTests {
  /// The least a statically linked program needs, from glibc's distribution and from musl's.
  static let both = """
    name: Static (${LIBC})
    image: example/static
    tags: ["${target.distribution}"]
    vars: {LIBC: any, ZONES: tzdata}
    contents:
      packages: ["${ZONES}"]
      keyring: [own.asc]
    compose:
      excludes: [/usr/share/doc/**]
      distributions:
        debian-13:
          packages: ["!awk", base-files, ca-certificates]
          vars: {LIBC: glibc}
          mirror: https://debian.example/debian
          security-mirror: https://debian.example/security
          snapshot: 2025-11-01
          pins: [{suite: trixie-backports, priority: 100}]
        alpine-3.22:
          packages: [alpine-baselayout-data, ca-certificates-bundle]
          repositories: [https://alpine.example/v3.22/main]
          keyring: [alpine.rsa.pub]
          vars: {LIBC: musl}
    environment:
      LIBC: ${LIBC}
    """

  private func recipe(_ text: String, _ distribution: String? = nil) throws -> Recipe {
    try Recipe(text: text, path: "a/r.yaml", distribution: distribution)
  }

  @Test func eachDistributionHasItsOwnWordsAfterTheCommonOnes() throws {
    let recipes = try Recipe.all(text: Self.both, path: "a/r.yaml")
    #expect(recipes.map(\.distribution) == ["debian-13", "alpine-3.22"])
    #expect(
      recipes.map(\.listedDistributions) == [
        ["debian-13", "alpine-3.22"], ["debian-13", "alpine-3.22"],
      ])
    let debian = try recipe(Self.both, "debian-13").definition
    #expect(debian.name == "Static (glibc)")
    #expect(debian.tags == ["debian-13"])
    #expect(
      debian.contents.packages.map(\.value) == ["tzdata", "!awk", "base-files", "ca-certificates"])
    #expect(debian.contents.keyring.map(\.value) == ["own.asc"])
    #expect(debian.contents.repositories.isEmpty)
    #expect(debian.compose.mirror?.value == "https://debian.example/debian")
    #expect(debian.compose.securityMirror?.value == "https://debian.example/security")
    #expect(debian.compose.snapshot?.value == "20251101T000000Z")
    #expect(debian.compose.pins.map(\.suite) == ["trixie-backports"])
    #expect(debian.compose.excludes.map(\.value) == ["/usr/share/doc/**"])
    let alpine = try recipe(Self.both, "alpine-3.22").definition
    #expect(alpine.name == "Static (musl)")
    #expect(alpine.environment == ["LIBC": "musl"])
    #expect(
      alpine.contents.packages.map(\.value) == [
        "tzdata", "alpine-baselayout-data", "ca-certificates-bundle",
      ])
    #expect(alpine.contents.keyring.map(\.value) == ["own.asc", "alpine.rsa.pub"])
    #expect(alpine.contents.repositories.map(\.value) == ["https://alpine.example/v3.22/main"])
    #expect(alpine.compose.mirror == nil)
    #expect(alpine.compose.snapshot == nil)
    #expect(alpine.compose.pins.isEmpty)
  }

  @Test func valuesKeepTheirPlaces() throws {
    let packages = try recipe(Self.both, "debian-13").definition.contents.packages
    #expect(
      packages.map(\.location.description) == [
        "a/r.yaml:6:14", "a/r.yaml:12:18", "a/r.yaml:12:26", "a/r.yaml:12:38",
      ])
  }

  /// So a recipe that grows a second distribution keeps the lock of its first.
  @Test func theDigestsAreThoseOfTheRecipeWrittenForOneAlone() throws {
    let alone = try recipe(
      """
      # syntax=dhi.io/build:2-debian13
      name: Static (${LIBC})
      image: example/static
      tags: ["debian-13"]
      vars: {LIBC: glibc, ZONES: tzdata}
      contents:
        keyring: [own.asc]
        packages: [tzdata, "!awk", base-files, ca-certificates]
      compose:
        excludes: [/usr/share/doc/**]
        mirror: https://debian.example/debian
        security-mirror: https://debian.example/security
        snapshot: 2025-11-01
        pins: [{suite: trixie-backports, priority: 100}]
      environment: {LIBC: glibc}
      """)
    let picked = try recipe(Self.both, "debian-13")
    #expect(picked.recipeDigest == alone.recipeDigest)
    #expect(picked.requestDigest == alone.requestDigest)
    #expect(alone.listedDistributions.isEmpty)
    let bare = try recipe("compose: {distributions: {debian-13: {packages: [tzdata]}}}")
    let plain = try recipe("# syntax=dhi.io/build:2-debian13\ncontents: {packages: [tzdata]}\n")
    #expect(bare.recipeDigest == plain.recipeDigest)
    #expect(bare.requestDigest == plain.requestDigest)
    #expect(bare.listedDistributions == ["debian-13"])
  }

  @Test func whatIsSaidOfOneChangesNoDigestOfAnother() throws {
    let changed = Self.both.replacing(
      "ca-certificates-bundle]", with: "ca-certificates-bundle, jq]"
    )
    .replacing("{LIBC: musl}", with: "{LIBC: musl, MORE: x}")
    for (name, isSame) in [("debian-13", true), ("alpine-3.22", false)] {
      let before = try recipe(Self.both, name)
      let after = try recipe(changed, name)
      #expect((before.recipeDigest == after.recipeDigest) == isSame)
      #expect((before.requestDigest == after.requestDigest) == isSame)
    }
    let debian = try recipe(Self.both, "debian-13")
    let alpine = try recipe(Self.both, "alpine-3.22")
    #expect(debian.requestDigest != alpine.requestDigest)
  }

  /// What locks of version 0.1.0 hold of this recipe.
  @Test func theDigestsOfARecipeForOneAreWhatTheyWere() throws {
    let recipe = try recipe(
      """
      # syntax=dhi.io/build:2-debian13
      name: Zones ${V}
      vars: {V: "1", TZ: tzdata}
      platforms: [linux/amd64]
      contents:
        packages: ["${TZ}", '!debconf']
      compose:
        pins: [{suite: trixie, priority: 600}]
        excludes: [/usr/share/doc/**]
      """)
    #expect(
      recipe.recipeDigest.description
        == "sha256:7242e9bd64233993a5375f3a550a32c5d19de06b84f8446289ef1d202dbed35c")
    #expect(
      recipe.requestDigest.description
        == "sha256:c12a41ea51ab67175312d3318169f39dc98e1f9a6cf0f994f4fb3935bceb4a8a")
  }

  @Test func theDistributionIsAVariableAndDecidesExpressions() throws {
    let text = """
      name: '#{ target.distribution == "debian-13" ? "glibc" : "musl" } of ${target.distribution}'
      vars: {LIB: '#{ target.distribution == "debian-13" && target.arch == "arm64" ? "a" : "b" }'}
      work-dir: '/#{ target.arch == "arm64" || target.distribution == "debian-13" ? "x" : "y" }'
      flavor: ${LIB}
      compose: {distributions: {debian-13: {}, alpine-3.22: {}}}
      """
    let found = try Recipe.all(text: text, path: "r.yaml").flatMap { recipe in
      [Platform.linuxAMD64, .linuxARM64].map { platform in
        let definition = recipe.definition.substituted(for: platform)
        return "\(definition.name ?? ""), \(definition.flavor ?? ""), \(definition.workDir ?? "")"
      }
    }
    #expect(
      found == [
        "glibc of debian-13, b, /x", "glibc of debian-13, a, /x", "musl of alpine-3.22, b, /y",
        "musl of alpine-3.22, b, /x",
      ])
    let alone = try recipe("# syntax=dhi.io/build:2-debian12\nname: x ${target.distribution}\n")
    #expect(alone.definition.name == "x debian-12")
    #expect(alone.unsupportedKeys().isEmpty)
  }

  @Test func oneOfSeveralMustBeChosen() throws {
    func message(_ text: String, _ distribution: String?) -> String? {
      #expect(throws: ComposeError.self) { try recipe(text, distribution) }?.description
    }
    #expect(
      message(Self.both, nil)
        == "a/r.yaml: is for debian-13, alpine-3.22; choose one of these with --distribution")
    #expect(
      message(Self.both, "debian-12")
        == "a/r.yaml: is for debian-13, alpine-3.22, not for \"debian-12\"; name one that it is for"
    )
    let alone = "# syntax=dhi.io/build:2-debian13\nname: x\n"
    #expect(
      message(alone, "alpine-3.22")
        == "a/r.yaml: is for debian-13, not for \"alpine-3.22\"; name one that it is for")
    #expect(try recipe(alone, "debian-13").distribution == "debian-13")
    #expect(
      try recipe("compose: {distributions: {debian-12: {}}}").distribution == "debian-12")
  }

  @Test func aKeyOfOneDistributionMustComeOverHTTPSToo() throws {
    let recipe = try recipe(
      "compose: {distributions: {debian-13: {keyring: [x, 'http://a.example/k']}}}")
    #expect(
      recipe.unsupportedKeys().map(\.description) == [
        "a/r.yaml:1:52: compose.distributions.debian-13.keyring[1]: expected an https URL or a path, "
          + "found \"http://a.example/k\"; a key must come over https"
      ])
  }

  @Test func sixteenAreEnough() throws {
    func text(_ count: Int) -> String {
      "compose:\n  distributions:\n"
        + (1...count).map { "    alpine-3.\($0): {packages: [a]}\n" }.joined()
    }
    #expect(try Recipe.all(text: text(16), path: "r.yaml").count == 16)
    #expect(
      RecipeErrorTests.errors(of: text(17)) == [
        "r.yaml:3:5: compose.distributions: expected at most 16 distributions, found 17"
      ])
  }
}
