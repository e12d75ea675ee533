import Foundation
import OCIImage
import PkgResolve
import TestSupport
import Testing

@testable import RootfsCompose

/// What can happen to a file of the store.
enum StoreDamage: String, CaseIterable, Sendable {
  case flipped, shortened, lengthened, emptied, zeroed, aFolder, aFullFolder, aLink, aPipe
  case unreadable, gone

  func strike(_ path: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    func write(_ bytes: some Sequence<UInt8>) throws {
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
    switch self {
    case .flipped:
      var changed = bytes
      changed[bytes.count / 2] ^= 0x10
      try write(changed)
    case .shortened: try write(bytes.dropLast())
    case .lengthened: try write(bytes + [0])
    case .emptied: try write([])
    case .zeroed: try write(bytes.map { _ in 0 })
    case .aFolder, .aFullFolder:
      unlink(path)
      mkdir(path, 0o755)
      guard self == .aFullFolder else { return }
      mkdir(path + "/inner", 0o755)
      try Data([1]).write(to: URL(fileURLWithPath: path + "/inner/file"))
    case .aLink:
      unlink(path)
      symlink(path, path)
    case .aPipe:
      unlink(path)
      mkfifo(path, 0o644)
    case .unreadable: chmod(path, 0)
    case .gone: unlink(path)
    }
  }

  /// Whether what is left can still be read for what it was: root reads what nobody may.
  var isHarmless: Bool { self == .unreadable && geteuid() == 0 }
}

@Suite("Damaged files of the store are missing files")
struct StoreDamageTests {
  let scratch: ScratchDirectory
  let store: Store

  init() throws {
    scratch = try ScratchDirectory()
    store = try Store(directory: scratch.path + "/store")
  }

  @Test("A download", arguments: StoreDamage.allCases)
  func download(damage: StoreDamage) async throws {
    let bytes = Array("some content".utf8)
    let digest = Digest.sha256(of: bytes)
    let source = try scratch.write("source", bytes)
    let downloader = try TestDownloads.downloader(store: store.directory)
    let file = RemoteFile(urls: [source], digest: digest)
    let path = try await downloader.fetch(file).path
    try damage.strike(path)
    #expect((try store.open(digest) == nil) != damage.isHarmless)
    // What was found damaged is out of the way.
    var status = stat()
    #expect((lstat(path, &status) != 0) != damage.isHarmless)
    let again = try await downloader.fetch(file)
    #expect(try store.read(again, limit: 100) == bytes)
    // The same, found while a download has begun.
    try damage.strike(path)
    #expect(try store.read(try await downloader.fetch(file), limit: 100) == bytes)
  }

  @Test("A parsed index", arguments: StoreDamage.allCases)
  func table(damage: StoreDamage) throws {
    let origin = PackageOrigin(name: "index", url: "u", suite: "s", component: "c")
    let text = Array(TestArchive.stanza.utf8)
    let key = TableKey(
      digest: Digest.sha256(of: text), format: .debian, requiresPackageFiles: false)
    let table = try PackageIndex.parse(text, origin: origin, requirePackageFiles: false)
    store.keep(table, as: key)
    let path =
      "\(store.directory)/indexes/\(PackageTable.formatVersion)/\(key.digest.hex).debian.loose"
    try damage.strike(path)
    #expect((store.keptTable(key, origin: origin) == nil) != damage.isHarmless)
    store.keep(table, as: key)
    #expect(store.keptTable(key, origin: origin)?.keptBytes == table.keptBytes)
  }

