import FoundationEssentials
import RootfsCompose
import TestSupport
import Testing

@Suite struct AlpineSignedIndexTests {
  private let repository: AlpineRepositoryBuilder
  private let keys: AlpineKeys
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    repository = try AlpineRepositoryBuilder(directory: directory.path)
    var keys = AlpineKeys()
    try keys.add(repository.key.name, pem: repository.key.publicKey, origin: "the test")
    self.keys = keys
  }

  private func failure(_ file: [UInt8], _ keys: AlpineKeys? = nil) -> String? {
    do {
      _ = try AlpineSignedIndex.open(file, keys: keys ?? self.keys, subject: "APKINDEX.tar.gz")
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test(
    arguments: AlpineSigningKey.Algorithm.allCases.map { [$0] } + [[.sha256, .sha1]])
  func wholeIndex(_ algorithms: [AlpineSigningKey.Algorithm]) throws {
    var repository = repository
    repository.algorithms = algorithms
    var package = ApkBuilder("hello", fields: [("depend", "musl"), ("provides", "cmd:hello=1")])
    package.file("usr/bin/hello", "hello\n")
    try repository.publish([package])
    let file = try directory.read("x86_64/APKINDEX.tar.gz")
    let index = try AlpineSignedIndex.open(file, keys: keys, subject: "APKINDEX.tar.gz")
    #expect(index.signer == repository.key.name)
    #expect(index.date == Int64(repository.date))
    #expect(index.description == repository.description)
    let size = try directory.read("x86_64/hello-1.0-r0.apk").count
    #expect(
      String(decoding: index.text, as: UTF8.self)
        == """
        C:\(try package.checksum())
        P:hello
        V:1.0-r0
        A:x86_64
        S:\(size)
        I:6
        T:a package made by a test
        U:https://example.org/
        L:MIT
        o:hello
        t:1735689600
        D:musl
        p:cmd:hello=1


        """)
    #expect(
      try AlpineSignedIndex.signers(of: file, subject: "x") == [repository.key.name])
  }

  @Test func signaturesInSeveralMembers() throws {
    let content = try repository.indexMember(["P:a"])
    let stranger = try AlpineSigningKey.stranger()
    let own = try repository.key.member(signing: content)
    let other = try stranger.member(signing: content)
    for file in [own + other + content, other + own + content] {
      let index = try AlpineSignedIndex.open(file, keys: keys, subject: "x")
      #expect(index.signer == repository.key.name)
      #expect(index.text == Array("P:a\n".utf8))
    }
  }

  @Test func signaturesThatDoNotVouch() throws {
    let content = try repository.indexMember(["P:a"])
    let key = repository.key
    #expect(
      failure(content)
        == "APKINDEX.tar.gz: is not signed; expected a signature (.SIGN.RSA or .SIGN.RSA256) by a "
        + "trusted key; use a repository that is signed")
    let stranger = try AlpineSigningKey.stranger()
    #expect(
      failure(try stranger.member(signing: content) + content)
        == "APKINDEX.tar.gz: is signed by no trusted key, only by stranger@example.org-2.rsa.pub; if "
        + "you trust that key, add its file to contents.keyring")
    let misfit =
      "APKINDEX.tar.gz: its RSA signature by \(key.name) (the key of the test) does not fit; it was "
      + "changed after it was signed, or the signature is another file's: use another mirror"
    let another = try repository.indexMember(["P:b"])
    #expect(failure(try key.member(signing: another) + content) == misfit)
    #expect(failure(try stranger.named(key.name).member(signing: content) + content) == misfit)
    let good = try key.member(signing: content)
    #expect(failure(good + content + [0]) == misfit)
    #expect(failure(good + content.dropLast()) == misfit)
    #expect(failure(good + content + another) == misfit)
    #expect(failure(good + good) == misfit)
    // A signature of all that follows, another index behind the first included.
    #expect(
      failure(try key.member(signing: content + another) + content + another)
        == "APKINDEX.tar.gz: has a further gzip member after its index member; expected nothing after "
        + "it; do not use this index")
    #expect(failure(good) == misfit)
  }

  @Test func everyFlippedByteOfTheSignedPartIsRefused() throws {
    let content = try repository.indexMember(["P:a", "P:b"])
    let signature = try repository.key.member(signing: content)
    for place in content.indices {
      var changed = content
      changed[place] ^= 0x04
      #expect(failure(signature + changed)?.contains("does not fit") == true, "byte \(place)")
    }
  }

  @Test func everyTruncationIsRefused() throws {
    let file = try repository.index(["P:a"])
    for count in file.indices { #expect(failure(Array(file[..<count])) != nil, "\(count) bytes") }
  }

  @Test func otherFiles() throws {
    for magic in ["ADB.", "ADBd", "ADBc"] {
      #expect(
        failure(Array((magic + "pckg").utf8))
          == "APKINDEX.tar.gz: is a version 3 (ADB) index; expected version 2, as Alpine's "
          + "repositories serve it")
    }
    for bytes in [[], Array("C:Q1\nP:a\n".utf8), [0x1f]] {
      #expect(
        failure(bytes)
          == "APKINDEX.tar.gz: does not begin as a gzip file; expected an Alpine index of version 2"
      )
    }
    func signed(_ members: [TarBuilder.Member]) throws -> String? {
      var tar = TarBuilder()
      tar.members = members
      let content = try Compression.gzip.compress(tar.bytes())
      return failure(try repository.key.member(signing: content) + content)
    }
    #expect(
      try signed([.init(Array("DESCRIPTION".utf8))])
        == "APKINDEX.tar.gz: has no member APKINDEX; expected an index of packages")
    let index = TarBuilder.Member(Array("APKINDEX".utf8))
    #expect(
      try signed([index, index])
        == "APKINDEX.tar.gz: has the member \"APKINDEX\" or has it twice; expected the files "
        + "DESCRIPTION and APKINDEX")
    #expect(
      try signed([.init(Array("APKINDEX".utf8), type: "2", linkName: Array("/etc/x".utf8))])
        == "APKINDEX.tar.gz: has the member \"APKINDEX\" or has it twice; expected the files "
        + "DESCRIPTION and APKINDEX")
  }

  @Test func cancellation() throws {
    let file = try repository.index(["P:a"])
    let error = #expect(throws: ComposeError.self) {
      try AlpineSignedIndex.open(file, keys: keys, subject: "x", isCancelled: { true })
    }
    #expect(error?.code == .cancelled)
  }
}

