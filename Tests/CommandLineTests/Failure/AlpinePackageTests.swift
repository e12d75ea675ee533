import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// Alpine packages that are not what a signed index says, or that are and were built to harm.
@Suite struct AlpinePackageTests {
  private static let url = "file:///mirror/v3.22/main/x86_64/bad-1.0-r0.apk: "

  private static func package() -> ApkBuilder {
    var apk = ApkBuilder("bad")
    apk.file("usr/x", "x")
    return apk
  }

  /// What is said where the repository is made by `publish`. Where nothing may have come to the store, that is checked.
  private func refusal(
    _ exitCode: Int32, storing isStored: Bool = false,
    _ sourceLocation: Testing.SourceLocation = #_sourceLocation,
    publish: (AlpineRepositoryBuilder) throws -> Void
  ) throws -> String {
    let bench = try AlpineBench(AlpineBench.recipe(packages: ["bad"]), publishing: [])
    try publish(AlpineRepositoryBuilder(directory: bench.main))
    let text = try bench.refusal(exitCode, sourceLocation)
    #expect(try bench.storedFiles().isEmpty != isStored, sourceLocation: sourceLocation)
    return text
  }

  /// As the other, of a package with a fault.
  private func refusal(
    _ exitCode: Int32, storing isStored: Bool = false, _ fault: ApkBuilder.Fault,
    key: AlpineSigningKey? = nil, _ sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws -> String {
    var apk = Self.package()
    apk.fault = fault
    apk.key = key
    return try refusal(exitCode, storing: isStored, sourceLocation) { try $0.publish([apk]) }
  }

  // MARK: Checksums

  @Test func anotherChecksumInTheIndex() throws {
    let apk = Self.package()
    let right = try apk.checksum()
    let wrong = "Q1" + String(repeating: "A", count: 27) + "="
    let text = try refusal(77) { repository in
      try repository.publish([apk])
      let record = try AlpineRepositoryBuilder.record(of: apk, size: apk.bytes().count)
      try repository.publish(index: repository.index([record.replacing(right, with: wrong)]))
    }
    #expect(
      text
        == "error: \(Self.url)its control member has the checksum \(right), the index says \(wrong); "
        + "the file is damaged or another package: fetch it again, or use another mirror\n")
  }

