import RootfsCompose
import TestSupport
import Testing

/// Packages that no one should unpack: each is a clear error that names the package.
@Suite struct HostilePackageTests {
  private static let evil = "evil_1.0-1_amd64.deb"

  private func error(_ build: (inout DebBuilder) -> Void) throws -> ComposeError {
    var builder = DebBuilder("evil", compression: .gzip)
    build(&builder)
    return try #require(try DebFixture().failure(builder))
  }

  @Test func absolutePath() throws {
    let error = try error { $0.add(.init(Array("/etc/passwd".utf8))) }
    #expect(error.code == .unsafePath)
    #expect(
      error.description
        == "evil_1.0-1_amd64.deb: has the absolute path \"/etc/passwd\"; expected paths inside the tree; "
        + "do not use this package")
  }

  @Test(arguments: ["./../etc/passwd", "usr/../../etc/x", "..", "./usr/.."])
  func climbingPath(_ path: String) throws {
    let error = try error { $0.add(.init(Array(path.utf8))) }
    #expect(error.code == .unsafePath)
    #expect(
      error.description
        == "evil_1.0-1_amd64.deb: has the path \"\(path)\", which climbs out of the tree with "
        + "\"..\"; expected paths inside the tree; do not use this package")
  }

  @Test(arguments: ["n", "n/"])
  func overlongPath(_ unit: String) throws {
    let path = "./" + String(repeating: unit, count: unit == "n" ? 256 : 2048)
    let error = try error { $0.add(.init(Array(path.utf8))) }
    #expect(error.code == .unsafePath)
    #expect(error.description.contains("over 4096 bytes or has a name over 255"))
  }

  @Test func rootThatIsNoDirectory() throws {
    let error = try error { $0.add(.init(Array("./".utf8), type: "2", linkName: [0x2f])) }
    #expect(error.code == .unsafePath)
  }

  @Test(arguments: [
    ("/etc/x", "../../etc/passwd"), ("/usr/lib/x", "../../../../etc/passwd"), ("/x", ".."),
    ("/usr/x", "/../etc"), ("/usr/x", "a/../../../b"),
  ])
  func symbolicLinkOutOfTheTree(_ path: String, _ target: String) throws {
    let error = try error { $0.symlink(path, to: target) }
    #expect(error.code == .unsafePath)
    #expect(
      error.description
        == "evil_1.0-1_amd64.deb: ships the symbolic link \(path) to \"\(target)\", which leads "
        + "out of the tree; expected a target inside it; do not use this package")
  }

  @Test(arguments: [("/etc/x", ".."), ("/usr/lib/x", "../../etc/passwd"), ("/x", "/etc/shadow")])
  func symbolicLinkInsideTheTree(_ path: String, _ target: String) throws {
    var builder = DebBuilder("good")
    builder.symlink(path, to: target)
    #expect(try DebFixture().unpack(builder).entries.count == 1)
  }

  @Test func symbolicLinkWithoutTarget() throws {
    let error = try error { $0.add(.init(Array("./x".utf8), type: "2")) }
    #expect(error.code == .unsafePath)
  }

  @Test func pathBelowOwnSymbolicLink() throws {
    let error = try error {
      $0.symlink("/usr/x", to: "/etc")
      $0.file("/usr/x/passwd", "root::0:0")
    }
    #expect(error.code == .unsafePath)
    #expect(
      error.description
        == "evil_1.0-1_amd64.deb: ships /usr/x/passwd below /usr/x, which is no directory in the "
        + "same package; expected a directory; do not use this package")
  }

  @Test(arguments: ["/etc/shadow", "/usr/later", "/usr", "/usr/link"])
  func hardLinkToNoEarlierFile(_ target: String) throws {
    let error = try error {
      $0.directory("/usr")
      $0.symlink("/usr/link", to: "a")
      $0.hardLink("/usr/hard", to: target)
      $0.file("/usr/later")
    }
    #expect(error.code == .unsafePath)
    #expect(error.description.contains("ships /usr/hard as a hard link to \(target)"))
  }

  @Test func hardLinkOutOfTheTree() throws {
    let error = try error { $0.hardLink("/usr/hard", to: "../../etc/shadow") }
    #expect(error.code == .unsafePath)
  }

  @Test func onePathTwice() throws {
    let error = try error {
      $0.file("/usr/x", "1")
      $0.file("/usr/x", "2")
    }
    #expect(
      error.description
        == "evil_1.0-1_amd64.deb: ships /usr/x twice; expected one entry a path")
    var builder = DebBuilder("good")
    builder.directory("/usr")
    builder.directory("/usr")
    #expect(try DebFixture().unpack(builder).entries.count == 1)
  }

  @Test func bounds() throws {
    let fixture = try DebFixture()
    var builder = DebBuilder("evil", compression: .xz)
    builder.file("/usr/zeros", bytes: [UInt8](repeating: 0, count: 4 << 20))
    builder.file("/usr/b", "b", attribute: "user.x", value: [UInt8](repeating: 1, count: 1000))
    builder.scripts["md5sums"] = String(repeating: "x", count: 10_000)
    let cases: [(WritableKeyPath<UnpackLimits, Int>, Int)] = [
      (\.entries, 1), (\.controlBytes, 9_000), (\.controlMembers, 1), (\.attributeBytes, 900),
    ]
    for (bound, value) in cases {
      var limits = UnpackLimits()
      limits[keyPath: bound] = value
      #expect(try fixture.failure(builder, limits: limits)?.code == .limitExceeded, "\(bound)")
    }
    var limits = UnpackLimits()
    limits.unpackedBytes = 4 << 20
    #expect(try fixture.failure(builder, limits: limits)?.code == .limitExceeded)
    limits = UnpackLimits()
    limits.ratio = 100
    limits.ratioFloor = 1 << 20
    #expect(try fixture.failure(builder, limits: limits)?.code == .limitExceeded)
    #expect(try fixture.failure(builder) == nil)
  }

  @Test func sparseBomb() throws {
    let error = try error {
      $0.add(.sparse(Array("./bomb".utf8), size: 8 << 30, segments: [(0, [1])]))
    }
    #expect(error.code == .limitExceeded)
  }

  @Test func cancellation() throws {
    var builder = DebBuilder("slow")
    builder.file("/usr/x", "x")
    #expect {
      _ = try DebFixture().unpack(builder, isCancelled: { true })
    } throws: {
      ($0 as? ComposeError)?.code == .cancelled
    }
  }

  @Test func missingFile() throws {
    let fixture = try DebFixture()
    #expect {
      _ = try DebArchive.unpack(
        path: fixture.directory.file("none.deb"), subject: "none.deb", spool: fixture.spool)
    } throws: {
      ($0 as? ComposeError)?.code == .storeUnreadable
    }
  }
}