/// Alpine's own indexes, with the keys that are built in.
@Suite(.enabled(if: SharedData.root != nil)) struct RealAlpineIndexTests {
  @Test(arguments: [
    ("index/v3.19-main-x86_64", 5_443, "6165ee59", 1_718_724_996),
    ("index/v3.19-community-x86_64", 17_587, "6165ee59", 1_718_724_309),
    ("index/v3.22-main-x86_64", 5_646, "6165ee59", 1_763_292_262),
    ("mirror/v3.19.1-iso/x86_64", 100, "6165ee59", 1_703_680_390),
    ("mirror/v3.13.4-iso/aarch64", 65, "58199dcc", 1_617_209_569),
  ])
  func asReleased(_ folder: String, _ count: Int, _ key: String, _ date: Int64) throws {
    let path = try #require(SharedData.root) + "/alpine/\(folder)/APKINDEX.tar.gz"
    let file = Array(try Data(contentsOf: URL(filePath: path)))
    let keys = try AlpineKeySearch(recipe: [], recipeFolder: "/", hostFolder: "/nowhere").local()
    let index = try AlpineSignedIndex.open(file, keys: keys, subject: folder)
    #expect(index.signer == "alpine-devel@lists.alpinelinux.org-\(key).rsa.pub")
    #expect(index.date == date)
    let text = String(decoding: index.text, as: UTF8.self)
    #expect(text.split(separator: "\n").count { $0.hasPrefix("P:") } == count)
    #expect(index.description.hasPrefix("v3.") || index.description.count == 6)
    let error = #expect(throws: ComposeError.self) {
      try AlpineSignedIndex.open(file, keys: AlpineKeys(), subject: folder)
    }
    #expect(error?.code == .unverified)
  }
}
