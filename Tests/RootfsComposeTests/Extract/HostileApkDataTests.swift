import RootfsCompose
import TestSupport
import Testing

/// Packages whose checksums are right and whose data member is built to harm.
@Suite struct HostileApkDataTests {
  /// The whole message that unpacking ends with, of a package `bad-1.0-r0.apk` with a file and a signature.
  private func message(
    limits: UnpackLimits = .standard, _ change: (inout ApkBuilder) throws -> Void
  ) throws -> String {
    var builder = ApkBuilder("bad")
    builder.key = try .shared()
    builder.file("usr/x", "x")
    try change(&builder)
    return try #require(try ApkFixture().failure(builder, limits: limits)).description
  }

  @Test func pathsOutOfTheTree() throws {
    #expect(
      try message { $0.add(.init(Array("../../etc/passwd".utf8))) }
        == "bad-1.0-r0.apk: has the path \"../../etc/passwd\", which climbs out of the tree with "
        + "\"..\"; expected paths inside the tree; do not use this package")
    #expect(
      try message { $0.add(.init(Array("/etc/passwd".utf8))) }
        == "bad-1.0-r0.apk: has the absolute path \"/etc/passwd\"; expected paths inside the tree; do not "
        + "use this package")
    #expect(
      try message { $0.symlink("usr/link", to: "../../etc") }
        == "bad-1.0-r0.apk: ships the symbolic link /usr/link to \"../../etc\", which leads out of "
        + "the tree; expected a target inside it; do not use this package")
    #expect(
      try message { $0.add(.init(Array("./usr/y".utf8))) }
        == "bad-1.0-r0.apk: ships /usr/y under a name that begins with ./, which apk passes over; "
        + "expected names such as usr/bin/env")
  }

  @Test func checksumsOfFiles() throws {
    let x = TestDigest.sha1(Array("x".utf8)).hexadecimal
    let y = TestDigest.sha1(Array("y".utf8)).hexadecimal
    #expect(
      try message { $0.file("usr/bad", bytes: Array("x".utf8), checksumOf: Array("y".utf8)) }
        == "bad-1.0-r0.apk: /usr/bad has the SHA-1 \(x), the package says \(y); the package was built "
        + "wrongly: do not use it")
    #expect(
      try message { $0.symlink("usr/bad", to: "x", checksumOf: "y") }
        == "bad-1.0-r0.apk: /usr/bad has the SHA-1 \(x), the package says \(y); the package was built "
        + "wrongly: do not use it")
    #expect(
      try message {
        $0.hardLink("usr/bad", to: "usr/x")
        $0.data.members[1].pax = [ApkBuilder.checksum(of: Array("y".utf8))]
      }
        == "bad-1.0-r0.apk: /usr/bad has the SHA-1 \(x), the package says \(y); the package was built "
        + "wrongly: do not use it")
  }

  /// What libarchive and apk might understand differently.
  @Test func tarArchivesReadInTwoWays() throws {
    func tar(_ change: (inout TarBuilder.Member) -> Void) throws -> String {
      try message {
        var member = TarBuilder.Member(Array("usr/y".utf8), content: Array("y".utf8))
        change(&member)
        $0.add(member)
      }
    }
    let start = "bad-1.0-r0.apk: its data member's tar archive "
    let sha1 = "APK-TOOLS.checksum.SHA1"
    let malformed = start + "has a pax header that is malformed or gives a value twice"
    #expect(try tar { $0.pax = [(sha1, Array("12".utf8))] } == malformed)
    #expect(try tar { $0.pax = [(sha1, [UInt8](repeating: 0x67, count: 40))] } == malformed)
    let twice = ApkBuilder.checksum(of: Array("y".utf8))
    #expect(try tar { $0.pax = [twice, twice] } == malformed)
    #expect(try tar { $0.pax = [("size", Array("-1".utf8))] } == malformed)
    #expect(
      try tar { $0.pax = [("GNU.sparse.major", Array("1".utf8))] }
        == start + "has a sparse file, which apk does not know")
    #expect(
      try tar { $0.type = "V" } == start + "has an entry of type V, which apk does not know")
    #expect(
      try tar { $0.type = "5" } == start + "has a directory, link or device with data of its own")
    let slash = try tar { $0.name = Array("usr/y/".utf8) }
    #expect(slash.hasPrefix("bad-1.0-r0.apk: "), "\(slash)")
    #expect(
      try message {
        let end = [UInt8](repeating: 0, count: 1024)
        $0.data.members.append(.init([], type: "\0", mode: 0, mtime: 0, content: end))
      }.hasPrefix("bad-1.0-r0.apk: "))
  }

  @Test func bytesBehindTheTarArchivesEnd() throws {
    let fixture = try ApkFixture()
    var builder = ApkBuilder("bad")
    builder.file("usr/x", "x")
    let first = builder.data.bytes()
    builder.data.members = [.init(Array("usr/hidden".utf8), content: [1])]
    for (tail, fault) in [
      (builder.data.bytes(), "has bytes behind its end; expected zeros up to a block of 10 KiB"),
      (
        [UInt8](repeating: 0, count: 2 << 20),
        "has bytes behind its end; expected zeros up to a block of 10 KiB"
      ),
    ] {
      let data = try Compression.gzip.compress(first + tail)
      var control = ApkBuilder("bad")
      control.packageInformation = control.information(dataHash: TestDigest.sha256(data))
      let member = try control.members()[0]
      let error = try fixture.failure(
        member + data, name: "bad.apk", expecting: try control.checksum())
      #expect(error?.description == "bad.apk: its data member's tar archive " + fault)
    }
  }

  @Test func limits() throws {
    var limits = UnpackLimits()
    limits.entries = 2
    #expect(
      try message(limits: limits) { builder in
        for number in 0..<3 { builder.file("usr/\(number)", "x") }
      } == "bad-1.0-r0.apk: has over 2 entries")
    // The root and directories may stand twice; each time counts.
    for path in [".", "usr/"] {
      #expect(
        try message(limits: limits) { builder in
          for _ in 0..<5 { builder.add(.init(Array(path.utf8), type: "5")) }
        } == "bad-1.0-r0.apk: has over 2 entries")
    }
    limits = UnpackLimits()
    limits.ratioFloor = 1 << 20
    limits.ratio = 100
    #expect(
      try message(limits: limits) { $0.file("z", bytes: [UInt8](repeating: 0, count: 8 << 20)) }
        == "bad-1.0-r0.apk: unpacks to over 100 times its size; expected no archive bomb")
    limits = UnpackLimits()
    limits.unpackedBytes = 1000
    #expect(
      try message(limits: limits) { $0.file("z", bytes: [UInt8](repeating: 0, count: 2000)) }
        == "bad-1.0-r0.apk: unpacks to over 1000 bytes at /z; expected less")
    limits = UnpackLimits()
    limits.controlBytes = 100_000
    #expect(
      try message(limits: limits) {
        $0.scripts["post-install"] = String(repeating: "x", count: 1 << 20)
      } == "bad-1.0-r0.apk: its control member is over 100000 bytes; expected less")
  }
}