  @Test func anotherHashOfTheData() throws {
    var hash = TestDigest.sha256(try Self.package().members()[1])
    let right = hash.hexadecimal
    hash[0] ^= 1
    #expect(
      try refusal(77, .dataHash)
        == "error: \(Self.url)its data member has the SHA-256 \(right), its datahash says "
        + "\(hash.hexadecimal); the file is damaged: fetch it again, or use another mirror\n")
  }

  @Test func aByteFlippedInEachMember() throws {
    var apk = Self.package()
    apk.key = try .shared()
    // In the checksum: a signature is another in each run of the tests.
    var members = try apk.members()
    members[0][members[0].count - 6] ^= 1
    #expect(
      try refusal(65) { try $0.publish(file: Array(members.joined()), as: Self.package()) }
        == "error: \(Self.url)its first member cannot be decompressed: incorrect data check; expected a "
        + "whole gzip member; fetch it again\n")
    #expect(
      try refusal(65, .flippedByte(member: 1), key: .shared())
        == "error: \(Self.url)its control member cannot be decompressed: incorrect data check; expected "
        + "a whole gzip member; fetch it again\n")
    var data = members[2]
    let right = TestDigest.sha256(data).hexadecimal
    data[data.count / 2] ^= 1
    #expect(
      try refusal(77, .flippedByte(member: 2), key: .shared())
        == "error: \(Self.url)its data member has the SHA-256 \(TestDigest.sha256(data).hexadecimal), "
        + "its datahash says \(right); the file is damaged: fetch it again, or use another mirror\n"
    )
  }

  /// The index vouches for the package, but what the package says of itself by a trusted key must fit as well.
  @Test func aSignatureThatDoesNotFit() throws {
    let text = try refusal(77) { repository in
      let members = try Self.package().members()
      let signature = try repository.key.member(signing: [1])
      try repository.publish(file: signature + members.joined(), as: Self.package())
    }
    #expect(
      text == "error: \(Self.url)its RSA signature by \(AlpineBench.keyName) (the key of "
        + "/\(AlpineBench.keyName)) does not fit; it was changed after it was signed, or the signature is "
        + "another file's: use another mirror\n")
  }

  @Test func somethingBehindTheData() throws {
    let garbage =
      "error: \(Self.url)has bytes after its data member that belong to nothing; expected nothing after "
      + "it; do not use this package\n"
    #expect(try refusal(65, .trailing([1, 2, 3])) == garbage)
    #expect(
      try refusal(65, storing: true, .hashedTrailing([1, 2, 3]))
        == garbage.replacing(Self.url, with: "bad-1.0-r0.apk: "))
    let member = try Compression.gzip.compress(TarBuilder().bytes())
    #expect(
      try refusal(65, .trailing(member))
        == "error: \(Self.url)has a further gzip member after its data member; expected nothing after "
        + "it; do not use this package\n")
  }

  @Test(arguments: ["ADB.", "ADBd", "ADBc"]) func aVersionThreePackage(magic: String) throws {
    let text = try refusal(65) {
      try $0.publish(file: Array(magic.utf8) + [1, 2, 3, 4], as: Self.package())
    }
    #expect(
      text == "error: \(Self.url)is a version 3 (ADB) package; expected version 2, as Alpine's "
        + "repositories serve it\n")
  }

  // MARK: Files that are not what the index names

  @Test(arguments: [
    (ApkBuilder("worse"), "worse=1.0-r0 x86_64"),
    (ApkBuilder("bad", version: "0.9-r0"), "bad=0.9-r0 x86_64"),
    (ApkBuilder("bad", architecture: "aarch64"), "bad=1.0-r0 aarch64"),
  ])
  func anotherPackage(other: ApkBuilder, found: String) throws {
    let text = try refusal(65) { repository in
      let bytes = try other.bytes()
      let record = try AlpineRepositoryBuilder.record(of: Self.package(), size: bytes.count)
        .replacing(try Self.package().checksum(), with: try other.checksum())
      try repository.publish(file: bytes, as: Self.package())
      try repository.publish(index: repository.index([record]))
    }
    #expect(
      text
        == "error: \(Self.url)holds \(found); the index promised bad=1.0-r0 x86_64; tell the operator "
        + "of the archive\n")
  }

  private static let size =
    "; the mirror may be changing, or the file is not the one that was promised: try again, or use "
    + "another mirror\n"

  @Test func anotherSize() throws {
    let bytes = try Self.package().bytes()
    #expect(
      try refusal(77) { try $0.publish(file: bytes, as: Self.package(), size: bytes.count + 1) }
        == "error: \(Self.url)expected \(bytes.count + 1) bytes, found \(bytes.count)" + Self.size)
    #expect(
      try refusal(77) { try $0.publish(file: bytes, as: Self.package(), size: bytes.count - 1) }
        == "error: \(Self.url)expected \(bytes.count - 1) bytes, found more" + Self.size)
  }

  @Test func aTruncatedPackage() throws {
    let bytes = try Self.package().bytes()
    let half = Array(bytes.prefix(bytes.count / 2))
    #expect(
      try refusal(77) { try $0.publish(file: half, as: Self.package(), size: bytes.count) }
        == "error: \(Self.url)expected \(bytes.count) bytes, found \(half.count)" + Self.size)
    // As an index may have been made of it.
    let data = try Self.package().members()[1]
    let cut = Array(data.prefix(data.count - 8))
    #expect(
      try refusal(77) { try $0.publish(file: bytes.dropLast(8), as: Self.package()) }
        == "error: \(Self.url)its data member has the SHA-256 \(TestDigest.sha256(cut).hexadecimal), its "
        + "datahash says \(TestDigest.sha256(data).hexadecimal); the file is damaged: fetch it again, or "
        + "use another mirror\n")
  }

  @Test func aMissingPackage() throws {
    let text = try refusal(69) { repository in
      try repository.publish([Self.package()])
      try FileManager.default.removeItem(
        atPath: repository.directory + "/x86_64/bad-1.0-r0.apk")
    }
    #expect(
      text
        == "error: \(Self.url)cannot be opened: No such file or directory; the index names it: the "
        + "mirror may be changing, try again, or use another mirror\n")
  }

  // MARK: Packages built to harm

  @Test func pathsOutOfTheTree() throws {
    func message(_ change: (inout ApkBuilder) -> Void) throws -> String {
      var apk = Self.package()
      change(&apk)
      return try refusal(65, storing: true) { try $0.publish([apk]) }
    }
    #expect(
      try message { $0.add(.init(Array("../../etc/x".utf8), content: [1])) }
        == "error: bad-1.0-r0.apk: has the path \"../../etc/x\", which climbs out of the tree with "
        + "\"..\"; expected paths inside the tree; do not use this package\n")
    #expect(
      try message { $0.add(.init(Array("/etc/x".utf8), content: [1])) }
        == "error: bad-1.0-r0.apk: has the absolute path \"/etc/x\"; expected paths inside the tree; do not use "
        + "this package\n")
    #expect(
      try message {
        $0.symlink("usr/out", to: "../../etc")
        $0.file("usr/out/shadow", "x")
      }
        == "error: bad-1.0-r0.apk: ships the symbolic link /usr/out to \"../../etc\", which leads out of "
        + "the tree; expected a target inside it; do not use this package\n")
    #expect(
      try message {
        $0.add(.init(Array("usr/hard".utf8), type: "1", linkName: Array("../etc/shadow".utf8)))
      }
        == "error: bad-1.0-r0.apk: has the path \"../etc/shadow\", which climbs out of the tree with "
        + "\"..\"; expected paths inside the tree; do not use this package\n")
  }

  @Test func aFileBelowALinkOfItsOwnPackage() throws {
    var apk = Self.package()
    apk.symlink("usr/in", to: "/etc")
    apk.file("usr/in/made-by-a-test", "x")
    #expect(
      try refusal(65, storing: true) { try $0.publish([apk]) }
        == "error: bad-1.0-r0.apk: ships /usr/in/made-by-a-test below /usr/in, which is no directory in "
        + "the same package; expected a directory; do not use this package\n")
    #expect(!FileManager.default.fileExists(atPath: "/etc/made-by-a-test"))
  }

  @Test func aFileWithAnotherChecksumThanItsOwn() throws {
    var apk = Self.package()
    apk.file("usr/y", bytes: Array("x".utf8), checksumOf: Array("y".utf8))
    let x = TestDigest.sha1(Array("x".utf8)).hexadecimal
    let y = TestDigest.sha1(Array("y".utf8)).hexadecimal
    #expect(
      try refusal(77, storing: true) { try $0.publish([apk]) }
        == "error: bad-1.0-r0.apk: /usr/y has the SHA-1 \(x), the package says \(y); the package was "
        + "built wrongly: do not use it\n")
  }
}
