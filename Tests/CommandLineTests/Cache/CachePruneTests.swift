import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// What `cache prune` removes, and what it says.
@Suite struct CachePruneTests {
  @Test func outdatedFormsGoFirstThenWhatWasUsedLeastRecently() throws {
    let store = try SampleStore()
    let pruned = try store.run("prune", ["--max-size", "1M"])
    #expect(pruned.code == 0)
    #expect(pruned.errors == "")
    #expect(
      pruned.output == """
        store
            removed    files    size
            downloads      1  1.5 MB
            outdated       1   300 B
            total          2  1.5 MB
            remaining      3  2.0 kB

        """)
    #expect(
      try store.files() == [
        "built/" + SampleStore.hex("d"), "lock", "notes", "sha256/bb/" + SampleStore.hex("b"),
        "tmp/.gate",
      ])
  }

  @Test func aDryRunRemovesNothing() throws {
    let store = try SampleStore()
    let files = try store.files()
    let pruned = try store.run("prune", ["--max-size", "1M", "--dry-run"])
    #expect(pruned.code == 0)
    #expect(pruned.errors == "")
    #expect(
      pruned.output == """
        store
            would remove  files    size
            downloads         1  1.5 MB
            outdated          1   300 B
            total             2  1.5 MB
            would remain      3  2.0 kB

        """)
    #expect(try store.files() == files)
  }

  @Test func machinesGetOneDocument() throws {
    let store = try SampleStore()
    let pruned = try store.run("prune", ["--older-than", "0s", "--json"])
    #expect(pruned.code == 0)
    #expect(pruned.errors == "")
    let document = try JSON.object(pruned.output)
    #expect(
      document.filter { $0.key != "removed" } == [
        "store": "store", "dryRun": .boolean(false), "inUse": .boolean(false),
        "removedFiles": .number(4), "removedSize": .number(1_502_340), "sparedFiles": .number(0),
        "sparedSize": .number(0), "files": .number(1), "size": .number(3),
      ])
    let removed = try #require(document["removed"]).items
    #expect(removed.compactMap { $0["area"]?.text } == ["downloads", "images", "outdated"])
    #expect(removed.first?["size"] == .number(1_502_000))
  }

  @Test func whatTheProgramDidNotMakeStaysAndIsNamed() throws {
    let store = try SampleStore()
    let pruned = try store.run("prune", ["--max-size", "0"])
    #expect(pruned.code == 0)
    #expect(
      pruned.errors
        == "note: store: still over 0 B; what remains is in use, or is not the program's: see "
        + "`dhi-compose cache show`\n")
    #expect(try store.files() == ["lock", "notes", "tmp/.gate"])
  }

  @Test func whatAlreadyFitsStays() throws {
    let store = try SampleStore()
    let files = try store.files()
    for bounds in [["--max-size", "2MB"], ["--older-than", "9999w"], ["--max-size", "1.5GiB"]] {
      let pruned = try store.run("prune", bounds)
      #expect(pruned.code == 0)
      #expect(pruned.errors == "")
      #expect(
        pruned.output == """
          store
              removed    files    size
              total          0     0 B
              remaining      5  1.5 MB

          """)
    }
    #expect(try store.files() == files)
  }

  @Test func aStoreThatIsNotThereYetNeedsNoPruning() throws {
    let scratch = try TemporaryDirectory()
    let path = scratch.file("none")
    let pruned = try ComposeProgram.run(["cache", "prune", "--max-size", "1G", "--store", path])
    #expect(pruned.exitCode == 0)
    #expect(pruned.errors == "note: \(path): no build has kept anything there yet\n")
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func aBoundMustBeGiven() throws {
    let refused = try SampleStore().run("prune")
    #expect(refused.code == 64)
    #expect(refused.output == "")
    #expect(
      refused.errors.hasPrefix(
        "Error: say what may stay: --max-size 2G, --older-than 30d, or both; --max-size 0 removes "
          + "everything\nUsage: dhi-compose cache prune "))
  }

  @Test(arguments: [
    "2", "-1", "abc", "G", "1.G", ".5G", "1.2.3G", "2 G", "2Gb/s", "٣G", "1e3M",
  ])
  func aSizeIsANumberWithAUnit(size: String) throws {
    let refused = try SampleStore().run("prune", ["--max-size=\(size)"])
    #expect(refused.code == 64)
    #expect(
      refused.errors.hasPrefix(
        "Error: The value '\(size)' is invalid for '--max-size <size>': expected a number with a "
          + "unit, such as 500M, 2G or 1.5GiB\n"), "\(refused.errors)")
  }

  @Test(arguments: ["30", "30days", "-1d", "1M", "d", "1.d"])
  func anAgeIsANumberWithAUnit(age: String) throws {
    let refused = try SampleStore().run("prune", ["--older-than=\(age)"])
    #expect(refused.code == 64)
    #expect(
      refused.errors.hasPrefix(
        "Error: The value '\(age)' is invalid for '--older-than <age>': expected a number with a "
          + "unit, such as 90m, 12h, 30d or 8w\n"), "\(refused.errors)")
  }

  @Test(arguments: ["99999999999T", "999999999999999999999999G", "0.123456789012345T"])
  func aBoundBeyondAllNumbersIsRefused(size: String) throws {
    let refused = try SampleStore().run("prune", ["--max-size", size, "--dry-run"])
    #expect(refused.code == 64)
  }

  @Test(.enabled(if: geteuid() == 0, "becoming another user needs root"))
  func aStoreOfAnotherUserIsLeftAlone() throws {
    let store = try SampleStore()
    let pruned = try ComposeProgram.runAsOrdinaryUser(
      ["cache", "prune", "--max-size", "0", "--store", store.path], in: store.scratch)
    #expect(pruned.exitCode == 73)
    #expect(
      pruned.output == """
        \(store.path)
            removed    files    size
            total          0     0 B
            remaining      5  1.5 MB

        """)
    #expect(
      pruned.errors
        == "error: \(store.path)/images/blobs/sha256/\(SampleStore.hex("c")): cannot be removed: "
        + "Permission denied; run this as the store's owner\n")
  }
}
