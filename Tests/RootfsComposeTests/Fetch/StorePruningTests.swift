import Foundation
import OCIImage
import PkgResolve
import Testing

@testable import RootfsCompose

@Suite("What a store holds, and pruning it")
struct StorePruningTests {
  let scratch: ScratchDirectory
  var directory: String { scratch.path + "/store" }

  init() throws {
    scratch = try ScratchDirectory()
    _ = try Store(directory: scratch.path + "/store")
  }

  /// A name that a digest could have, of one letter.
  private static func hex(_ letter: Character) -> String { String(repeating: letter, count: 64) }

  /// Writes a file of the store that was used so many seconds ago.
  @discardableResult
  private func add(_ path: String, size: Int = 100, age: Int = 0) throws -> String {
    let file = try scratch.write("store/" + path, [UInt8](repeating: 1, count: size))
    try setAge(of: path, age)
    return file
  }

  private func setAge(of path: String, _ age: Int) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -Double(age))],
      ofItemAtPath: directory + "/" + path)
  }

  private func census() throws -> StoreCensus { try #require(try StoreCensus(directory: directory)) }

  private func left() throws -> Set<String> { Set(try census().entries.map(\.path)) }

  private func prune(
    size: Int64? = nil, age: Int64? = nil, isDryRun: Bool = false
  ) throws -> StorePruning {
    StorePruning(try census(), to: StoreBounds(size: size, age: age), isDryRun: isDryRun)
  }

  @Test(
    "Each file has its area",
    arguments: [
      ("sha256/aa/\(hex("a"))", .downloads), ("expanded/1/aa/\(hex("a"))", .packages),
      ("members/by-gzip-1.18-6/aa/\(hex("a"))", .members),
      ("indexes/\(PackageTable.formatVersion)/\(hex("a")).debian", .indexes),
      ("indexes/\(PackageTable.formatVersion)/\(hex("a")).file", .indexes),
      ("indexes/1/\(hex("a")).debian", .outdated), ("keyed/\(hex("a"))", .documents),
      ("apk/\(hex("a"))", .documents), ("built/\(hex("a"))", .images),
      ("partial/\(hex("a"))", .partial), ("tmp/work.AbCdEf", .work),
      ("tmp/work.AbCdEf/blobs/sha256/\(hex("a"))", .work),
      ("images/blobs/sha256/\(hex("a"))", .outdated), ("images/ingest/blob-x", .outdated),
      ("notes.txt", .other), (hex("a"), .other), ("sha256/aa/notes.txt", .other),
      ("music/\(hex("a"))", .other), ("sha256/aa/\(hex("A"))", .other),
      ("sha256/aa/\(hex("a"))0", .other), ("images/holiday.jpg", .other),
    ] as [(String, StoreArea)])
  func areas(path: String, area: StoreArea) {
    #expect(StoreArea(of: path.split(separator: "/").map(String.init)) == area)
  }

  @Test("Files are counted by area, with their oldest and newest use")
  func count() throws {
    try add("sha256/aa/\(Self.hex("a"))", size: 10, age: 1000)
    try add("sha256/bb/\(Self.hex("b"))", size: 20, age: 10)
    try add("notes", size: 5)
    let census = try census()
    let downloads = try #require(census.areas[.downloads])
    #expect(downloads.files == 2 && downloads.size == 30)
    let uses = try (#require(downloads.oldestUse), #require(downloads.newestUse))
    #expect((989...991).contains(uses.1 - uses.0))
    #expect(census.areas.keys.sorted() == [.downloads, .other])
    #expect(census.total.files == 3 && census.total.size == 35)
  }

  @Test("A folder that is missing or empty holds nothing; one that is no store is refused")
  func noStore() throws {
    #expect(try StoreCensus(directory: scratch.path + "/none") == nil)
    try FileManager.default.createDirectory(
      atPath: scratch.path + "/empty", withIntermediateDirectories: false)
    #expect(try StoreCensus(directory: scratch.path + "/empty") == nil)
    let file = try scratch.write("home/sha256/aa/\(Self.hex("a"))", [1])
    let home = scratch.path + "/home"
    let error = #expect(throws: ComposeError.self) { try StoreCensus(directory: home) }
    #expect(error?.code == .inputUnreadable)
    #expect(error?.description.hasPrefix("\(home): is no store") == true)
    #expect(throws: ComposeError.self) { try StoreCensus(directory: file) }
  }

  @Test("What was used least recently goes first, until the size fits")
  func leastRecent() throws {
    try add("sha256/aa/\(Self.hex("a"))", age: 400)
    try add("expanded/1/bb/\(Self.hex("b"))", age: 300)
    try add("keyed/\(Self.hex("c"))", age: 200)
    try add("built/\(Self.hex("d"))", age: 100)
    #expect(try prune(size: 400).removed.isEmpty)
    let pruning = try prune(size: 399)
    #expect(pruning.removed.keys.sorted() == [.downloads])
    #expect(pruning.remaining.size == 300 && pruning.remaining.files == 3)
    #expect(try prune(size: 150).removed.keys.sorted() == [.packages, .documents])
    #expect(try left() == ["built/\(Self.hex("d"))"])
    #expect(try prune(size: 0).removed.keys.sorted() == [.images])
    #expect(try left() == [])
  }

  @Test("Outdated forms go before what was used longer ago, and their folders with them")
  func outdated() throws {
    try add("sha256/aa/\(Self.hex("a"))", age: 4000)
    try add("images/blobs/sha256/\(Self.hex("b"))")
    try add("indexes/1/\(Self.hex("c")).debian")
    #expect(try prune(size: 100).removed.keys.sorted() == [.outdated])
    #expect(try left() == ["sha256/aa/\(Self.hex("a"))"])
    #expect(!FileManager.default.fileExists(atPath: directory + "/images"))
    #expect(!FileManager.default.fileExists(atPath: directory + "/indexes"))
  }

  @Test("What was not used for longer than the age goes, whatever the size")
  func age() throws {
    try add("sha256/aa/\(Self.hex("a"))", age: 400)
    try add("members/x/bb/\(Self.hex("b"))", age: 100)
    #expect(try prune(size: 1 << 40, age: 500).removed.isEmpty)
    #expect(try prune(age: 200).removed.keys.sorted() == [.downloads])
    // A clock that was ahead leaves files of the future: they count as new, and do no harm.
    try setAge(of: "members/x/bb/\(Self.hex("b"))", -100_000)
    #expect(try prune(age: 0).removed.isEmpty)
    #expect(try prune(age: .max).removed.isEmpty)
    #expect(try prune(size: 0).removed.keys.sorted() == [.members])
  }

  @Test("A dry run says the same and removes nothing")
  func dryRun() throws {
    try add("sha256/aa/\(Self.hex("a"))", age: 400)
    try add("built/\(Self.hex("d"))", age: 100)
    let dry = try prune(size: 100, isDryRun: true)
    #expect(try left().count == 2)
    let real = try prune(size: 100)
    #expect(dry.removed == real.removed && dry.remaining == real.remaining)
    #expect(try left().count == 1)
  }

  @Test("What the program did not make stays")
  func others() throws {
    let link = directory + "/sha256/notes"
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: try scratch.write("elsewhere", [1]))
    try add("sha256/aa/holiday.jpg", age: 1_000_000)
    try add("images/holiday.jpg", age: 1_000_000)
    #expect(try prune(size: 0, age: 1).removed.isEmpty)
    #expect(
      try left() == ["sha256/notes", "sha256/aa/holiday.jpg", "images/holiday.jpg"])
  }

  @Test("A link in a file's place goes itself, not what it leads to")
  func link() throws {
    let elsewhere = try scratch.write("elsewhere", [1])
    let link = directory + "/keyed/" + Self.hex("a")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: elsewhere)
    #expect(try prune(size: 0).removed.keys.sorted() == [.documents])
    #expect(try left() == [])
    #expect(FileManager.default.fileExists(atPath: elsewhere))
  }

  @Test("While a store is at work, what was used within the last hour is left to it")
  func inUse() throws {
    try add("sha256/aa/\(Self.hex("a"))", age: 3500)
    try add("sha256/bb/\(Self.hex("b"))", age: 3700)
    try add("partial/\(Self.hex("c"))", age: 3700)
    let store = try Store(directory: directory)
    let work = try store.workFile()
    let pruning = try prune(size: 0)
    withExtendedLifetime(store) {}
    #expect(pruning.isInUse)
    #expect(pruning.removed.keys.sorted() == [.downloads, .partial])
    #expect(pruning.spared.files == 1 && pruning.spared.size == 100)
    #expect(access(work.path, F_OK) == 0)
    #expect(try left().contains("sha256/aa/\(Self.hex("a"))"))
  }

  @Test("A store is at work while its value lives")
  func session() throws {
    #expect(!StoreSession.isHeld(in: directory))
    var stores = [try Store(directory: directory), try Store(directory: directory)]
    #expect(StoreSession.isHeld(in: directory))
    stores.removeLast()
    #expect(StoreSession.isHeld(in: directory))
    stores.removeLast()
    #expect(!StoreSession.isHeld(in: directory))
    #expect(!StoreSession.isHeld(in: scratch.path + "/none"))
  }

  @Test("A download that goes on is left alone; a broken one is not")
  func partial() throws {
    let held = try add("partial/\(Self.hex("a"))", age: 100)
    try add("partial/\(Self.hex("b"))", age: 100)
    let descriptor = Store.open(held, O_RDWR)
    defer { close(descriptor) }
    #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    let pruning = try prune(size: 0)
    #expect(pruning.removed[.partial]?.files == 1)
    #expect(pruning.remaining.files == 1)
    #expect(try left() == ["partial/\(Self.hex("a"))"])
  }

  @Test("What a killed build left in tmp goes, and is counted")
  func leftovers() throws {
    try add("tmp/work.dead01", size: 7)
    try add("tmp/work.dead02/blobs/sha256/\(Self.hex("a"))", size: 8)
    let pruning = try prune(size: 1 << 40)
    #expect(pruning.removed[.work]?.size == 15)
    #expect(pruning.remaining.files == 0)
    #expect(try left() == [])
  }

  @Test("A file that was used since it was counted stays")
  func usedSince() throws {
    try add("sha256/aa/\(Self.hex("a"))", age: 400)
    try add("partial/\(Self.hex("b"))", age: 400)
    let census = try census()
    try setAge(of: "sha256/aa/\(Self.hex("a"))", 1)
    try setAge(of: "partial/\(Self.hex("b"))", 1)
    let pruning = StorePruning(census, to: StoreBounds(size: 0))
    #expect(pruning.removed.isEmpty)
    #expect(pruning.remaining.files == 2)
    #expect(try left().count == 2)
  }

  @Test("A file that someone else removed meanwhile counts as gone")
  func removedSince() throws {
    let file = try add("sha256/aa/\(Self.hex("a"))", age: 400)
    let census = try census()
    unlink(file)
    #expect(StorePruning(census, to: StoreBounds(size: 0)).removed[.downloads]?.files == 1)
  }

  @Test("Reading a file makes it the newest")
  func use() async throws {
    let store = try Store(directory: directory)
    let bytes = Array("content".utf8)
    let digest = Digest.sha256(of: bytes)
    let path = "sha256/\(digest.hex.prefix(2))/\(digest.hex)"
    try scratch.write("store/" + path, bytes)
    try setAge(of: path, 100_000)
    _ = try store.open(digest)
    let newest = try #require(try census().total.newestUse)
    #expect(newest > Int64(time(nil)) - 1000)
  }
}
