import TestSupport
import Testing

@testable import RootfsCompose

/// Archives that no one should unpack: each is a clear error that names the item, the URL and the path.
@Suite struct HostileArchiveTests {
  typealias Fixture = ArchiveFixture
  private static let subject = "recipe.yaml:7:3: https://example.org/app: "

  private func failure(
    _ members: [TarBuilder.Member], includes: [String] = ["**"]
  ) throws -> ComposeError {
    let item = Fixture.item("/opt/x", includes: includes)
    return try #require(try Fixture().failure(item, from: TarBuilder(members).bytes()))
  }

  private static let outside: [(TarBuilder.Member, String)] = [
    (
      .file("/etc/passwd"),
      "has the absolute path \"/etc/passwd\"; expected paths inside the tree; do not use this archive"
    ),
    (
      .file("a/../../etc/passwd"),
      "has the path \"a/../../etc/passwd\", which climbs out of the tree with \"..\"; "
        + "expected paths inside the tree; do not use this archive"
    ),
    (
      .link("a/b", "../../etc/passwd"),
      "ships the symbolic link /a/b to \"../../etc/passwd\", which leads out of the tree; "
        + "expected a target inside it; do not use this archive"
    ),
    (
      .link("a", "../../etc/passwd", type: "1"),
      "has the path \"../../etc/passwd\", which climbs out of the tree with \"..\"; "
        + "expected paths inside the tree; do not use this archive"
    ),
    (
      .link("a", "etc/passwd", type: "1"),
      "ships /a as a hard link to /etc/passwd, which is no file before it in the same archive; "
        + "expected an earlier regular file"
    ),
  ]

  @Test(arguments: outside.indices)
  func outOfTheTree(_ index: Int) throws {
    let (member, message) = Self.outside[index]
    let error = try failure([member])
    #expect(error.code == .unsafePath)
    #expect(error.description == Self.subject + message)
  }

  @Test("a name that climbs is refused even where it is not taken")
  func climbingBesideTheChoice() throws {
    let error = try failure([.file("good"), .file("../evil")], includes: ["good"])
    #expect(error.code == .unsafePath)
  }

  @Test(arguments: ["../evil", "/evil"])
  func climbingInZip(_ name: String) throws {
    let archive = try ZipBuilder.bytes([.file("good"), .file(name)])
    let error = try Fixture().failure(Fixture.item("/x", includes: ["good"]), from: archive)
    #expect(error?.code == .unsafePath)
    #expect(error?.description.contains("\"\(name)\"") == true)
  }

