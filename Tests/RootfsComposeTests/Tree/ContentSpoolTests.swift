import RootfsCompose
import TestSupport
import Testing

@Suite struct ContentSpoolTests {
  @Test func contentIsReadInPieces() throws {
    let directory = try TemporaryDirectory()
    let spool = try ContentSpool(directory: directory.path)
    let bytes = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    var builder = DebBuilder("big", compression: .none)
    builder.file("/first", "first")
    builder.file("/big", bytes: bytes)
    let path = try builder.write(to: directory.path)
    let package = try DebArchive.unpack(path: path, subject: "big", spool: spool)
    let content = try #require(package.entries.last?.entry.content)
    #expect(try content.prefix(10) == Array(bytes[..<10]))
    #expect(try content.bytes() == bytes)
    var pieces = [UInt8]()
    var sizes = [Int]()
    try content.forEachChunk {
      pieces += $0
      sizes.append($0.count)
    }
    #expect(pieces == bytes)
    #expect(sizes == [1 << 20, 1 << 20, 2_500_000 - (2 << 20)])
  }

  @Test func nothingIsLeftInTheDirectory() throws {
    let directory = try TemporaryDirectory()
    let spool = try ContentSpool(directory: directory.path)
    _ = try [1, 2, 3].withUnsafeBytes { try spool.append($0) }
    let list = try #require(HostProgram.find("ls")).check(["-A", directory.path])
    #expect(list.output == "")
    #expect(throws: ComposeError.self) {
      _ = try ContentSpool(directory: directory.file("none"))
    }
  }
}
