import FoundationEssentials
import TestSupport
import Testing

@testable import RootfsCompose

/// A kept package that was damaged is found, dropped and made again; nothing wrong comes of it and nothing crashes.
@Suite struct DamagedExpandedTests {
  private static func small() -> DebBuilder {
    var deb = DebBuilder("small", compression: .none)
    deb.scripts = ["postinst": "#!/bin/sh\n"]
    deb.file("/usr/one", String(repeating: "one ", count: 20), mode: 0o755)
    deb.hardLink("/usr/two", to: "/usr/one")
    deb.symlink("/usr/three", to: "one")
    deb.file("/usr/four", "four", attribute: "user.x", value: [1, 2])
    return deb
  }

  private enum Outcome: Equatable {
    case notOpened
    case unreadable
    case opened([String])
  }

  /// What comes of the kept form once `bytes` are in its place.
  private func outcome(
    _ bytes: [UInt8], _ fixture: ExpanderFixture, _ file: StoredFile, _ cold: UnpackedPackage
  ) throws -> Outcome {
    try fixture.directory.write(bytes, to: fixture.name(file))
    guard let warm = fixture.expander.stored(file.digest, form: .debian) else { return .notOpened }
    do {
      return .opened(try ExpanderFixture.differences(cold, warm))
    } catch let error as ComposeError {
      #expect(error.code == .storeUnreadable)
      return .unreadable
    }
  }

  @Test func everyByteFlipped() throws {
    let fixture = try ExpanderFixture()
    let file = try fixture.file(try Self.small().bytes())
    let cold = try DebFixture().unpack(Self.small())
    _ = try fixture.expand(file)
    let kept = try fixture.directory.read(fixture.name(file))
    #expect(try outcome(kept, fixture, file, cold) == .opened([]))
    for position in kept.indices {
      for bit in [0, 7] {
        var damaged = kept
        damaged[position] ^= 1 << bit
        let expected = position < 84 ? Outcome.unreadable : .notOpened
        #expect(try outcome(damaged, fixture, file, cold) == expected, "byte \(position)")
        #expect(try fixture.files() == [], "byte \(position)")
      }
    }
    _ = try fixture.expand(file)
    #expect(try fixture.directory.read(fixture.name(file)) == kept)
  }

  @Test func everyLength() throws {
    let fixture = try ExpanderFixture()
    let file = try fixture.file(try Self.small().bytes())
    let cold = try fixture.expand(file)
    let kept = try fixture.directory.read(fixture.name(file))
    for length in kept.indices {
      #expect(
        try outcome(Array(kept[..<length]), fixture, file, cold) == .notOpened, "\(length)")
      #expect(try fixture.files() == [], "\(length)")
    }
    #expect(try outcome(kept + [0], fixture, file, cold) == .notOpened)
    #expect(try outcome([0] + kept, fixture, file, cold) == .notOpened)
  }

  /// A file that holds together, but is another package's.
  @Test func anotherPackagesFile() throws {
    let fixture = try ExpanderFixture()
    let one = try fixture.file(try Self.small().bytes())
    let other = try fixture.file(try DebBuilder("other").bytes())
    let cold = try fixture.expand(one)
    _ = try fixture.expand(other)
    let kept = try fixture.directory.read(fixture.name(other))
    #expect(try outcome(kept, fixture, one, cold) == .notOpened)
  }

  /// A table whose checksum is right and whose bytes are wrong: whatever they say, it is an error or a package.
  @Test func tablesThatAreNotTables() throws {
    let fixture = try ExpanderFixture()
    let file = try fixture.file(try Self.small().bytes())
    let cold = try fixture.expand(file)
    let kept = try fixture.directory.read(fixture.name(file))
    let contents = Array(kept[..<84])
    let table = Array(kept[84..<(kept.count - ExpandedForm.Footer.size)])
    func whole(_ table: [UInt8]) -> [UInt8] {
      table.withUnsafeBytes {
        contents + table + ExpandedForm.Footer(contents: Int64(contents.count), table: $0).bytes
      }
    }
    #expect(whole(table) == kept)
    var refused = 0
    for position in table.indices {
      for value in [UInt8(0), 0x2f, 0x7f, 0xff] {
        var wrong = table
        wrong[position] = value
        if try outcome(whole(wrong), fixture, file, cold) == .notOpened { refused += 1 }
      }
      #expect(try outcome(whole(Array(table[..<position])), fixture, file, cold) == .notOpened)
    }
    #expect(refused > table.count)
  }

  @Test func damagedContentIsSaidAndRemoved() throws {
    let fixture = try ExpanderFixture()
    let file = try fixture.file(try Self.small().bytes())
    _ = try fixture.expand(file)
    let path = fixture.directory.file(fixture.name(file))
    var kept = try fixture.directory.read(fixture.name(file))
    kept[2] ^= 1
    let readings: [(Content) throws -> Void] = [
      { _ = try $0.bytes() }, { try $0.forEachChunk { _ in } }, { _ = try $0.digest() },
      { _ = try $0.prefix(1 << 20) },
      { content in
        try withUnsafeTemporaryAllocation(byteCount: content.count, alignment: 1) {
          try content.read(into: $0)
        }
      },
    ]
    for reading in readings {
      try fixture.directory.write(kept, to: fixture.name(file))
      let warm = try #require(fixture.expander.stored(file.digest, form: .debian))
      let content = try #require(warm.entries.first?.entry.content)
      let error = #expect(throws: ComposeError.self) { try reading(content) }
      #expect(error?.code == .storeUnreadable)
      #expect(
        error?.description
          == "\(path): does not hold any more what was written to it, and was removed; "
          + "run the command again, which makes it anew")
      #expect(try fixture.files() == [])
    }
  }

  @Test func anUnreadableContentEqualsNone() throws {
    let fixture = try ExpanderFixture()
    let file = try fixture.file(try Self.small().bytes())
    let cold = try #require(try fixture.expand(file).entries.first?.entry.content)
    let bytes = try cold.bytes()
    #expect(cold == Content(bytes))
    #expect(cold.checksum == Content(bytes).checksum)
    #expect(cold != Content(Array(bytes.dropLast()) + [0]))
    var kept = try fixture.directory.read(fixture.name(file))
    kept[2] ^= 1
    try fixture.directory.write(kept, to: fixture.name(file))
    let warm = try #require(
      fixture.expander.stored(file.digest, form: .debian)?.entries.first?.entry.content)
    #expect(warm != cold)
    #expect(warm == warm)
  }
}
