import FoundationEssentials
import TestSupport
import Testing

@testable import RootfsCompose

/// What the store keeps of a decoded package is what decoding gives.
@Suite struct ExpandedPackageTests {
  @Test(arguments: Compression.allCases)
  func everyKindOfEntry(_ compression: Compression) throws {
    let fixture = try ExpanderFixture()
    var builder = ExpanderFixture.everyKind()
    builder.compression = compression
    builder.controlCompression = .gzip
    let file = try fixture.file(try builder.bytes())
    #expect(fixture.expander.stored(file.digest, form: .debian) == nil)
    let cold = try fixture.expand(file)
    let warm = try #require(fixture.expander.stored(file.digest, form: .debian))
    #expect(try ExpanderFixture.differences(cold, warm) == [])
    #expect(try DebFixture.dump(warm) == DebFixture.dump(try DebFixture().unpack(builder)))
    #expect(warm.entries.count == builder.data.members.count)
    #expect(warm.control?["Description"] == "x\nmore\n.")
    let big = try #require(warm.entries.first { $0.path == "usr/big" }?.entry.content)
    #expect(try big.bytes() == ExpanderFixture.bytes(700_001))
    #expect(try fixture.files() == [String(fixture.name(file).dropFirst(6))])
  }

  @Test func alpinePackage() throws {
    let fixture = try ExpanderFixture()
    var builder = ApkBuilder("busy", fields: [("depend", "so:libc.so"), ("depend", "b")])
    builder.scripts = ["post-install": "#!/bin/sh\n"]
    builder.directory("/bin")
    builder.file("/bin/busy", bytes: ExpanderFixture.bytes(50_000), mode: 0o755)
    builder.nameOwner("daemon", "wheel")
    builder.hardLink("/bin/sh", to: "/bin/busy")
    builder.symlink("/bin/ash", to: "busy")
    builder.file("/bin/empty", bytes: [])
    builder.file("/.dummy", bytes: [1])
    let file = try fixture.file(try builder.bytes())
    let form = PackageForm.alpine(checksum: try builder.checksum(), keys: AlpineKeys())
    let cold = try fixture.expand(file, form: form)
    let warm = try #require(fixture.expander.stored(file.digest, form: form))
    #expect(try ExpanderFixture.differences(cold, warm) == [])
    #expect(warm.entries.count == 5)
    #expect(warm.apk?.checksums.count == 4)
    #expect(warm.apk?.owners.values.map(\.group) == ["wheel", "wheel"])
    // Nothing but the same checksum vouches for it.
    let other = PackageForm.alpine(
      checksum: try ApkBuilder("other").checksum(), keys: AlpineKeys())
    #expect(fixture.expander.stored(file.digest, form: other) == nil)
    #expect(fixture.expander.stored(file.digest, form: .debian) == nil)
    #expect(fixture.expander.stored(file.digest, form: form) != nil)
  }

  @Test(.enabled(if: SharedData.root != nil), arguments: RealApkTests.mirrors)
  func everyPackageOfAlpinesMirror(_ mirror: RealApkTests.Mirror) throws {
    let folder = try RealApkTests.folder(mirror)
    let fixture = try ExpanderFixture()
    let keys = try RealApkTests.builtInKeys()
    let index = try AlpineSignedIndex.open(
      try Array(Data(contentsOf: URL(filePath: folder + "/APKINDEX.tar.gz"))), keys: keys,
      subject: "APKINDEX")
    let checksums = RealApkTests.checksums(index)
    #expect(checksums.count == mirror.count)
    for (name, checksum) in checksums {
      let file = try fixture.file(Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))))
      let form = PackageForm.alpine(checksum: checksum, keys: keys)
      let cold = try fixture.expand(file, form: form)
      let warm = try #require(fixture.expander.stored(file.digest, form: form))
      #expect(try ExpanderFixture.differences(cold, warm) == [], "\(name)")
    }
  }

  @Test func aRefusedOrCancelledPackageLeavesNothing() throws {
    let fixture = try ExpanderFixture()
    var builder = ExpanderFixture.everyKind()
    let whole = try fixture.file(try builder.bytes())
    var asked = 0
    let cancelled = #expect(throws: ComposeError.self) {
      try fixture.expand(whole) {
        asked += 1
        return asked > 12
      }
    }
    #expect(cancelled?.code == .cancelled)
    builder.symlink("/usr/evil", to: "../../etc")
    let evil = try fixture.file(try builder.bytes())
    let refused = #expect(throws: ComposeError.self) { try fixture.expand(evil) }
    #expect(refused?.code == .unsafePath)
    #expect(try fixture.files() == [])
    #expect(fixture.expander.stored(whole.digest, form: .debian) == nil)
  }

  @Test func aStoreThatCannotKeepServesThisRun() throws {
    let fixture = try ExpanderFixture()
    // A file where the folder should be.
    try fixture.directory.write("", to: "store/expanded")
    let file = try fixture.file(try ExpanderFixture.everyKind().bytes())
    let package = try fixture.expand(file)
    #expect(
      try DebFixture.dump(package)
        == DebFixture.dump(try DebFixture().unpack(ExpanderFixture.everyKind())))
    #expect(try fixture.files() == ["expanded"])
  }

  @Test func contentsSurviveTheFilesRemoval() throws {
    let fixture = try ExpanderFixture()
    let file = try fixture.file(try ExpanderFixture.everyKind().bytes())
    let cold = try fixture.expand(file)
    let warm = try #require(fixture.expander.stored(file.digest, form: .debian))
    try FileManager.default.removeItem(atPath: fixture.directory.file(fixture.name(file)))
    #expect(try ExpanderFixture.differences(cold, warm) == [])
    #expect(fixture.expander.stored(file.digest, form: .debian) == nil)
  }

  @Test func manyTasksExpandOnePackage() async throws {
    let fixture = try ExpanderFixture()
    let file = try fixture.file(try ExpanderFixture.everyKind().bytes())
    let expected = try DebFixture.dump(try DebFixture().unpack(ExpanderFixture.everyKind()))
    try await withThrowingTaskGroup(of: [String: String].self) { group in
      for number in 0..<12 {
        group.addTask {
          let stored =
            number.isMultiple(of: 2)
            ? fixture.expander.stored(file.digest, form: .debian) : nil
          return try DebFixture.dump(try stored ?? fixture.expand(file))
        }
      }
      for try await dump in group { #expect(dump == expected) }
    }
    let warm = try #require(fixture.expander.stored(file.digest, form: .debian))
    #expect(try DebFixture.dump(warm) == expected)
    #expect(try fixture.files() == [String(fixture.name(file).dropFirst(6))])
  }
}
