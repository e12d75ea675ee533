import TestSupport
import Testing

@testable import RootfsCompose

/// Data members that are packed with xz, of one block or several.
@Suite struct XZMemberTests {
  private static func package(_ data: ([UInt8]) throws -> [UInt8]) throws -> [UInt8] {
    var builder = DebBuilder("blocks", compression: .none)
    for number in 0..<8 {
      builder.file("/usr/\(number)", bytes: ExpanderFixture.bytes(100_000 + number * 7_777))
    }
    var members = try builder.members()
    members[2] = ("data.tar.xz", try data(members[2].bytes))
    return DebBuilder.archive(members)
  }

  private static func xz(_ arguments: [String], _ bytes: [UInt8]) throws -> [UInt8] {
    try #require(HostProgram.find("xz")).check(["-c"] + arguments, input: bytes).standardOutput
  }

  @Test(
    .enabled(if: HostProgram.find("xz") != nil), arguments: [1, 2, 8],
    [["-T1"], ["-T2", "--block-size=65536"], ["-T1", "--block-size=65536"]])
  func blocks(_ threads: Int, _ arguments: [String]) throws {
    let fixture = try ExpanderFixture(threads: threads)
    let file = try fixture.file(try Self.package { try Self.xz(arguments, $0) })
    let blocks = arguments.count > 1
    let package = try fixture.expand(file)
    #expect(package.entries.count == 8)
    for (number, each) in package.entries.enumerated() {
      #expect(
        try each.entry.content?.bytes() == ExpanderFixture.bytes(100_000 + number * 7_777))
    }
    let bytes = try fixture.directory.read(file.digest.hex)
    let start = try #require(
      bytes.indices.first { bytes[$0...].starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]) })
    let size = Int64(bytes.count - start) / 4 * 4
    let count = XZIndex.blockCount(path: file.path, offset: Int64(start), size: size)
    #expect(blocks ? count > 10 : count == 1)
    // Anywhere else there is no index.
    #expect(XZIndex.blockCount(path: file.path, offset: Int64(start) - 1, size: size) == 1)
    #expect(XZIndex.blockCount(path: file.path, offset: Int64(start), size: size + 4096) == 1)
    #expect(XZIndex.blockCount(path: file.path + ".none", offset: 0, size: size) == 1)
  }

  @Test(.enabled(if: HostProgram.find("xz") != nil), arguments: [1, 4])
  func damagedBlocks(_ threads: Int) throws {
    let fixture = try ExpanderFixture(threads: threads)
    let bytes = try Self.package { try Self.xz(["-T2", "--block-size=65536"], $0) }
    for position in stride(from: 600, to: bytes.count - 1, by: bytes.count / 40) {
      var flipped = bytes
      flipped[position] ^= 0x10
      for damaged in [flipped, Array(bytes[..<position])] {
        let file = try fixture.file(damaged)
        let error = #expect(throws: ComposeError.self) { try fixture.expand(file) }
        #expect(error?.code == .invalidArchive, "\(position)")
        #expect(error?.description.hasPrefix("it.deb: its data.tar.xz cannot be read: ") == true)
      }
    }
    #expect(try fixture.files() == [])
  }

  @Test(.enabled(if: HostProgram.find("xz") != nil))
  func streamsOneAfterTheOther() throws {
    let fixture = try ExpanderFixture(threads: 2)
    let file = try fixture.file(
      try Self.package { bytes in
        try Self.xz([], Array(bytes[..<300_000])) + [0, 0, 0, 0]
          + Self.xz([], Array(bytes[300_000...]))
      })
    #expect(try fixture.expand(file).entries.count == 8)
  }

  @Test(.enabled(if: HostProgram.find("xz") != nil))
  func messages() throws {
    func failure(_ change: (inout [UInt8]) -> Void) throws -> String? {
      let fixture = try ExpanderFixture()
      let bytes = try Self.package {
        var packed = try Self.xz([], $0)
        change(&packed)
        return packed
      }
      let file = try fixture.file(bytes)
      return #expect(throws: ComposeError.self) { try fixture.expand(file) }?.description
    }
    func text(_ words: String) -> String {
      "it.deb: its data.tar.xz cannot be read: \(words); expected a whole Debian package; "
        + "fetch it again or build it anew"
    }
    #expect(try failure { $0[0] = 0 } == text("it is not in the format of xz"))
    #expect(try failure { $0.removeLast(20) } == text("it is cut short"))
    #expect(try failure { $0[1000] ^= 1 } == text("its compressed data is damaged"))
    // The block header's check of itself is a CRC-32 behind its first eight bytes.
    let bomb = try failure {
      $0[16] = 37
      let checksum = Content(Array($0[12..<20])).checksum
      $0.replaceSubrange(20..<24, with: (0..<4).map { UInt8(checksum >> (8 * $0) & 255) })
    }
    #expect(
      bomb == "it.deb: its data.tar.xz asks for 1536 MiB of memory to decode; "
        + "expected at most 256 MiB")
  }

  @Test(.enabled(if: HostProgram.find("xz") != nil))
  func bytesBehindTheArchive() throws {
    let fixture = try ExpanderFixture()
    let bomb = try fixture.file(
      try Self.package { try Self.xz([], $0 + [UInt8](repeating: 0, count: 2 << 20)) })
    let error = #expect(throws: ComposeError.self) { try fixture.expand(bomb) }
    #expect(
      error?.description == "it.deb: its data.tar.xz has over 1048576 bytes behind the archive's "
        + "end; expected zeros up to a block of 10 KiB")
    let padded = try fixture.file(
      try Self.package { try Self.xz([], $0 + [UInt8](repeating: 0, count: 20 << 10)) })
    #expect(try fixture.expand(padded).entries.count == 8)
  }
}
