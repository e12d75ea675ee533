import FoundationEssentials
import TestSupport
import Testing

/// Alpine repositories whose index is not what a trusted key has signed, or is not there.
@Suite struct AlpineRepositoryTests {
  private static let subject = "file:///mirror/v3.22/main/x86_64/APKINDEX.tar.gz: "
  private static let misfit =
    "error: \(subject)its RSA signature by \(AlpineBench.keyName) (the key of /\(AlpineBench.keyName)) "
    + "does not fit; it was changed after it was signed, or the signature is another file's: "
    + "use another mirror\n"

  /// What is said of an index in the place of a sound one of one package.
  private func refusal(
    _ exitCode: Int32, _ sourceLocation: Testing.SourceLocation = #_sourceLocation,
    index: (_ repository: AlpineRepositoryBuilder, _ records: [String]) throws -> [UInt8]
  ) throws -> String {
    let bench = try AlpineBench(AlpineBench.recipe(packages: ["musl"]), publishing: [])
    let repository = try AlpineRepositoryBuilder(directory: bench.main)
    let musl = SampleApks.musl()
    let record = try AlpineRepositoryBuilder.record(of: musl, size: musl.bytes().count)
    try musl.write(to: bench.main + "/x86_64")
    try repository.publish(index: index(repository, [record]))
    let text = try bench.refusal(exitCode, sourceLocation)
    #expect(try bench.storedFiles() == [], sourceLocation: sourceLocation)
    return text
  }

