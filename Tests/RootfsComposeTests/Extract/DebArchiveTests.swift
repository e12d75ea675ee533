import RootfsCompose
import TestSupport
import Testing

@Suite struct DebArchiveTests {
  @Test(arguments: Compression.allCases)
  func dataMemberOfEachCompression(_ compression: Compression) throws {
    let fixture = try DebFixture()
    var builder = DebBuilder("hello", version: "1:2.10-3", compression: compression)
    builder.controlCompression = [.bzip2, .lzma].contains(compression) ? .xz : compression
    builder.scripts = ["postinst": "#!/bin/sh\n", "conffiles": "/etc/hello.conf\n"]
    builder.directory("/")
    builder.directory("/usr")
    builder.directory("/usr/bin")
    builder.file("/usr/bin/hello", "hello, world\n", mode: 0o4755, uid: 0, gid: 5)
    builder.file("/usr/bin/empty", "", mode: 0o600)
    builder.hardLink("/usr/bin/hi", to: "/usr/bin/hello")
    builder.symlink("/usr/bin/greet", to: "../bin/hello")
    builder.characterDevice("/dev/null", major: 1, minor: 3)
    builder.fifo("/run/pipe")
    let package = try fixture.unpack(builder)
    #expect(package.name == "hello")
    #expect(package.version == "1:2.10-3")
    #expect(package.architecture == "amd64")
    #expect(package.timestamp == Int64(DebBuilder.defaultTime))
    #expect(package.control?["Maintainer"] == "Nobody <nobody@example.org>")
    #expect(package.scripts.keys.sorted() == ["conffiles", "postinst"])
    #expect(package.script("postinst") == "#!/bin/sh\n")
    #expect(
      package.entries.map(\.path.description) == [
        "/usr", "/usr/bin", "/usr/bin/hello", "/usr/bin/empty", "/usr/bin/hi", "/usr/bin/greet",
        "/dev/null", "/run/pipe",
      ])
    let dump = try DebFixture.dump(package)
    #expect(
      dump == [
        "/usr/": "dir 0755",
        "/usr/bin/": "dir 0755",
        "/usr/bin/hello": "file 4755 853ff937 <1> 0:5",
        "/usr/bin/hi": "file 4755 853ff937 <1> 0:5",
        "/usr/bin/empty": "file 0600 empty",
        "/usr/bin/greet": "symlink ../bin/hello",
        "/dev/": "dir 0755",
        "/dev/null": "char 0666 1,3",
        "/run/": "dir 0755",
        "/run/pipe": "fifo 0644",
      ])
    // What libarchive's reader makes of the same tar is the same.
    let read = try RootfsDump.dump(tar: builder.data.bytes())
    #expect(
      read == dump.filter { !["/dev/", "/run/"].contains($0.key) })
    let hello = package.entries.first { $0.path == "usr/bin/hello" }?.entry
    #expect(try hello?.content?.text() == "hello, world\n")
    #expect(hello?.mtime == Int64(DebBuilder.defaultTime))
  }

  @Test(arguments: [TarBuilder.LongNames.gnu, .pax])
  func longNames(_ style: TarBuilder.LongNames) throws {
    let fixture = try DebFixture()
    var builder = DebBuilder("long")
    builder.data.longNames = style
    let deep = (1...20).map { "directory-number-\($0)-\(String(repeating: "n", count: 80))" }
    let path = deep.joined(separator: "/") + "/" + String(repeating: "f", count: 255)
    builder.file(path, "x")
    builder.hardLink("usr/hard", to: path)
    builder.symlink("usr/soft", to: "/" + path)
    let package = try fixture.unpack(builder)
    #expect(package.entries.map(\.path.description) == ["/" + path, "/usr/hard", "/usr/soft"])
    #expect(package.entries.last?.entry.linkTarget == Array(("/" + path).utf8))
  }

  /// Names reach the tree byte for byte, in whatever locale: raw ones of GNU's format, and those of pax records.
  @Test func namesThatAreNotASCII() throws {
    let fixture = try DebFixture()
    var builder = DebBuilder("names")
    let latin: [UInt8] = Array("usr/caf".utf8) + [0xe9]
    let composed = Array("usr/café".utf8)
    let decomposed = Array("usr/cafe\u{301}".utf8)
    let long = Array("usr/".utf8) + [UInt8](repeating: 0xe9, count: 200)
    for name in [latin, composed, decomposed, long] { builder.add(.init(name, content: [1])) }
    builder.add(.init(Array("usr/link".utf8), type: "2", linkName: [0xff, 0xfe]))
    builder.add(.init(Array("usr/hard".utf8), type: "1", linkName: latin))
    let inPax = Array("usr/пакет/日本/é".utf8)
    var pax = TarBuilder.Member(Array("short".utf8), content: [1])
    pax.pax = [("path", inPax)]
    builder.add(pax)
    var binary = TarBuilder.Member(Array("short2".utf8), content: [1])
    binary.pax = [("hdrcharset", Array("BINARY".utf8)), ("path", latin + [0x32])]
    builder.add(binary)
    let package = try fixture.unpack(builder)
    #expect(
      package.entries.map(\.path.bytes) == [
        latin, composed, decomposed, long, Array("usr/link".utf8), Array("usr/hard".utf8), inPax,
        latin + [0x32],
      ])
    #expect(package.entries[4].entry.linkTarget == [0xff, 0xfe])
  }

  @Test func paxNameInNoCharacterSetIsRefused() throws {
    let fixture = try DebFixture()
    var builder = DebBuilder("names")
    var pax = TarBuilder.Member(Array("short".utf8))
    pax.pax = [("path", [0x75, 0xff, 0xfe])]
    builder.add(pax)
    let error = try #require(try fixture.failure(builder))
    #expect(error.code == .invalidArchive)
    #expect(error.description.hasPrefix("names_1.0-1_amd64.deb: its data.tar.xz cannot be read: "))
  }

  @Test func paxTimesOwnersAndAttributes() throws {
    let fixture = try DebFixture()
    var builder = DebBuilder("pax")
    let capability: [UInt8] = [1, 0, 0, 2, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    var member = TarBuilder.Member(Array("./usr/bin/ping".utf8), mode: 0o755, content: [7])
    member.pax = [
      ("mtime", Array("1700000000.987654321".utf8)), ("uid", Array("3000000".utf8)),
      ("gid", Array("4294967294".utf8)), ("SCHILY.xattr.security.capability", capability),
    ]
    builder.add(member)
    let entry = try #require(try fixture.unpack(builder).entries.first?.entry)
    #expect(entry.mtime == 1_700_000_000)
    #expect(entry.uid == 3_000_000)
    #expect(entry.gid == 4_294_967_294)
    #expect(entry.xattrs == ["security.capability": capability])
  }

  @Test func sparseFile() throws {
    let fixture = try DebFixture()
    var builder = DebBuilder("sparse")
    let size = 3_000_000
    builder.add(
      .sparse(
        Array("./usr/sparse".utf8), size: size,
        segments: [(1_000_000, Array("one".utf8)), (2_000_000, Array("two".utf8))]))
    builder.file("/usr/after", "after")
    let package = try fixture.unpack(builder)
    var expected = [UInt8](repeating: 0, count: size)
    expected.replaceSubrange(1_000_000..<1_000_003, with: Array("one".utf8))
    expected.replaceSubrange(2_000_000..<2_000_003, with: Array("two".utf8))
    let content = try #require(package.entries.first?.entry.content)
    #expect(try content.bytes() == expected)
    #expect(content == Content(expected))
    #expect(try package.entries.last?.entry.content?.text() == "after")
  }

  @Test func timestampIsThatOfTheFirstMember() throws {
    var builder = DebBuilder("time")
    builder.timestamp = 1_234_567_890
    #expect(try DebFixture().unpack(builder).timestamp == 1_234_567_890)
  }

  @Test func membersBetweenAndAfterArePassedOver() throws {
    let fixture = try DebFixture()
    var builder = DebBuilder("members")
    builder.file("/usr/x", "x")
    var members = try builder.members()
    members.insert(("_gpgorigin", [1, 2, 3]), at: 1)
    members.append(("future", [4]))
    members[0].bytes = Array("2.7\nmore\n".utf8)
    let package = try fixture.unpack(DebBuilder.archive(members), name: "members.deb")
    #expect(package.entries.map(\.path) == ["usr/x"])
  }

  @Test func manyPackagesAtOnceShareOneSpool() async throws {
    let fixture = try DebFixture()
    let all = try await withThrowingTaskGroup(of: UnpackedPackage.self) { group in
      for number in 0..<12 {
        var builder = DebBuilder("p\(number)", compression: .gzip)
        for file in 0..<20 {
          builder.file("/usr/p\(number)/\(file)", bytes: Self.bytes(number, file))
        }
        group.addTask { [builder] in try fixture.unpack(builder) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(all.count == 12)
    for package in all {
      let number = try #require(Int(package.name.dropFirst()))
      #expect(package.entries.count == 20)
      for (file, each) in package.entries.enumerated() {
        #expect(try each.entry.content?.bytes() == Self.bytes(number, file))
      }
    }
  }

  private static func bytes(_ number: Int, _ file: Int) -> [UInt8] {
    (0..<(file * 5_000)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number &* 7 &+ file) }
  }
}
