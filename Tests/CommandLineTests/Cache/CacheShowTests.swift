import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// What `cache show` says of a store.
@Suite struct CacheShowTests {
  @Test func everyKindOfFileIsListedWithItsSizeAndUses() throws {
    let shown = try SampleStore().run("show")
    #expect(shown.code == 0)
    #expect(shown.errors == "")
    #expect(
      shown.output == """
        store
                              files    size  oldest use            newest use
            downloads             2  1.5 MB  2026-01-02T03:04:05Z  2026-02-02T02:40:00Z
            decoded packages      0     0 B  -                     -
            layer members         0     0 B  -                     -
            indexes               0     0 B  -                     -
            documents             0     0 B  -                     -
            image records         1    40 B  2026-02-25T06:13:20Z  2026-02-25T06:13:20Z
            broken downloads      0     0 B  -                     -
            work files            0     0 B  -                     -
            outdated              1   300 B  2026-02-13T16:26:40Z  2026-02-13T16:26:40Z
            other                 1     3 B  2026-02-13T16:26:40Z  2026-02-13T16:26:40Z
            total                 5  1.5 MB  2026-01-02T03:04:05Z  2026-02-25T06:13:20Z

        """)
  }

  @Test func machinesGetOneDocument() throws {
    let shown = try SampleStore().run("show", ["--json"])
    #expect(shown.code == 0)
    #expect(shown.errors == "")
    let document = try JSON.object(shown.output)
    #expect(document.keys.sorted() == ["areas", "files", "size", "store"])
    #expect(document["store"] == "store")
    #expect(document["files"] == .number(5))
    #expect(document["size"] == .number(1_502_343))
    let areas = try #require(document["areas"]).items
    #expect(
      areas.compactMap { $0["area"]?.text } == [
        "downloads", "packages", "members", "indexes", "documents", "images", "partial", "work",
        "outdated", "other",
      ])
    #expect(
      areas.first
        == .object([
          "area": "downloads", "files": .number(2), "size": .number(1_502_000),
          "oldestUse": "2026-01-02T03:04:05Z", "newestUse": "2026-02-02T02:40:00Z",
        ]))
    #expect(
      areas.dropFirst().first
        == .object(["area": "packages", "files": .number(0), "size": .number(0)]))
  }

  @Test func aStoreThatIsNotThereYetIsEmpty() throws {
    let scratch = try TemporaryDirectory()
    let path = scratch.file("none")
    let shown = try ComposeProgram.run(["cache", "show", "--store", path])
    #expect(shown.exitCode == 0)
    #expect(shown.errors == "note: \(path): no build has kept anything there yet\n")
    #expect(
      shown.output == """
        \(path)
                              files  size  oldest use  newest use
            downloads             0   0 B  -           -
            decoded packages      0   0 B  -           -
            layer members         0   0 B  -           -
            indexes               0   0 B  -           -
            documents             0   0 B  -           -
            image records         0   0 B  -           -
            broken downloads      0   0 B  -           -
            work files            0   0 B  -           -
            total                 0   0 B  -           -

        """)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func theUsersOwnStoreIsShownByDefault() throws {
    let scratch = try TemporaryDirectory()
    let shown = try ComposeProgram.run(
      ["cache", "show"], environment: ["XDG_CACHE_HOME": scratch.path])
    #expect(shown.exitCode == 0)
    #expect(shown.output.hasPrefix("\(scratch.path)/dhi-compose\n"))
  }

  @Test func aFolderThatIsNoStoreIsRefused() throws {
    let scratch = try TemporaryDirectory()
    try scratch.write("x", to: "folder/file")
    let folder = scratch.file("folder")
    for command in [["show"], ["prune", "--max-size", "0"]] {
      let refused = try ComposeProgram.run(["cache"] + command + ["--store", folder])
      #expect(refused.exitCode == 66)
      #expect(refused.output == "")
      #expect(
        refused.errors
          == "error: \(folder): is no store, for it has no file tmp/.gate; name the folder that "
          + "builds keep their downloads in\n")
      let file = try ComposeProgram.run(["cache"] + command + ["--store", folder + "/file"])
      #expect(file.exitCode == 66)
      #expect(
        file.errors
          == "error: \(folder)/file: is no folder; name the one that builds keep their downloads in\n"
      )
    }
    #expect(try scratch.read("folder/file") == Array("x".utf8))
  }

  @Test(.enabled(if: geteuid() == 0, "becoming another user needs root"))
  func aFolderThatCannotBeReadIsNamed() throws {
    let store = try SampleStore()
    chmod(store.path + "/sha256", 0)
    let shown = try ComposeProgram.runAsOrdinaryUser(
      ["cache", "show", "--store", store.path], in: store.scratch)
    #expect(shown.exitCode == 73)
    #expect(shown.output == "")
    #expect(
      shown.errors
        == "error: \(store.path)/sha256: cannot be read: Permission denied; run this as the "
        + "store's owner\n")
  }

  @Test func anEmptyNameOfAStoreIsRefused() throws {
    let refused = try ComposeProgram.run(["cache", "show", "--store", ""])
    #expect(refused.exitCode == 64)
    #expect(refused.errors.contains("--store is empty; give it a value or leave it out\n"))
  }

  @Test func aMisspeltSubcommandIsNamedWithTheOneMeant() throws {
    let refused = try ComposeProgram.run(["cache", "prnue", "--max-size", "0"])
    #expect(refused.exitCode == 64)
    #expect(
      refused.errors == "error: unknown command \"cache prnue\"; did you mean \"cache prune\"?\n")
  }
}