  @Test func linkOutOfTheTreeInZip() throws {
    let archive = try ZipBuilder.bytes([.link("a", "../x")])
    let error = try Fixture().failure(Fixture.item("/x", includes: ["a"]), from: archive)
    #expect(
      error?.description
        == Self.subject + "ships the symbolic link /a to \"../x\", which leads out of the tree; "
        + "expected a target inside it; do not use this archive")
  }

  @Test func belowItsOwnLink() throws {
    let error = try failure([.link("a", "/etc"), .file("a/passwd")])
    #expect(error.code == .unsafePath)
    #expect(
      error.description
        == Self.subject + "ships /a/passwd below /a, which is no directory in the same archive; "
        + "expected a directory; do not use this archive")
  }

  @Test(arguments: ["3", "4", "6"] as [Character])
  func devices(_ type: Character) throws {
    let members: [TarBuilder.Member] = [.init(Array("dev/x".utf8), type: type), .file("etc/x")]
    let error = try failure(members)
    #expect(error.code == .unsafePath)
    #expect(
      error.description
        == Self.subject + "ships /dev/x, which is a device or FIFO; expected files, directories "
        + "and links; exclude it")
    let tree = try Fixture().apply(
      Fixture.item("/x", excludes: ["dev"]), from: TarBuilder(members).bytes())
    #expect(tree.outline == ["/x dir 755", "/x/etc dir 755", "/x/etc/x file 644"])
  }

  @Test func twiceTheSamePath() throws {
    let error = try failure([.file("a"), .file("./a")])
    #expect(
      error.description == Self.subject + "ships /a twice; expected one entry a path")
  }

  @Test func bomb() throws {
    let bomb = TarBuilder.Member.sparse(Array("zeros".utf8), size: 300 << 20, segments: [])
    let error = try failure([bomb])
    #expect(error.code == .limitExceeded)
    #expect(
      error.description
        == Self.subject + "unpacks to over 1000 times its size; expected no archive bomb")
  }

  private static let expected =
    "expected a whole tar archive, plain or packed with gzip, xz, zstd or bzip2, or a zip archive"

  @Test(arguments: ["", "#!/bin/sh\n", String(repeating: "text ", count: 1000)])
  func noArchive(_ text: String) throws {
    let error = try #require(
      try Fixture().failure(Fixture.item("/x", includes: ["a"]), from: Array(text.utf8)))
    #expect(error.code == .invalidArchive)
    #expect(
      error.description
        == Self.subject + "its archive cannot be read: Unrecognized archive format; "
        + Self.expected)
  }

  @Test(arguments: [Compression.none, .gzip, .xz, .zstd, .bzip2])
  func truncated(_ compression: Compression) throws {
    var state: UInt32 = 1
    let noise = (0..<20_000).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    var member = TarBuilder.Member.file("a")
    member.content = noise
    let whole = try compression.compress(TarBuilder([member]).bytes())
    let error = try #require(
      try Fixture().failure(
        Fixture.item("/x", includes: ["a"]), from: Array(whole.prefix(10_000))))
    #expect(error.code == .invalidArchive)
    #expect(error.description.hasPrefix(Self.subject))
  }

  @Test func packedTwice() throws {
    let archive = try Compression.xz.compress(
      Compression.gzip.compress(TarBuilder([.file("a")]).bytes()))
    let error = try Fixture().failure(Fixture.item("/x", includes: ["a"]), from: archive)
    #expect(
      error?.description
        == Self.subject + "its archive is packed more than once; " + Self.expected)
  }

  @Test("a pattern that no path can match is refused where it stands")
  func badPattern() throws {
    for item in [Fixture.item("/x", includes: ["../a"]), Fixture.item("/x", excludes: ["../a"])] {
      let error = try Fixture().failure(item, from: TarBuilder([.file("a")]).bytes())
      #expect(
        error?.description
          == "recipe.yaml:7:3: the path pattern \"/../a\" climbs with \"..\"; "
          + "write the path it means")
    }
  }

  @Test func conflictsWithTheImage() throws {
    let image = try SampleTree.make(["etc/a": .file("a"), "etc/d": .directory()])
    func message(_ path: String, _ member: TarBuilder.Member) throws -> String? {
      try Fixture().failure(
        Fixture.item(path, includes: ["**"]), from: TarBuilder([member]).bytes(), to: image
      )?.description
    }
    #expect(
      try message("/etc/a", .file("x"))
        == "recipe.yaml:7:3: /etc/a is no directory in the image, so https://example.org/app "
        + "cannot be unpacked there; choose another path")
    #expect(
      try message("/etc", .directory("a/"))
        == "recipe.yaml:7:3: /etc/a is no directory in the image and is one in "
        + "https://example.org/app; delete it first, or exclude it")
    #expect(
      try message("/etc", .file("d"))
        == "recipe.yaml:7:3: /etc/d is a directory in the image; delete it first, or choose "
        + "another path")
    #expect(
      try message("/etc", .file("a/b"))
        == "recipe.yaml:7:3: cannot place /etc/a/b: its parent /etc/a is not a directory; "
        + "expected a directory there")
  }

  @Test func overlongTarget() throws {
    let deep = Array(repeating: String(repeating: "n", count: 200), count: 20)
      .joined(separator: "/")
    let item = Fixture.item("/" + String(repeating: "p", count: 200), includes: ["**"])
    let error = try Fixture().failure(item, from: TarBuilder([.file(deep)]).bytes())
    #expect(error?.code == .limitExceeded)
  }
}