  /// A digest with another digit names a file that is not there, or one that is compared with the checksum.
  @Test("What an Alpine repository's checksum stood for", arguments: StoreDamage.allCases)
  func package(damage: StoreDamage) throws {
    let url = try ResourceURL("https://mirror.example/main/x86_64/musl-1-r0.apk")
    let digest = Digest.sha256(of: [1])
    store.remember(digest, ofPackage: "Q1x", from: url)
    let name = try #require(scratch.names("store/apk").first)
    try damage.strike(store.directory + "/apk/" + name)
    let found = store.rememberedPackage(from: url, checksum: "Q1x")
    #expect((found != digest) != damage.isHarmless)
    if damage != .flipped { #expect((found == nil) != damage.isHarmless) }
    store.remember(digest, ofPackage: "Q1x", from: url)
    #expect(store.rememberedPackage(from: url, checksum: "Q1x") == digest)
  }

  @Test("The digest that a file was found to have", arguments: StoreDamage.allCases)
  func identity(damage: StoreDamage) throws {
    let identity = try #require(FileIdentity(try scratch.write("index", [1])))
    let digest = Digest.sha256(of: [1])
    store.remember(digest, of: identity)
    let folder = "indexes/\(PackageTable.formatVersion)"
    let name = try #require(scratch.names("store/" + folder).first)
    try damage.strike("\(store.directory)/\(folder)/\(name)")
    let found = store.rememberedDigest(of: identity)
    #expect((found != digest) != damage.isHarmless)
    if damage != .flipped { #expect((found == nil) != damage.isHarmless) }
    store.remember(digest, of: identity)
    #expect(store.rememberedDigest(of: identity) == digest)
  }

  @Test(
    "A document by its URL", .enabled(if: RequiredProgram.areInstalled("python3")),
    arguments: StoreDamage.allCases)
  func document(damage: StoreDamage) async throws {
    try scratch.write("www/InRelease", "text".utf8)
    let server = try TestServer(root: scratch.path + "/www")
    let downloader = try TestDownloads.downloader(store: store.directory)
    let url = try ResourceURL(server.url + "/InRelease")
    _ = try await downloader.document(url: url, limit: 100)
    let name = try #require(scratch.names("store/keyed").first)
    try damage.strike(store.directory + "/keyed/" + name)
    for _ in 0..<2 {
      #expect(try await downloader.document(url: url, limit: 100) == Array("text".utf8))
    }
  }

  @Test("A file in a folder's place gives way")
  func fileForFolder() async throws {
    let bytes = Array("some content".utf8)
    let digest = Digest.sha256(of: bytes)
    let source = try scratch.write("source", bytes)
    try scratch.write("store/sha256/" + digest.hex.prefix(2), [1])
    let downloader = try TestDownloads.downloader(store: store.directory)
    let stored = try await downloader.fetch(RemoteFile(urls: [source], digest: digest))
    #expect(try store.read(stored, limit: 100) == bytes)
  }

  @Test("What was hashed is what is read, though its name is gone or another file's")
  func held() async throws {
    let bytes = Array("some content".utf8)
    let digest = Digest.sha256(of: bytes)
    let source = try scratch.write("source", bytes)
    let downloader = try TestDownloads.downloader(store: store.directory)
    _ = try await downloader.fetch(RemoteFile(urls: [source], digest: digest))
    let stored = try #require(try store.open(digest))
    unlink(stored.path)
    #expect(try store.read(stored, limit: 100) == bytes)
    let other = try scratch.write("other", Array("other content".utf8))
    #expect(rename(other, stored.path) == 0)
    #expect(try store.read(stored, limit: 100) == bytes)
    let read = try stored.withOpenPath { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    #expect([UInt8](read) == bytes)
    #expect(try store.open(digest) == nil)
  }

  @Test("More files than are held open are found by their names")
  func many() throws {
    let files = try (0..<400).map { number in
      let bytes = Array("\(number)".utf8)
      let digest = Digest.sha256(of: bytes)
      try scratch.write("store/sha256/\(digest.hex.prefix(2))/\(digest.hex)", bytes)
      return (try #require(try store.open(digest)), bytes)
    }
    for (file, bytes) in files { #expect(try store.read(file, limit: 10) == bytes) }
    let (file, _) = try #require(files.last)
    unlink(file.path)
    let error = #expect(throws: ComposeError.self) { try store.read(file, limit: 10) }
    #expect(error?.code == .storeUnreadable)
  }
}
