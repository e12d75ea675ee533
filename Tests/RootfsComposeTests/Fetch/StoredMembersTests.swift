import Foundation
import OCIImage
import Testing

@testable import RootfsCompose

@Suite("Packed members of layers in the store")
struct StoredMembersTests {
  private let scratch: ScratchDirectory
  private let members: StoredMembers
  private let digest = Digest.sha256(of: [1, 2, 3])
  private let packed: [UInt8] = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
  private let compressor = "libdeflate 1.14 level 6"

  init() throws {
    scratch = try ScratchDirectory()
    members = StoredMembers(store: try Store(directory: scratch.path + "/s"))
  }

  private var name: String {
    "s/members/by-libdeflate-1.14-level-6/\(digest.hex.prefix(2))/\(digest.hex)"
  }

  private func keep(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { members.keep($0, of: digest, compressor: compressor) }
  }

  @Test("What was kept comes back, for its compressor only")
  func kept() throws {
    #expect(members.member(of: digest, compressor: compressor) == nil)
    keep(packed)
    #expect(members.member(of: digest, compressor: compressor) == packed)
    #expect(members.member(of: digest, compressor: "libdeflate 1.14 level 5") == nil)
    #expect(members.member(of: .sha256(of: [1]), compressor: compressor) == nil)
    #expect(FileManager.default.fileExists(atPath: scratch.path + "/" + name))
    #expect(scratch.names("s/tmp") == [".gate"])
  }

  @Test("Reading marks the file as used")
  func use() throws {
    keep(packed)
    let path = scratch.path + "/" + name
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1_000_000)], ofItemAtPath: path)
    #expect(members.member(of: digest, compressor: compressor) != nil)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    let date = try #require(attributes[.modificationDate] as? Date)
    #expect(date.timeIntervalSince1970 > 1_000_000)
  }

  @Test(
    "A damaged one is dropped, and kept anew", arguments: ["flipped", "short", "long", "empty"])
  func damaged(how: String) throws {
    keep(packed)
    let path = scratch.path + "/" + name
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    switch how {
    case "flipped": bytes[500] ^= 1
    case "short": bytes.removeLast()
    case "long": bytes.append(0)
    default: bytes = []
    }
    try scratch.write(name, bytes)
    #expect(members.member(of: digest, compressor: compressor) == nil)
    #expect(!FileManager.default.fileExists(atPath: path))
    keep(packed)
    #expect(members.member(of: digest, compressor: compressor) == packed)
  }

  @Test("One under another's name is dropped")
  func misnamed() throws {
    keep(packed)
    let other = Digest.sha256(of: [9])
    let path = "s/members/by-libdeflate-1.14-level-6/\(other.hex.prefix(2))/\(other.hex)"
    try scratch.write(
      path, [UInt8](try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/" + name))))
    #expect(members.member(of: other, compressor: compressor) == nil)
    #expect(!FileManager.default.fileExists(atPath: scratch.path + "/" + path))
  }

  @Test("A folder that cannot be made keeps nothing and harms nothing")
  func unwritable() throws {
    try scratch.write("s/members", [1])
    keep(packed)
    #expect(members.member(of: digest, compressor: compressor) == nil)
    #expect(scratch.names("s/tmp") == [".gate"])
  }

  @Test("A compressor's name is one file name")
  func fileNames() {
    #expect(StoredMembers.fileName(of: "../a b/c\u{0}é") == "by-..-a-b-c---")
    #expect(StoredMembers.fileName(of: "") == "by-")
    #expect(StoredMembers.fileName(of: "..") == "by-..")
  }

  @Test("A layer is the same with what is kept, and after damage to it")
  func layers() throws {
    let blobs = try BlobStore(stagingIn: scratch.path + "/blobs")
    let pool = BlockingPool(threads: 2, name: "test")
    func layer() throws -> Layer {
      var writer = try LayerWriter(
        blobs: blobs, compression: .gzip, executor: pool, cache: members)
      for number in 0..<40 {
        try writer.append(
          TarEntry(
            path: Array("file-\(number)".utf8), kind: .regular(size: 300_000), mode: 0o644)
        ) { buffer, offset in
          for index in buffer.indices {
            buffer[index] = UInt8(truncatingIfNeeded: (index &+ number) &* (index >> 5))
          }
        }
      }
      return try writer.finish()
    }
    let first = try layer()
    let folder = scratch.path + "/s/members"
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder)
      .filter { $0.utf8.count > 64 }.sorted()
    #expect(files.count >= 3)
    #expect(try layer() == first)
    let path = try #require(files.first)
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(path)")))
    var damaged = whole
    damaged[damaged.count / 2] ^= 0x40
    try scratch.write("s/members/" + path, damaged)
    #expect(try layer() == first)
    #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(path)"))) == whole)
  }
}
