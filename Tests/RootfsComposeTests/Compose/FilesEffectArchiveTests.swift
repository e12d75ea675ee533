import OCIImage
import TestSupport
import Testing

@testable import RootfsCompose

@Suite("Archives among a recipe's files")
struct FilesEffectArchiveTests {
  typealias Fixture = ArchiveFixture

  static let members: [TarBuilder.Member] = [
    .directory("./"), .directory("./app/", mode: 0o2775), .directory("./app/bin/"),
    .file("./app/bin/tool", "tool", mode: 0o4755), .link("./app/bin/t", "tool"),
    .directory("./app/doc/"), .file("./app/doc/guide", "guide"), .directory("./etc/", mode: 0o700),
    .file("./etc/app.conf", "conf", mode: 0o640),
  ]

  static let tool = RootfsDumpText.file("0755", "tool")

  @Test(arguments: [Compression.none, .gzip, .xz, .zstd, .bzip2])
  func everyCompressionOfTar(_ compression: Compression) throws {
    let archive = try compression.compress(TarBuilder(Self.members).bytes())
    let tree = try Fixture().apply(Fixture.item("/opt/x", excludes: ["app/doc"]), from: archive)
    #expect(
      RootfsDump.dump(tree.tree) == [
        "/opt/": "dir 0755", "/opt/x/": "dir 0755", "/opt/x/app/": "dir 0775",
        "/opt/x/app/bin/": "dir 0755", "/opt/x/app/bin/tool": Self.tool,
        "/opt/x/app/bin/t": "symlink tool", "/opt/x/etc/": "dir 0700",
        "/opt/x/etc/app.conf": RootfsDumpText.file("0640", "conf"),
      ])
    #expect(tree.tree["opt/x/app/bin/tool"]?.mtime == Int64(DebBuilder.defaultTime))
    #expect(tree.ledger.warnings == [])
  }

  @Test func zip() throws {
    let archive = try ZipBuilder.bytes(Array(Self.members.dropFirst()))
    let tree = try Fixture().apply(Fixture.item("/opt/x/", includes: ["/app/**"]), from: archive)
    #expect(
      RootfsDump.dump(tree.tree) == [
        "/opt/": "dir 0755", "/opt/x/": "dir 0755", "/opt/x/app/": "dir 0755",
        "/opt/x/app/bin/": "dir 0755", "/opt/x/app/bin/tool": Self.tool,
        "/opt/x/app/bin/t": "symlink tool", "/opt/x/app/doc/": "dir 0755",
        "/opt/x/app/doc/guide": RootfsDumpText.file("0644", "guide"),
      ])
    // Zip's times depend on the host's time zone.
    #expect(tree.tree["opt/x/app/bin/tool"]?.mtime == FileEntry.atEpoch)
  }

  @Test(
    arguments: [
      (["etc"], [], ["/x/", "/x/etc/", "/x/etc/app.conf"]),
      (["/etc"], [], ["/x/", "/x/etc/", "/x/etc/app.conf"]),
      (["./etc/"], [], ["/x/", "/x/etc/", "/x/etc/app.conf"]),
      (["app/*"], ["**/t", "app/doc"], ["/x/", "/x/app/", "/x/app/bin/", "/x/app/bin/tool"]),
      (
        ["**/*.conf", "app/doc/guide"], [],
        ["/x/", "/x/app/", "/x/app/doc/", "/x/app/doc/guide", "/x/etc/", "/x/etc/app.conf"]
      ),
      (["app/doc"], ["app"], ["/x/"]),
      ([], ["app", "etc/**"], ["/x/", "/x/etc/"]),
    ] as [([String], [String], [String])])
  func choice(includes: [String], excludes: [String], expected: [String]) throws {
    let item = Fixture.item("/x", includes: includes, excludes: excludes)
    let tree = try Fixture().apply(item, from: TarBuilder(Self.members).bytes())
    #expect(RootfsDump.dump(tree.tree).keys.sorted() == expected)
  }

  @Test("owner and mode are the item's where it gives them; the mode is for files only")
  func ownerAndMode() throws {
    let item = Fixture.item("/srv/x", includes: ["app"], excludes: ["app/doc"]) {
      $0.uid = 65532
      $0.gid = 7
      $0.mode = 0o500
    }
    var placed = [TreePath: RootfsCompose.SourceLocation]()
    let tree = try Fixture().apply([item], TarBuilder(Self.members).bytes(), placed: &placed)
    #expect(
      RootfsDump.dump(tree.tree) == [
        "/srv/": "dir 0755", "/srv/x/": "dir 0755 65532:7", "/srv/x/app/": "dir 0775 65532:7",
        "/srv/x/app/bin/": "dir 0755 65532:7",
        "/srv/x/app/bin/tool": RootfsDumpText.file("0500", "tool") + " 65532:7",
        "/srv/x/app/bin/t": "symlink tool 65532:7",
      ])
    #expect(
      placed.keys.sorted().map(\.description) == [
        "/srv/x", "/srv/x/app", "/srv/x/app/bin", "/srv/x/app/bin/t", "/srv/x/app/bin/tool",
      ])
    #expect(Set(placed.values) == [SampleTree.location])
    #expect(
      tree.deeds.last == "added /srv/x/app/bin/t [recipe-files] unpacked from \(Fixture.url)")
  }

  @Test("the image's directories and links stay; its files give way")
  func ontoTheImage() throws {
    let image = try SampleTree.make([
      "bin": .symlink(to: "usr/bin"), "usr/bin": .directory(mode: 0o711),
      "usr/bin/tool": .file("old"), "tmp": .directory(mode: 0o1777),
    ])
    let archive = TarBuilder([
      .directory("bin/", mode: 0o700), .file("bin/tool", "new", mode: 0o755), .directory("tmp/"),
      .file("tmp/a", "a"),
    ]).bytes()
    let item = Fixture.item("/", includes: ["bin", "tmp"]) { $0.uid = 5 }
    let tree = try Fixture().apply(item, from: archive, to: image)
    #expect(
      RootfsDump.dump(tree.tree) == [
        "/bin": "symlink usr/bin", "/usr/": "dir 0755", "/usr/bin/": "dir 0711",
        "/usr/bin/tool": RootfsDumpText.file("0755", "new") + " 5:0", "/tmp/": "dir 1777",
        "/tmp/a": RootfsDumpText.file("0644", "a") + " 5:0",
      ])
  }

  @Test(
    arguments: [
      (["**"], ["/x/": "dir 0755", "/x/a": " <1>", "/x/b": " <1>", "/x/c": " <1>"]),
      (["b", "c"], ["/x/": "dir 0755", "/x/b": " <1>", "/x/c": " <1>"]),
      (["c"], ["/x/": "dir 0755", "/x/c": ""]),
    ] as [([String], [String: String])])
  func hardLinks(includes: [String], expected: [String: String]) throws {
    let archive = TarBuilder([
      .file("a", "one"), .link("b", "a", type: "1"), .link("c", "b", type: "1"),
    ]).bytes()
    let tree = try Fixture().apply(Fixture.item("/x", includes: includes), from: archive)
    let file = RootfsDumpText.file("0644", "one")
    #expect(
      RootfsDump.dump(tree.tree)
        == expected.mapValues { $0.hasPrefix("dir") ? $0 : file + $0 })
  }

  @Test("one archive unpacked twice makes two sets of hard links")
  func hardLinksOfTwoItems() throws {
    let archive = TarBuilder([.file("a", "one"), .link("b", "a", type: "1")]).bytes()
    let tree = try Fixture().apply(
      Fixture.item("/x", includes: ["**"]), Fixture.item("/y", includes: ["**"]), from: archive)
    let file = RootfsDumpText.file("0644", "one")
    #expect(
      RootfsDump.dump(tree.tree) == [
        "/x/": "dir 0755", "/x/a": file + " <1>", "/x/b": file + " <1>",
        "/y/": "dir 0755", "/y/a": file + " <2>", "/y/b": file + " <2>",
      ])
  }

  @Test("an excluded path that is not there is a warning, an included one an error")
  func unmatched() throws {
    let archive = TarBuilder(Self.members).bytes()
    let tree = try Fixture().apply(Fixture.item("/x", excludes: ["app", "usr"]), from: archive)
    #expect(
      tree.ledger.warnings == [
        "recipe.yaml:7:3: the excluded path \"usr\" matched nothing in https://example.org/app"
      ])
    let error = try Fixture().failure(
      Fixture.item("/x", includes: ["etc", "usr"]), from: archive)
    #expect(
      error?.description
        == "recipe.yaml:7:3: the included path \"usr\" matches nothing in "
        + "https://example.org/app; name what the archive holds")
  }

  @Test("without includes and excludes an archive is a file like any other")
  func plainFile() throws {
    let archive = TarBuilder(Self.members).bytes()
    let tree = try Fixture().apply(
      Fixture.item("/opt/"), Fixture.item("/srv/a.tar"), from: archive)
    #expect(
      tree.outline == [
        "/opt dir 755", "/opt/app file 644", "/srv dir 755", "/srv/a.tar file 644",
      ])
    #expect(tree.tree["opt/app"]?.content == Content(archive))
  }

  @Test("extended attributes are not taken, for they may be capabilities")
  func attributes() throws {
    var member = TarBuilder.Member.file("tool")
    member.pax = [("SCHILY.xattr.user.note", [1, 2])]
    let archive = TarBuilder([member]).bytes()
    let tree = try Fixture().apply(Fixture.item("/x", includes: ["tool"]), from: archive)
    #expect(tree.tree["x/tool"]?.xattrs == [:])
  }
}

/// Words of ``RootfsDump`` for files whose text a test knows.
enum RootfsDumpText {
  static func file(_ mode: String, _ text: String) -> String {
    "file \(mode) \(Digest.sha256(of: Array(text.utf8)).hex.prefix(8))"
  }
}
