import RootfsCompose
import TestSupport
import Testing

/// Packages that are damaged, forged or built to harm: an error that says so, nothing given back.
@Suite struct HostileApkTests {
  /// The whole message that unpacking ends with, of a package `bad-1.0-r0.apk` with a file and a signature.
  private func message(
    _ change: (inout ApkBuilder) throws -> Void
  ) throws -> String {
    var builder = ApkBuilder("bad")
    builder.key = try .shared()
    builder.file("usr/x", "x")
    try change(&builder)
    return try #require(try ApkFixture().failure(builder)).description
  }

  /// As ``message(_:)``, of changed bytes; `signed` where no index vouches for them.
  private func message(
    signed: Bool = false, members change: (inout [[UInt8]]) throws -> Void
  ) throws -> String {
    var builder = ApkBuilder("bad")
    builder.key = try .shared()
    builder.file("usr/x", "x")
    let expected = signed ? nil : try builder.checksum()
    var members = try builder.members()
    try change(&members)
    let error = try ApkFixture().failure(
      members.flatMap { $0 }, name: "bad.apk", expecting: expected)
    return try #require(error).description
  }

  @Test func aPathWithAControlCharacterIsRefusedAndNotLeftOut() throws {
    #expect(
      try message { $0.file("usr/new\nF:evil", "x") }
        == "bad-1.0-r0.apk: ships \"/usr/new\\x0aF:evil\", a path with a control character, which apk refuses; "
        + "do not use this package")
  }

  @Test func controlMemberOfAnotherChecksum() throws {
    let fixture = try ApkFixture()
    var builder = ApkBuilder("bad")
    builder.file("usr/x", "x")
    let right = try builder.checksum()
    let wrong = "Q1" + String(repeating: "A", count: 27) + "="
    for fails in [
      try fixture.failure(try builder.bytes(), name: "bad.apk", expecting: wrong),
      failure {
        let path = try builder.write(to: fixture.directory.path)
        _ = try ApkArchive.identify(path: path, subject: "bad.apk", checksum: wrong)
      },
    ] {
      let error = try #require(fails)
      #expect(error.code == .digestMismatch)
      #expect(
        error.description
          == "bad.apk: its control member has the checksum \(right), the index says \(wrong); the file "
          + "is damaged or another package: fetch it again, or use another mirror")
    }
  }

  @Test(arguments: ["", "Q1", "Q3AAAA", "Q1AAAA", "Q1not base64", "AAAA"])
  func checksumOfNoKnownKind(_ checksum: String) throws {
    var builder = ApkBuilder("bad")
    builder.file("usr/x", "x")
    let error = try #require(
      try ApkFixture().failure(try builder.bytes(), name: "bad.apk", expecting: checksum))
    #expect(
      error.description
        == "bad.apk: its index gives it the checksum \"\(checksum)\"; expected Q1 or Q2 and base64")
  }

  @Test func dataHash() throws {
    let text = try message { $0.fault = .dataHash }
    var builder = ApkBuilder("bad")
    builder.file("usr/x", "x")
    var hash = TestDigest.sha256(try builder.members()[1])
    let right = hash.hexadecimal
    hash[0] ^= 1
    #expect(
      text == "bad-1.0-r0.apk: its data member has the SHA-256 \(right), its datahash says "
        + "\(hash.hexadecimal); the file is damaged: fetch it again, or use another mirror")
  }

  @Test func aByteFlippedInEachMember() throws {
    let signature = try message { $0.fault = .flippedByte(member: 0) }
    #expect(signature.hasPrefix("bad-1.0-r0.apk: its "), "\(signature)")
    let control = try message { $0.fault = .flippedByte(member: 1) }
    #expect(control.hasPrefix("bad-1.0-r0.apk: its control member "), "\(control)")
    let data = try message { $0.fault = .flippedByte(member: 2) }
    #expect(data.hasPrefix("bad-1.0-r0.apk: its data member has the SHA-256 "), "\(data)")
  }

  /// Every byte of a package counts: whichever changes, the package is refused, but for the names and times that gzip
  /// members carry for people, and what a signature by nobody's key says.
  @Test func everyFlippedByteIsRefused() throws {
    let fixture = try ApkFixture()
    var builder = ApkBuilder("bad")
    builder.file("usr/x", "x")
    let bytes = try builder.bytes()
    let checksum = try builder.checksum()
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= 0x10
      let error = try fixture.failure(changed, name: "bad.apk", expecting: checksum)
      #expect(error != nil, "byte \(place)")
    }
  }

  @Test func everyTruncationIsRefused() throws {
    let fixture = try ApkFixture()
    var builder = ApkBuilder("bad")
    builder.key = try .shared()
    builder.file("usr/x", "x")
    let bytes = try builder.bytes()
    let checksum = try builder.checksum()
    for count in stride(from: 0, to: bytes.count, by: 7) {
      let error = try fixture.failure(
        Array(bytes[..<count]), name: "bad.apk", expecting: checksum)
      #expect(error != nil, "\(count) bytes")
    }
  }

  @Test func somethingAfterTheDataMember() throws {
    let garbage = try message { $0.fault = .trailing([1, 2, 3]) }
    #expect(
      garbage == "bad-1.0-r0.apk: has bytes after its data member that belong to nothing; expected "
        + "nothing after it; do not use this package")
    // Not even where the package's own hash counts them.
    #expect(try message { $0.fault = .hashedTrailing([1, 2, 3]) } == garbage)
    let zeros = try message { $0.fault = .trailing([0]) }
    #expect(zeros == garbage)
    let further = try Compression.gzip.compress(TarBuilder().bytes())
    let expected =
      "bad-1.0-r0.apk: has a further gzip member after its data member; expected nothing after it; "
      + "do not use this package"
    #expect(try message { $0.fault = .trailing(further) } == expected)
    #expect(try message { $0.fault = .hashedTrailing(further) } == expected)
  }

  @Test func missingMembers() throws {
    #expect(
      try message(signed: true) { $0.removeSubrange(1...) }
        == "bad.apk: ends before its control member; expected a whole package; fetch it again")
    #expect(
      try message { $0.removeAll() }
        == "bad.apk: does not begin as a gzip file; expected an Alpine package of version 2")
    let noData = try message { $0.fault = .noData }
    #expect(
      noData.hasPrefix("bad-1.0-r0.apk: its data member has the SHA-256 e3b0c442"), "\(noData)")
    #expect(
      try message {
        $0.fault = .hashedTrailing([])
        $0.data = TarBuilder()
        $0.file("/", "")
      }
        == "bad-1.0-r0.apk: has an entry without a name; expected paths inside the tree; do not use this package"
    )
    let swapped = try message { $0.swapAt(1, 2) }
    #expect(swapped.hasPrefix("bad.apk: its control member has the checksum Q1"), "\(swapped)")
  }

  @Test(arguments: ["ADB.", "ADBd", "ADBc"])
  func versionThree(_ magic: String) throws {
    #expect(
      try message { $0 = [Array(magic.utf8) + [1, 2, 3, 4]] }
        == "bad.apk: is a version 3 (ADB) package; expected version 2, as Alpine's repositories serve it"
    )
  }

  @Test func signatures() throws {
    let key = try AlpineSigningKey.shared()
    #expect(
      try message(signed: true) { $0.removeFirst() }
        == "bad.apk: is not signed; expected a signature (.SIGN.RSA or .SIGN.RSA256) by a trusted key; "
        + "use a repository that is signed")
    let stranger = try AlpineSigningKey.stranger()
    #expect(
      try message(signed: true) { $0[0] = try stranger.member(signing: $0[1]) }
        == "bad.apk: is signed by no trusted key, only by stranger@example.org-2.rsa.pub; if you "
        + "trust that key, add its file to contents.keyring")
    let misfit =
      "bad.apk: its RSA signature by \(key.name) (the key of the test) does not fit; it was changed "
      + "after it was signed, or the signature is another file's: use another mirror"
    // Made by another key under the trusted one's name; of another file; and that beside the index's checksum.
    #expect(
      try message(signed: true) { $0[0] = try stranger.named(key.name).member(signing: $0[1]) }
        == misfit)
    #expect(try message(signed: true) { $0[0] = try key.member(signing: [1]) } == misfit)
    #expect(try message { $0[0] = try key.member(signing: [1]) } == misfit)
    // One good signature does not make up for a bad one.
    #expect(
      try message(signed: true) { $0.insert(try key.member(signing: [1]), at: 0) } == misfit)
  }

  @Test func signatureMemberOfOtherThings() throws {
    var tar = TarBuilder()
    tar.members = [
      .init(Array(".SIGN.RSA.x".utf8), content: [1]), .init(Array("etc/passwd".utf8)),
    ]
    let member = try Compression.gzip.compress(tar.openBytes())
    #expect(
      try message { $0[0] = member }
        == "bad.apk: has something other than signatures in its signature member; expected up to 16 "
        + "files called .SIGN.RSA.KEY or .SIGN.RSA256.KEY")
    let many = Array(repeating: try AlpineSigningKey.shared().member(signing: [1]), count: 18)
    #expect(try message { $0 = many } == "bad.apk: has over 16 signature members")
    tar.members = [
      .init(Array(".SIGN.RSA.x".utf8), content: [UInt8](repeating: 0, count: 1 << 20))
    ]
    let large = try Compression.gzip.compress(tar.openBytes())
    #expect(
      try message { $0[0] = large }
        == "bad.apk: its signature member is over 65536 bytes; expected less")
  }

  private func failure(_ body: () throws -> Void) -> ComposeError? {
    do {
      try body()
      return nil
    } catch {
      return error as? ComposeError
    }
  }
}
