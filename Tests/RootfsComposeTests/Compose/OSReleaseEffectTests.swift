import Testing

@testable import RootfsCompose

@Suite("os-release")
struct OSReleaseEffectTests {
  static let trixie = DistributionIdentity(
    id: "debian", name: "Debian GNU/Linux", versionID: "13", codename: "trixie")

  @Test("the recipe's fields take the place of the package's, all others stay")
  func merge() throws {
    var tree = try SampleTree.make([
      "usr/lib/os-release": .file(
        "PRETTY_NAME=\"Debian\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"13\"\nID=debian\n"),
      "etc/os-release": .symlink(to: "../usr/lib/os-release"),
    ])
    var release = Definition.OSRelease()
    release.prettyName = "An \"image\" for $1 `and` \\ all"
    release.homeURL = "https://example.org/"
    release.versionCodename = "trixie"
    release.idLike = "debian ubuntu"
    try OSReleaseEffect(release: release, distribution: Self.trixie).apply(to: &tree)
    #expect(
      tree.outline == [
        "/etc dir 755", "/etc/os-release link ../usr/lib/os-release", "/usr dir 755",
        "/usr/lib dir 755", "/usr/lib/os-release file 644",
      ])
    #expect(
      try tree.text(at: "usr/lib/os-release") == #"""
        PRETTY_NAME="An \"image\" for \$1 \`and\` \\ all"
        NAME="Debian GNU/Linux"
        VERSION_ID="13"
        ID=debian
        ID_LIKE="debian ubuntu"
        VERSION_CODENAME=trixie
        HOME_URL="https://example.org/"

        """#)
  }

  @Test("without a package's file the distribution speaks")
  func standard() throws {
    var tree = ComposedTree()
    try OSReleaseEffect(release: .init(), distribution: Self.trixie).apply(to: &tree)
    #expect(
      tree.outline == [
        "/etc dir 755", "/etc/os-release link ../usr/lib/os-release", "/usr dir 755",
        "/usr/lib dir 755", "/usr/lib/os-release file 644",
      ])
    #expect(
      try tree.text(at: "usr/lib/os-release") == """
        PRETTY_NAME="Debian GNU/Linux 13 (trixie)"
        NAME="Debian GNU/Linux"
        VERSION_ID="13"
        VERSION="13 (trixie)"
        VERSION_CODENAME=trixie
        ID=debian

        """)
  }

  @Test("Alpine speaks as its own file does")
  func alpine() throws {
    var tree = ComposedTree()
    let distribution = DistributionIdentity(.alpine("3.19"))
    try OSReleaseEffect(release: .init(), distribution: distribution).apply(to: &tree)
    #expect(
      try tree.text(at: "usr/lib/os-release") == """
        NAME="Alpine Linux"
        ID=alpine
        VERSION_ID=3.19
        PRETTY_NAME="Alpine Linux v3.19"

        """)
    #expect(DistributionIdentity(.debian13) == Self.trixie)
  }

  @Test("a file that only stands in /etc is changed there")
  func inEtc() throws {
    var tree = try SampleTree.make(["etc/os-release": .file("ID=x\n")])
    var release = Definition.OSRelease()
    release.id = "y"
    try OSReleaseEffect(release: release, distribution: Self.trixie).apply(to: &tree)
    #expect(tree.outline == ["/etc dir 755", "/etc/os-release file 644"])
    #expect(try tree.text(at: "etc/os-release") == "ID=y\n")
  }

  @Test("a value of two lines is refused")
  func twoLines() {
    var tree = ComposedTree()
    var release = Definition.OSRelease()
    release.name = "a\nID=evil"
    #expect {
      try OSReleaseEffect(release: release, distribution: Self.trixie).apply(to: &tree)
    } throws: {
      "\($0)"
        == "os-release.name: holds a control character or is over 4096 bytes; expected one line of text"
    }
  }
}
