import Foundation
import OCIImage
import Testing

@testable import RootfsCompose

@Suite("The store and its parts")
struct StoreTests {
  @Test("Where it is by default")
  func location() throws {
    #expect(
      try Store.defaultDirectory(environment: ["XDG_CACHE_HOME": "/c", "HOME": "/h"])
        == "/c/dhi-compose")
    #expect(
      try Store.defaultDirectory(environment: ["XDG_CACHE_HOME": "rel", "HOME": "/h"])
        == "/h/.cache/dhi-compose")
    #expect(throws: ComposeError.self) { try Store.defaultDirectory(environment: [:]) }
  }

  @Test("A place that cannot be a directory is a clear error")
  func unwritable() throws {
    let scratch = try ScratchDirectory()
    let file = try scratch.write("file", [1])
    let error = #expect(throws: ComposeError.self) { try Store(directory: file + "/store") }
    #expect(error?.code == .storeUnwritable)
    #expect(error?.message.contains("--store") == true)
  }

  @Test("A full disk is a clear error", .enabled(if: access("/dev/full", W_OK) == 0))
  func fullDisk() throws {
    let descriptor = Store.open("/dev/full", O_WRONLY)
    defer { close(descriptor) }
    let error = #expect(throws: ComposeError.self) {
      try [UInt8](repeating: 1, count: 10).withUnsafeBytes {
        try Store.write($0, to: descriptor, path: "/store/file")
      }
    }
    #expect(
      error?.description == "/store/file: cannot be written: No space left on device; free some "
        + "space, or give --store with a directory on another disk")
  }

  @Test("What dead processes left goes, what living ones hold stays")
  func leftovers() throws {
    let scratch = try ScratchDirectory()
    let store = try Store(directory: scratch.path + "/s")
    let held = try store.workFile()
    let directory = try store.privateDirectory()
    try scratch.write("s/tmp/work.dead01", [1])
    try scratch.write("s/tmp/work.dead02/key", [1])
    let old = try scratch.write("s/partial/\(String(repeating: "a", count: 64))", [1])
    let fresh = String(repeating: "b", count: 64)
    try scratch.write("s/partial/\(fresh)", [1])
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -8 * 86_400)], ofItemAtPath: old)
    _ = try Store(directory: scratch.path + "/s")
    let left = Set(scratch.names("s/tmp").map { scratch.path + "/s/tmp/" + $0 })
    #expect(left == [held.path, directory.path, scratch.path + "/s/tmp/.gate"])
    #expect(scratch.names("s/partial") == [fresh])
  }

  @Test("A private directory is open to nobody else")
  func privateDirectory() throws {
    let scratch = try ScratchDirectory()
    let store = try Store(directory: scratch.path)
    let entry = try store.privateDirectory()
    var status = stat()
    #expect(stat(entry.path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o700)
  }

  @Test(
    "Dates as Release files, HTTP and the snapshot service write them",
    arguments: [
      ("Sat, 06 Sep 2025 10:11:12 UTC", "2025-09-06T10:11:12Z"),
      ("Thu, 29 Feb 2024 23:59:59 GMT", "2024-02-29T23:59:59Z"),
      ("Thu, 1 Jan 1970 00:00:00 +0000", "1970-01-01T00:00:00Z"),
    ])
  func dates(text: String, expected: String) {
    #expect(ArchiveDate(internet: text)?.rfc3339 == expected)
  }

  @Test(
    "What is no date is none",
    arguments: [
      "", "Sat, 06 Sep 2025 10:11:12 CET", "Sat, 31 Sep 2025 10:11:12 UTC",
      "Thu, 29 Feb 2023 10:11:12 UTC", "Sat, 06 Sep 2025 24:00:00 UTC", "06 Sep 2025 10:11:12 UTC",
      "Sat, 06 Sep 99999999999999999999 10:11:12 UTC", "Sat, +6 Sep 2025 10:11:12 UTC",
    ])
  func noDates(text: String) {
    #expect(ArchiveDate(internet: text) == nil)
  }

  @Test("Seconds agree with the C library's calendar")
  func calendar() throws {
    #expect(ArchiveDate(snapshot: "20250906T101112Z")?.seconds == 1_757_153_472)
    for day in stride(from: 0, to: 80_000, by: 37) {
      var seconds = time_t(day) * 86_400 + 4_321
      var parts = tm()
      gmtime_r(&seconds, &parts)
      var text = [CChar](repeating: 0, count: 32)
      strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
      let expected = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
      #expect(ArchiveDate(seconds: Int64(seconds)).rfc3339 == expected)
    }
  }

  @Test("Armor is taken off, and what holds no key is refused")
  func armor() throws {
    for text in DebianArchiveKeys.armored {
      let keyring = try Keyring(Array(text.utf8), origin: "x")
      #expect(keyring.packets.first.map { $0 & 0x80 } == 0x80)
      #expect(keyring.packets.count > 200)
    }
    let two = DebianArchiveKeys.bookwormStable + "\n" + DebianArchiveKeys.trixieStable + "\n"
    let parts = try [DebianArchiveKeys.bookwormStable, DebianArchiveKeys.trixieStable]
      .map { try Keyring(Array($0.utf8), origin: "x").packets }
    #expect(try Keyring(Array(two.utf8), origin: "x").packets == parts[0] + parts[1])
    for bad in ["", "no key", String(two.dropLast(60))] {
      #expect(throws: ComposeError.self) { try Keyring(Array(bad.utf8), origin: "x") }
    }
  }
}
