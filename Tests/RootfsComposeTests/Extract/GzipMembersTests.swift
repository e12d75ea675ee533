import TestSupport
import Testing

@testable import RootfsCompose

/// Where members begin and end, to the byte.
@Suite struct GzipMembersTests {
  /// Bytes that hardly compress, so that members end all over the buffers.
  private static func bytes(_ count: Int) -> [UInt8] {
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15 &+ UInt64(count)
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 33)
    }
  }

  private static let sizes = [0, 1, 100, 131_000, 131_040, 131_072, 5, 400_000, 0, 17]

  @Test(arguments: [true, false])
  func everyMemberAndItsBounds(inMemory: Bool) throws {
    let directory = try TemporaryDirectory()
    let packed = try Self.sizes.map { try Compression.gzip.compress(Self.bytes($0)) }
    let path = try directory.write(packed.flatMap { $0 }, to: "members.gz")
    let members =
      try inMemory
      ? GzipMembers(packed.flatMap { $0 }, subject: "m", isCancelled: { false })
      : GzipMembers(path: path, subject: "m", isCancelled: { false })
    var end: Int64 = 0
    for (size, member) in zip(Self.sizes, packed) {
      var seen = [UInt8]()
      var content = [UInt8]()
      members.onPacked = { (bytes) throws(ComposeError) in seen += bytes }
      #expect(try members.begin("member") == .member)
      while let piece = try members.next() { content += piece }
      end += Int64(member.count)
      #expect(members.offset == end)
      #expect(seen == member)
      #expect(content == Self.bytes(size))
    }
    #expect(try members.begin("member") == .end)
    members.onPacked = nil
    // And once more from the middle, as it is.
    members.rewind(to: Int64(packed[0].count))
    var rest = [UInt8]()
    try members.readRest { (bytes) throws(ComposeError) in rest += bytes }
    #expect(rest == packed.dropFirst().flatMap { $0 })
  }

  @Test func damage() throws {
    let packed = try Compression.gzip.compress(Self.bytes(200_000))
    func message(_ bytes: [UInt8]) -> String? {
      do {
        let members = try GzipMembers(bytes, subject: "m", isCancelled: { false })
        guard try members.begin("third member") == .member else { return nil }
        while try members.next() != nil {}
        return try members.begin("fourth member") == .other ? "other" : nil
      } catch {
        return "\(error)"
      }
    }
    #expect(message(packed) == nil)
    #expect(message(packed + [0x1f]) == "other")
    #expect(message(packed + [0x1f, 0x8c]) == "other")
    #expect(
      message(Array(packed.dropLast()))
        == "m: its third member ends too early: the file is cut short; expected a whole gzip member; "
        + "fetch it again")
    var crc = packed
    crc[crc.count - 5] ^= 1
    #expect(
      message(crc)
        == "m: its third member cannot be decompressed: incorrect data check; expected a whole gzip "
        + "member; fetch it again")
    var method = packed
    method[2] = 7
    #expect(
      message(method)
        == "m: its third member cannot be decompressed: unknown compression method; expected a whole "
        + "gzip member; fetch it again")
  }

  @Test func noSuchFile() throws {
    let error = #expect(throws: ComposeError.self) {
      _ = try GzipMembers(path: "/nowhere/x.apk", subject: "x.apk", isCancelled: { false })
    }
    #expect(error?.code == .storeUnreadable)
    #expect(
      error?.description == "x.apk: /nowhere/x.apk cannot be opened: No such file or directory")
  }
}