  @Test func aKeyThatNobodyTrusts() throws {
    let text = try refusal(77) { repository, records in
      let content = try repository.indexMember(records)
      return try AlpineSigningKey.stranger().member(signing: content) + content
    }
    #expect(
      text == "error: \(Self.subject)is signed by no trusted key, only by "
        + "stranger@example.org-2.rsa.pub; if you trust that key, add its file to contents.keyring\n"
    )
  }

  @Test func anotherKeyUnderATrustedName() throws {
    let text = try refusal(77) { repository, records in
      let content = try repository.indexMember(records)
      return try AlpineSigningKey.stranger().named(AlpineBench.keyName).member(signing: content)
        + content
    }
    #expect(text == Self.misfit)
  }

  @Test func noSignature() throws {
    #expect(
      try refusal(77) { try $0.indexMember($1) }
        == "error: \(Self.subject)is not signed; expected a signature (.SIGN.RSA or .SIGN.RSA256) by a "
        + "trusted key; use a repository that is signed\n")
  }

  @Test func theSignatureOfAnotherFile() throws {
    #expect(
      try refusal(77) { repository, records in
        let other = try repository.indexMember([])
        return try repository.key.member(signing: other) + repository.indexMember(records)
      } == Self.misfit)
  }

  @Test func aGoodSignatureBesideOneThatDoesNotFit() throws {
    #expect(
      try refusal(77) { repository, records in
        let content = try repository.indexMember(records)
        return try repository.key.member(signing: [1])
          + repository.key.member(signing: content) + content
      } == Self.misfit)
  }

  @Test func aByteFlippedInEachMember() throws {
    #expect(
      try refusal(65) { repository, records in
        let content = try repository.indexMember(records)
        var signature = try repository.key.member(signing: content)
        // In the checksum: a signature is another in each run of the tests.
        signature[signature.count - 6] ^= 1
        return signature + content
      }
        == "error: \(Self.subject)its signature member cannot be decompressed: incorrect data check; "
        + "expected a whole gzip member; fetch it again\n")
    #expect(
      try refusal(77) { repository, records in
        var content = try repository.indexMember(records)
        let signature = try repository.key.member(signing: content)
        content[content.count / 2] ^= 1
        return signature + content
      } == Self.misfit)
  }

  @Test func aTruncatedIndex() throws {
    #expect(
      try refusal(65) { try Array($0.index($1).prefix(100)) }
        == "error: \(Self.subject)its signature member ends too early: the file is cut short; expected "
        + "a whole gzip member; fetch it again\n")
    #expect(try refusal(77) { try $0.index($1).dropLast(10) } == Self.misfit)
    // As its builder may have signed it.
    #expect(
      try refusal(65) { repository, records in
        let content = Array(try repository.indexMember(records).dropLast(10))
        return try repository.key.member(signing: content) + content
      }
        == "error: \(Self.subject)its index member ends too early: the file is cut short; expected a "
        + "whole gzip member; fetch it again\n")
    #expect(
      try refusal(65) { _, _ in [] }
        == "error: \(Self.subject)does not begin as a gzip file; expected an Alpine index of version 2\n"
    )
  }

  @Test func somethingBehindTheIndex() throws {
    #expect(try refusal(77) { try $0.index($1) + [1, 2, 3] } == Self.misfit)
    #expect(
      try refusal(65) { repository, records in
        let content = try repository.indexMember(records) + [1, 2, 3]
        return try repository.key.member(signing: content) + content
      }
        == "error: \(Self.subject)has bytes after its index member that belong to nothing; expected "
        + "nothing after it; do not use this index\n")
  }

  @Test func aWebPageInThePlaceOfAnIndex() throws {
    #expect(
      try refusal(65) { _, _ in Array("<html>Welcome</html>".utf8) }
        == "error: \(Self.subject)does not begin as a gzip file; expected an Alpine index of version 2\n"
    )
  }

  @Test(arguments: ["ADB.", "ADBd", "ADBc"]) func aVersionThreeIndex(magic: String) throws {
    #expect(
      try refusal(65) { _, _ in Array(magic.utf8) + [1, 2, 3, 4] }
        == "error: \(Self.subject)is a version 3 (ADB) index; expected version 2, as Alpine's "
        + "repositories serve it\n")
  }

  @Test(arguments: [
    (
      "V:1.2.5-r0\n", "",
      "1: musl: the field \"V:\" is missing"
    ),
    ("S:", "S:-", "5: S: \"-SIZE\": expected a number"),
    ("P:musl\n", "P:musl\nP:mush\n", "3: the field \"P:\" stands twice in one record"),
    ("P:musl\n", "P:../musl\n", "2: P: \"../musl\": expected a package name"),
    (
      "A:x86_64\n", "not a field\n",
      "4: \"not a field\" is no field; expected a letter, a colon and a value"
    ),
    ("C:Q1", "C:X1", "1: C: \"X1CHECKSUM\": expected \"Q1\" or \"Q2\" and a digest in base64"),
  ])
  func aMalformedIndex(old: String, new: String, message: String) throws {
    let musl = SampleApks.musl()
    let expected = message.replacing("SIZE", with: String(try musl.bytes().count))
      .replacing("CHECKSUM", with: try musl.checksum().dropFirst(2))
    #expect(
      try refusal(65) { try $0.index([$1[0].replacing(old, with: new)]) }
        == "error: v3.22/main/x86_64/APKINDEX:\(expected)\n")
  }

  // MARK: Repositories that are not there

  @Test func aMissingRepositoryOfTheRecipe() throws {
    let bench = try AlpineBench()
    let missing = bench.scratch.file("mirror/v3.22/community")
    try bench.scratch.write(
      AlpineBench.recipe(packages: ["musl"], repositories: [bench.main, missing]),
      to: "sample.yaml")
    #expect(
      try bench.refusal(69, sources: [])
        == "error: file:///mirror/v3.22/community/x86_64/APKINDEX.tar.gz: cannot be opened: No such file "
        + "or directory; expected the signed index of v3.22/community, named by /sample.yaml:9:7: check "
        + "the repository's URL and the architecture\n")
    let server = try LoopbackServer(serving: bench.mirror)
    try bench.scratch.write(
      AlpineBench.recipe(packages: ["musl"], repositories: [server.url + "/v3.22/community"]),
      to: "sample.yaml")
    #expect(
      try bench.refusal(69, sources: [])
        == "error: \(server.url)/v3.22/community/x86_64/APKINDEX.tar.gz: status 404: the server does not "
        + "have it; expected the signed index of v3.22/community, named by /sample.yaml:8:7: check the "
        + "repository's URL and the architecture\n")
  }

  @Test func aMissingRepositoryOfAnOption() throws {
    let bench = try AlpineBench()
    let missing = bench.scratch.file("mirror/v3.22/community")
    let digest = try bench.build(sources: ["--repository", bench.main])
    let sources = ["--repository", missing, "--repository", bench.main]
    let outcome = try bench.run("build", ["--quiet", "-o", bench.output], sources: sources)
    #expect(outcome.output == digest + "\n")
    #expect(
      outcome.errors
        == "warning: file://\(missing): no index of v3.22/community for x86_64; the image is composed "
        + "without it\n")
    try FileManager.default.removeItem(atPath: bench.scratch.file("result"))
    #expect(
      try bench.refusal(69, sources: ["--repository", missing])
        == "error: file:///mirror/v3.22/community/x86_64/APKINDEX.tar.gz: cannot be opened: No such file "
        + "or directory; expected the signed index of v3.22/community, named by --repository: check the "
        + "repository's URL and the architecture\n")
  }

  @Test func aTagWhoseRepositoryHasNoIndex() throws {
    let bench = try AlpineBench(AlpineBench.recipe(packages: ["greet@edge"]))
    let missing = bench.scratch.file("mirror/edge/community")
    let warning =
      "warning: file:///mirror/edge/community: no index of @edge edge/community for x86_64; the image "
      + "is composed without it\n"
    #expect(
      try bench.refusal(
        65, sources: ["--repository", bench.main, "--repository", "@edge \(missing)"])
        == warning
        + "error: /sample.yaml:8:7: greet@edge: the repository of @edge, edge/community, has no index "
        + "for x86_64; leave the tag out, or name a repository that has one\n")
  }

  /// A mirror that is no repository itself is asked as one too.
  @Test func aMirrorWithoutTheBranch() throws {
    let bench = try AlpineBench()
    let other = bench.scratch.file("other")
    #expect(
      try bench.refusal(69, sources: ["--mirror", other])
        == "error: file:///other/v3.22/main/x86_64/APKINDEX.tar.gz: cannot be opened: No such file or "
        + "directory; nor is it at file:///other/x86_64/APKINDEX.tar.gz; expected the signed index of "
        + "v3.22/main, named by --mirror: check the repository's URL and the architecture\n")
  }

  @Test(arguments: ["/x86_64", "/APKINDEX.tar.gz", "/x86_64/APKINDEX.tar.gz"])
  func aURLThatGoesTooFar(surplus: String) throws {
    let bench = try AlpineBench()
    let text = try bench.refusal(69, sources: ["--repository", bench.main + surplus])
    #expect(
      text.hasSuffix(
        ", named by --repository: leave out \"\(surplus)\" at the end of the repository's URL\n"),
      "\(text)")
  }

  /// A repository without the architecture is as good as none.
  @Test func aRepositoryOfAnotherArchitecture() throws {
    let bench = try AlpineBench()
    try FileManager.default.removeItem(atPath: bench.main + "/x86_64")
    #expect(
      try bench.refusal(69)
        == "error: file:///mirror/v3.22/main/x86_64/APKINDEX.tar.gz: cannot be opened: No such file or "
        + "directory; expected the signed index of v3.22/main, named by --repository; "
        + "linux/arm64 has one: choose it with --platform linux/arm64\n")
  }

  // MARK: Keys

  @Test func aKeyFileThatIsNoKey() throws {
    let bench = try AlpineBench()
    try bench.scratch.write("no key\n", to: AlpineBench.keyName)
    #expect(
      try bench.refusal(77)
        == "error: /sample.yaml:6:13: keyring /\(AlpineBench.keyName): holds no RSA public key; expected "
        + "one key in PEM, \"-----BEGIN PUBLIC KEY-----\"\n")
    try FileManager.default.removeItem(atPath: bench.scratch.file(AlpineBench.keyName))
    let missing = try bench.refusal(66)
    #expect(
      missing
        == "error: /sample.yaml:6:13: keyring /\(AlpineBench.keyName): cannot be opened: No such file or "
        + "directory; check the path, which is relative to the recipe\n")
  }

  /// A signature names its key by the file's name, so that a renamed key is another one.
  @Test func aKeyFileUnderAnotherName() throws {
    let bench = try AlpineBench(AlpineBench.recipe(packages: ["musl"], key: "renamed.rsa.pub"))
    try bench.scratch.write(AlpineSigningKey.shared().publicKey, to: "renamed.rsa.pub")
    #expect(
      try bench.refusal(77)
        == "error: \(Self.subject)is signed by no trusted key, only by \(AlpineBench.keyName); if you "
        + "trust that key, add its file to contents.keyring\n")
  }
}
