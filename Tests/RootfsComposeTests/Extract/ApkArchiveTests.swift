import FoundationEssentials
import RootfsCompose
import TestSupport
import Testing

@Suite struct ApkArchiveTests {
  static func sample() -> ApkBuilder {
    var builder = ApkBuilder(
      "hello", version: "1.2_p3-r4",
      fields: [("depend", "musl"), ("depend", "so:libz.so.1"), ("triggers", "/bin /usr/lib/*")])
    builder.buildDate = 1_600_000_000
    builder.scripts = ["post-install": "#!/bin/sh\nexit 0\n", "trigger": "#!/bin/sh\n"]
    builder.directory("usr")
    builder.directory("usr/bin")
    builder.file("usr/bin/hello", "hello, world\n", mode: 0o4755, uid: 0, gid: 5)
    builder.file("usr/bin/empty", "", mode: 0o600)
    builder.hardLink("usr/bin/hi", to: "usr/bin/hello")
    builder.symlink("usr/bin/greet", to: "/usr/bin/hello")
    builder.characterDevice("dev/null", major: 1, minor: 3)
    return builder
  }

  @Test func wholePackage() throws {
    let fixture = try ApkFixture()
    let builder = Self.sample()
    let package = try fixture.unpack(builder)
    #expect(package.name == "hello")
    #expect(package.version == "1.2_p3-r4")
    #expect(package.architecture == "x86_64")
    #expect(package.timestamp == 1_600_000_000)
    #expect(package.scripts.keys.sorted() == ["post-install", "trigger"])
    #expect(package.script("post-install") == "#!/bin/sh\nexit 0\n")
    let metadata = try #require(package.apk)
    #expect(metadata.values("depend") == ["musl", "so:libz.so.1"])
    #expect(metadata.triggers == ["/bin", "/usr/lib/*"])
    #expect(metadata.checksum == (try builder.checksum()))
    #expect(metadata.size == Int64(try builder.bytes().count))
    let hello = TestDigest.sha1(Array("hello, world\n".utf8))
    #expect(
      metadata.checksums == [
        "usr/bin/hello": hello, "usr/bin/hi": hello, "usr/bin/empty": TestDigest.sha1([]),
        "usr/bin/greet": TestDigest.sha1(Array("/usr/bin/hello".utf8)),
      ])
    #expect(
      try DebFixture.dump(package) == [
        "/usr/": "dir 0755",
        "/usr/bin/": "dir 0755",
        "/usr/bin/hello": "file 4755 853ff937 <1> 0:5",
        "/usr/bin/hi": "file 4755 853ff937 <1> 0:5",
        "/usr/bin/empty": "file 0600 empty",
        "/usr/bin/greet": "symlink /usr/bin/hello",
        "/dev/": "dir 0755",
        "/dev/null": "char 0666 1,3",
      ])
  }

  /// Names are kept where they may stand for another number; apk reads them from the header alone.
  @Test func ownersByName() throws {
    var builder = ApkBuilder("owned")
    for (path, uid, gid, user, group) in [
      ("a", 0, 0, "root", "root"), ("b", 5, 6, "", ""), ("c", 0, 42, "root", "shadow"),
      ("d", 7, 0, "daemon", "root"), ("e", 7, 0, "root", ""), ("f", 0, 0, "", "wheel"),
      (".g", 1, 1, "bin", "bin"),
      ("h", 1, 1, String(repeating: "u", count: 40), "\u{e9}t\u{e9}"),
    ] {
      builder.file(path, "x", uid: uid, gid: gid)
      builder.nameOwner(user, group)
    }
    builder.data.members[0].pax += [("uname", Array("other".utf8)), ("gname", Array("x".utf8))]
    builder.hardLink("link", to: "c")
    builder.nameOwner("daemon", "daemon")
    let owners = try #require(try ApkFixture().unpack(builder).apk?.owners)
    #expect(
      owners == [
        "c": OwnerNames(user: "root", group: "shadow"),
        "d": OwnerNames(user: "daemon", group: "root"), "e": OwnerNames(user: "root", group: ""),
        "f": OwnerNames(user: "", group: "wheel"),
        "h": OwnerNames(user: String(repeating: "u", count: 32), group: "\u{e9}t\u{e9}"),
        "link": OwnerNames(user: "root", group: "shadow"),
      ])
  }

  @Test func identityWithoutUnpacking() throws {
    let fixture = try ApkFixture()
    var builder = Self.sample()
    builder.architecture = "noarch"
    let path = try builder.write(to: fixture.directory.path)
    let identity = try ApkArchive.identify(
      path: path, subject: builder.fileName, checksum: try builder.checksum())
    #expect(identity.name == "hello")
    #expect(identity.version == "1.2_p3-r4")
    #expect(identity.architecture == "noarch")
    #expect(identity.buildDate == 1_600_000_000)
  }

  @Test(arguments: AlpineSigningKey.Algorithm.allCases)
  func aSignatureAloneVouchesForAPackage(_ algorithm: AlpineSigningKey.Algorithm) throws {
    let fixture = try ApkFixture()
    var builder = Self.sample()
    builder.key = try .shared()
    builder.algorithms = [algorithm]
    let package = try fixture.unpack(
      try builder.bytes(), name: "signed.apk", expecting: nil)
    #expect(package.entries.count == 7)
    // A stranger's signature neither helps nor harms where the index vouches for the package.
    builder.key = try .stranger()
    #expect(try fixture.unpack(builder).entries.count == 7)
  }

  @Test func severalSignatureMembers() throws {
    let fixture = try ApkFixture()
    var builder = Self.sample()
    builder.key = try .shared()
    builder.algorithms = [.sha1, .sha256]
    let members = try builder.members()
    let other = try AlpineSigningKey.stranger().member(signing: members[1])
    let package = try fixture.unpack(
      (([other] + members).flatMap { $0 }), name: "twice.apk", expecting: nil)
    #expect(package.name == "hello")
  }

  @Test func checksumOfSHA256() throws {
    let fixture = try ApkFixture()
    let builder = Self.sample()
    let digest = TestDigest.sha256(try builder.members()[0])
    let package = try fixture.unpack(
      try builder.bytes(), name: "q2.apk", expecting: "Q2" + Data(digest).base64EncodedString())
    #expect(package.apk?.checksum == (try builder.checksum()))
  }

  @Test func filesWithoutChecksums() throws {
    let fixture = try ApkFixture()
    var builder = ApkBuilder("plain")
    builder.add(.init(Array("etc/plain".utf8), content: Array("x".utf8)))
    builder.add(.init(Array("etc/link".utf8), type: "2", linkName: Array("plain".utf8)))
    #expect(
      try fixture.unpack(builder).apk?.checksums == [
        "etc/plain": TestDigest.sha1(Array("x".utf8)),
        "etc/link": TestDigest.sha1(Array("plain".utf8)),
      ])
  }

  /// Pieces of any size reach the tar scanner; files around the sizes of blocks and buffers keep it in step.
  @Test func filesOfManySizes() throws {
    let fixture = try ApkFixture()
    var builder = ApkBuilder("sizes")
    let sizes = [0, 1, 511, 512, 513, 10_239, 131_071, 131_072, 131_073, 600_000]
    let long = "usr/" + String(repeating: "long-name/", count: 20)
    for size in sizes {
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
      builder.file("\(long)\(size)", bytes: bytes)
    }
    let package = try fixture.unpack(builder)
    for (size, each) in zip(sizes, package.entries) {
      let bytes = try #require(each.entry.content).bytes()
      #expect(bytes.count == size)
      #expect(package.apk?.checksums[each.path] == TestDigest.sha1(bytes))
    }
  }

  @Test func longLinesAreCutAndOthersPassedOver() throws {
    let fixture = try ApkFixture()
    var builder = ApkBuilder("info", fields: [("license", "a = b"), ("pkgdesc", "second")])
    builder.file("x", "x")
    let hash = TestDigest.sha256(try Compression.gzip.compress(builder.data.bytes()))
    builder.packageInformation =
      "# comment = no\n" + builder.information(dataHash: hash) + "\tof a licence\nempty = \n=\n"
    let fields = try #require(try fixture.unpack(builder).apk).fields
    #expect(fields.suffix(2).map(\.value) == [hash.hexadecimal, ""])
    #expect(fields.filter { $0.name == "license" }.map(\.value) == ["MIT", "a = b"])
    #expect(!fields.contains { $0.name.hasPrefix("#") })
  }

  /// As apk does: a package without files ships `.dummy` only.
  @Test func hiddenEntriesOfTheRootArePassedOver() throws {
    let fixture = try ApkFixture()
    var builder = ApkBuilder("meta")
    builder.file(".dummy", "")
    builder.file("etc/.hidden", "h")
    let package = try fixture.unpack(builder)
    #expect(package.entries.map(\.path) == ["etc/.hidden"])
    #expect(package.apk?.checksums.keys.map(\.description) == ["/etc/.hidden"])
  }

  @Test func cancellation() throws {
    let fixture = try ApkFixture()
    let error = #expect(throws: ComposeError.self) {
      _ = try fixture.unpack(Self.sample(), isCancelled: { true })
    }
    #expect(error?.code == .cancelled)
    #expect(error?.description == "hello-1.2_p3-r4.apk: unpacking was cancelled")
  }
}
