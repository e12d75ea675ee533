import OCIImage
import TestSupport
import Testing

@testable import RootfsCompose

/// A layer's entries as their headers have them, and layers that are hostile or damaged.
@Suite struct LayerListingTests {
  private func listing(
    _ members: [TarBuilder.Member], _ compression: Compression = .gzip
  ) throws -> LayerListing {
    try listing(TarImage([members], compression))
  }

  private func listing(_ tar: TarImage) throws -> LayerListing {
    try LayerListing(
      tar.part.manifest.layers[0], diffID: tar.part.configuration.rootfs.diffIDs[0], in: tar.image)
  }

  @Test(arguments: [Compression.none, .gzip, .zstd])
  func holdsWhatTheHeadersSay(compression: Compression) throws {
    var file = TarBuilder.Member(
      Array("usr/bin/su".utf8), mode: 0o4755, uid: 7, gid: 8, mtime: 1_700_000_000,
      content: Array("su".utf8))
    file.userName = "lp"
    file.groupName = "mail"
    var device = TarBuilder.Member(Array("dev/null".utf8), type: "3", mode: 0o666)
    device.deviceMajor = 1
    device.deviceMinor = 3
    let members: [TarBuilder.Member] = [
      .directory("./usr/"), file, .link("lib", "usr/lib"),
      .link("usr/bin/sudo", "usr/bin/su", type: "1"), device,
      TarBuilder.Member(Array("run/pipe".utf8), type: "6", mode: 0o600),
    ]
    let entries = try listing(members, compression).entries
    let heads = entries.map { entry in
      "\(entry.kind.rawValue) \(entry.path) \(EntryComparison.octal(entry.mode))"
    }
    let expected = [
      "directory /usr 0755", "file /usr/bin/su 4755", "symlink /lib 0777",
      "hard link /usr/bin/sudo 0777", "character device /dev/null 0666", "fifo /run/pipe 0600",
    ]
    #expect(heads == expected)
    let su = entries[1]
    #expect([su.uid, su.gid] == [7, 8])
    #expect([su.userName, su.groupName] == ["lp", "mail"])
    #expect([su.mtime, su.nanoseconds, su.size] == [1_700_000_000, 0, 2])
    #expect(su.digest == Digest.sha256(of: Array("su".utf8)))
    #expect(entries[2].linkTarget == Array("usr/lib".utf8))
    #expect(entries[3].linkTarget == Array("usr/bin/su".utf8))
    #expect(entries[4].device == LayerEntry.Device(major: 1, minor: 3))
    for entry in entries where entry.kind != .file {
      #expect(entry.digest == nil)
      #expect(entry.size == 0)
    }
  }

  @Test func timesHaveNanosecondsAndMayLieBefore1970() throws {
    var late = TarBuilder.Member.file("a")
    late.pax = [("mtime", Array("1700000000.123456789".utf8))]
    var early = TarBuilder.Member.file("b")
    early.pax = [("mtime", Array("-5".utf8))]
    let entries = try listing([late, early]).entries
    #expect([entries[0].mtime, entries[0].nanoseconds] == [1_700_000_000, 123_456_789])
    #expect([entries[1].mtime, entries[1].nanoseconds] == [-5, 0])
  }

  @Test func attributesAreReadAndBounded() throws {
    func member(_ name: String, _ value: [UInt8]) -> TarBuilder.Member {
      var member = TarBuilder.Member.file("a")
      member.pax = [("SCHILY.xattr." + name, value)]
      return member
    }
    let capability: [UInt8] = [1, 0, 0, 2, 0, 4, 0, 0]
    #expect(
      try listing([member("security.capability", capability)]).entries[0].xattrs
        == ["security.capability": capability])
    #expect(throws: ComposeError.self) {
      try listing([member("user.large", [UInt8](repeating: 65, count: (1 << 20) + 1))])
    }
  }

  @Test func holesOfSparseFilesAreZeros() throws {
    let size = 300_000
    let entries = try listing([
      .sparse(Array("s".utf8), size: size, segments: [(100_000, Array("data".utf8))])
    ]).entries
    var bytes = [UInt8](repeating: 0, count: size)
    bytes.replaceSubrange(100_000..<100_004, with: Array("data".utf8))
    #expect(entries.map(\.path) == ["s"])
    #expect(entries[0].size == Int64(size))
    #expect(entries[0].digest == Digest.sha256(of: bytes))
  }

  @Test func aSparseFileLargerThanAnyDiskIsRefused() throws {
    let tar = try TarImage([
      [.sparse(Array("s".utf8), size: 1 << 60, segments: [(1 << 59, Array("x".utf8))])]
    ])
    let error = #expect(throws: ComposeError.self) { try listing(tar) }
    #expect(error?.code == .limitExceeded)
  }

  @Test(arguments: ["../x", "a/../../x", "a/.."])
  func aNameThatLeavesTheTreeIsRefused(name: String) throws {
    let error = #expect(throws: ComposeError.self) { try listing([.file(name)]) }
    #expect(error?.code == .unsafePath)
    #expect(error?.message.contains(name) == true)
  }

  @Test func namesNeedNotBeText() throws {
    let name: [UInt8] = [0x61, 0xFF, 0x62]
    let entries = try listing([TarBuilder.Member(name)]).entries
    #expect(entries.map(\.path.bytes) == [name])
  }

  @Test func contentsAreKeptOfThoseThatAreWanted() throws {
    let tar = try TarImage([[.file("a", "1"), .file("b", "2")]])
    let listing = try LayerListing(
      tar.part.manifest.layers[0], diffID: tar.part.configuration.rootfs.diffIDs[0], in: tar.image
    ) { $0 == "b" }
    #expect(listing.contents == ["b": Array("2".utf8)])
    let digests = ["1", "2"].map { Digest.sha256(of: Array($0.utf8)) }
    #expect(listing.entries.compactMap(\.digest) == digests)
  }

  @Test(arguments: [Compression.none, .gzip, .zstd])
  func aDamagedLayerIsRefused(compression: Compression) throws {
    let tar = try TarImage([[.file("a", String(repeating: "text", count: 1000))]], compression)
    try tar.damage(0)
    let error = #expect(throws: OCIError.self) { try listing(tar) }
    #expect(error?.code == .digestMismatch)
  }

  @Test func aLayerThatEndsEarlyIsRefused() throws {
    var tar = TarBuilder()
    tar.members = [.file("a", String(repeating: "text", count: 1000))]
    let short = try TarImage(archives: [Array(tar.bytes().prefix(1024))])
    let error = #expect(throws: ComposeError.self) { try listing(short) }
    #expect(error?.code == .invalidArchive)
  }
}
