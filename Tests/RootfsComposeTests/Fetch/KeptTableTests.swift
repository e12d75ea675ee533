import Foundation
import OCIImage
import PkgResolve
import TestSupport
import Testing

@testable import RootfsCompose

@Suite("Parsed indexes in the store")
struct KeptTableTests {
  private let origin = PackageOrigin(name: "index", url: "u", suite: "s", component: "c")

  private func read(
    _ path: String, _ format: IndexFormat = .debian, store: Store?
  ) throws -> PackageTable {
    try IndexFileReader(store: store).packageTable(ofFile: path, format: format, origin: origin)
  }

  private func tables(_ scratch: ScratchDirectory) -> [String] {
    scratch.names("store/indexes/\(PackageTable.formatVersion)").filter { !$0.hasSuffix(".file") }
  }

  @Test(
    "Every form of a file is read, and its table kept",
    .enabled(if: RequiredProgram.areInstalled("xz", "gzip")), arguments: ["", "xz", "gz"])
  func forms(form: String) throws {
    let scratch = try ScratchDirectory()
    let store = try Store(directory: scratch.path + "/store")
    var path = try scratch.write("Packages", TestArchive.stanza.utf8)
    if form == "xz" { try RequiredProgram.run("xz", [path]) }
    if form == "gz" { try RequiredProgram.run("gzip", ["-n", path]) }
    if !form.isEmpty { path += "." + form }
    let parsed = try read(path, store: store)
    #expect(parsed.map(\.description) == ["hello 1.0-1"])
    let digest = Digest.sha256(of: [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
    #expect(tables(scratch) == ["\(digest.hex).debian.loose"])
    #expect(try read(path, store: store).keptBytes == parsed.keptBytes)
    #expect(try read(path, store: nil).keptBytes == parsed.keptBytes)
  }

  @Test("A table that was kept serves in place of its file")
  func servesInstead() throws {
    let scratch = try ScratchDirectory()
    let store = try Store(directory: scratch.path + "/store")
    let text = Array(TestArchive.stanza.utf8)
    let path = try scratch.write("Packages", text)
    let other = Array(TestArchive.stanza.replacing("hello", with: "other").utf8)
    let key = TableKey(
      digest: Digest.sha256(of: text), format: .debian, requiresPackageFiles: false)
    store.keep(
      try PackageIndex.parse(other, origin: origin, requirePackageFiles: false), as: key)
    #expect(try read(path, store: store).map(\.name) == ["other"])
  }

  @Test("A file that was not touched since is not read again; a changed one is")
  func remembered() throws {
    let scratch = try ScratchDirectory()
    let store = try Store(directory: scratch.path + "/store")
    let path = try scratch.write("Packages", TestArchive.stanza.utf8)
    let identity = try #require(FileIdentity(path))
    #expect(store.rememberedDigest(of: identity) == nil)
    #expect(!identity.isSettled(at: Int64(time(nil)) - 10))
    #expect(identity.isSettled(at: Int64(time(nil)) + 10))
    let table = try read(path, store: store)
    store.remember(Digest.sha256(of: Array(TestArchive.stanza.utf8)), of: identity)
    #expect(store.rememberedDigest(of: identity) != nil)
    #expect(try read(path, store: store).keptBytes == table.keptBytes)
    try scratch.write("Packages", TestArchive.stanza.replacing("hello", with: "longer").utf8)
    #expect(FileIdentity(path) != identity)
    #expect(try read(path, store: store).map(\.name) == ["longer"])
  }

  @Test("A damaged table is made anew", arguments: [0, 20, 100, -1, -20])
  func damage(position: Int) throws {
    let scratch = try ScratchDirectory()
    let store = try Store(directory: scratch.path + "/store")
    let path = try scratch.write("Packages", TestArchive.stanza.utf8)
    let parsed = try read(path, store: store)
    let name = try #require(tables(scratch).first)
    let kept = "store/indexes/\(PackageTable.formatVersion)/\(name)"
    var bytes = parsed.keptBytes
    if position < 0 {
      bytes.removeLast(-position)
    } else {
      bytes[position] ^= 4
    }
    try scratch.write(kept, bytes)
    #expect(try read(path, store: store).keptBytes == parsed.keptBytes)
    let written = try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/" + kept))
    #expect([UInt8](written) == parsed.keptBytes)
  }

  @Test("What stands in a table's place and is none does no harm")
  func noFile() throws {
    let scratch = try ScratchDirectory()
    let store = try Store(directory: scratch.path + "/store")
    let path = try scratch.write("Packages", TestArchive.stanza.utf8)
    let key = TableKey(
      digest: Digest.sha256(of: Array(TestArchive.stanza.utf8)), format: .debian,
      requiresPackageFiles: false)
    let kept =
      "\(store.directory)/indexes/\(PackageTable.formatVersion)/\(key.digest.hex).debian.loose"
    try FileManager.default.createDirectory(atPath: kept, withIntermediateDirectories: true)
    #expect(try read(path, store: store).map(\.name) == ["hello"])
    try FileManager.default.removeItem(atPath: kept)
    try FileManager.default.createSymbolicLink(atPath: kept, withDestinationPath: path)
    #expect(try read(path, store: store).map(\.name) == ["hello"])
    #expect(try String(contentsOfFile: path, encoding: .utf8) == TestArchive.stanza)
  }

  @Test("A table made leniently does not serve where package files are required")
  func modes() throws {
    let scratch = try ScratchDirectory()
    let store = try Store(directory: scratch.path + "/store")
    let digest = Digest.sha256(of: [1])
    let loose = TableKey(digest: digest, format: .debian, requiresPackageFiles: false)
    let strict = TableKey(digest: digest, format: .debian, requiresPackageFiles: true)
    let table = try PackageIndex.parse([], origin: origin, requirePackageFiles: false)
    store.keep(table, as: loose)
    #expect(store.keptTable(loose, origin: origin) != nil)
    #expect(store.keptTable(strict, origin: origin) == nil)
    store.keep(table, as: strict)
    #expect(store.keptTable(strict, origin: origin) == nil)
  }

  @Test("A store that cannot keep tables serves as well")
  func unwritable() throws {
    let scratch = try ScratchDirectory()
    let store = try Store(directory: scratch.path + "/store")
    try scratch.write("store/indexes", [1])
    let path = try scratch.write("Packages", TestArchive.stanza.utf8)
    #expect(try read(path, store: store).map(\.name) == ["hello"])
  }

  @Test("Alpine's index is read as text and from its archive, the signature's part first")
  func alpine() throws {
    let scratch = try ScratchDirectory()
    let store = try Store(directory: scratch.path + "/store")
    let text = Array("C:Q1eVpkasfqZAukAXFYbgwt4xAMZWU=\nP:musl\nV:1.2.5-r10\nS:1\n\n".utf8)
    // The first part has no end-of-archive blocks, so that both together are one archive.
    var signature = TarBuilder()
    signature.members = [
      .init(Array(".SIGN.RSA.key.rsa.pub".utf8), content: Array("signature".utf8))
    ]
    var index = TarBuilder()
    index.members = [
      .init(Array("DESCRIPTION".utf8), content: Array("v3.22".utf8)),
      .init(Array("APKINDEX".utf8), content: text),
    ]
    let first = try Compression.gzip.compress(Array(signature.bytes().prefix(1024)))
    let archive = first + (try Compression.gzip.compress(index.bytes()))
    for (name, bytes) in [("APKINDEX", text), ("APKINDEX.tar.gz", archive)] {
      let path = try scratch.write(name, bytes)
      for _ in 0..<2 {
        #expect(try read(path, .alpine, store: store).map(\.filename) == ["musl-1.2.5-r10.apk"])
      }
    }
    #expect(tables(scratch).allSatisfy { $0.hasSuffix(".alpine.loose") })
    #expect(tables(scratch).count == 2)
    let other = try scratch.write("other.tar.gz", first)
    let error = #expect(throws: ComposeError.self) { try read(other, .alpine, store: store) }
    #expect(error?.description.contains("has no member APKINDEX") == true)
  }

  @Test("Alpine's published indexes are read", .enabled(if: SharedData.root != nil))
  func published() throws {
    let root = try #require(SharedData.root)
    let counts = try ["v3.19-main", "v3.19-community", "v3.22-main"].map { name in
      try read("\(root)/alpine/index/\(name)-x86_64/APKINDEX.tar.gz", .alpine, store: nil).count
    }
    #expect(counts[0] + counts[1] == 23_030)
    #expect(counts[2] == 5646)
  }

  @Test("An index that decompresses to more than it may is refused")
  func tooLong() throws {
    let file = try Compression.gzip.compress([UInt8](repeating: 65, count: 2000))
    let error = #expect(throws: ComposeError.self) {
      try IndexDecompressor(subject: "index").decompress(
        file, limit: 1999, member: nil, cancellation: CancellationFlag())
    }
    #expect(error?.code == .limitExceeded)
    #expect(
      error?.description == "index: is over 1999 bytes when decompressed; expected at most that")
  }

  @Test("A file that is no index is refused", .enabled(if: RequiredProgram.areInstalled("gzip")))
  func refused() throws {
    let scratch = try ScratchDirectory()
    #expect(throws: ComposeError.self) { try read(scratch.path + "/none", store: nil) }
    let broken = try scratch.write("broken.xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1, 2, 3])
    #expect(throws: ComposeError.self) { try read(broken, store: nil) }
    let text = try scratch.write("text", "no index\n".utf8)
    let error = #expect(throws: ResolveError.self) { try read(text, store: nil) }
    #expect(error?.description.hasPrefix("index:1: \"no index\" is no field") == true)
  }
}
