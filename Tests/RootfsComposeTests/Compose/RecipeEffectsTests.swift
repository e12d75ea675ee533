import OCIImage
import Testing

@testable import RootfsCompose

@Suite("All effects of a recipe")
struct RecipeEffectsTests {
  static func apply(_ definition: Definition, to tree: inout ComposedTree) throws -> String {
    try RecipeEffects(
      definition, folder: "/nonexistent", platform: .linuxAMD64,
      distribution: OSReleaseEffectTests.trixie
    ).apply(to: &tree).user
  }

  static func packages() throws -> ComposedTree {
    try SampleTree.make(
      [
        "bin": .symlink(to: "usr/bin"), "usr/bin/app": SampleTree.program("app"),
        "usr/bin/dash": SampleTree.program("dash"), "usr/lib/app/tests/a": .file("a"),
        "usr/lib/app/tests/data": .file("d"), "usr/share/man/man1/app.1.gz": .file("m"),
        "var/log/app.log": .file("l"),
      ], owners: ["usr/bin/app": "app", "usr/lib/app/tests/a": "app"])
  }

  @Test("happen in order and end in a proven tree")
  func whole() throws {
    var definition = Definition()
    definition.compose.excludes = [
      Located("/usr/lib/app/tests/**", at: SampleTree.location),
      Located("/nothing/**", at: SampleTree.location),
    ]
    definition.compose.includes = [Located("/usr/lib/app/tests/data", at: SampleTree.location)]
    definition.paths = [
      PathsEffectTests.item(.directory, "/var/log/app") { $0.uid = 65532 },
      PathsEffectTests.item(.file, "/var/log/app/first") { $0.content = "kept: the recipe's own" },
    ]
    var tree = try Self.packages()
    #expect(try Self.apply(definition, to: &tree) == "65532:65532")
    #expect(
      tree.outline == [
        "/bin link usr/bin", "/etc dir 755", "/etc/group file 644",
        "/etc/os-release link ../usr/lib/os-release", "/etc/passwd file 644", "/home dir 755",
        "/home/nonroot dir 700 65532:65532", "/root dir 700", "/tmp dir 1777", "/usr dir 755",
        "/usr/bin dir 755", "/usr/bin/app file 755", "/usr/lib dir 755", "/usr/lib/app dir 755",
        "/usr/lib/app/tests dir 755", "/usr/lib/app/tests/data file 644",
        "/usr/lib/os-release file 644", "/usr/share dir 755", "/var dir 755", "/var/log dir 755",
        "/var/log/app dir 755 65532:0", "/var/log/app/first file 644",
      ])
    #expect(
      tree.ledger.warnings == [
        "recipe.yaml:7:3: the excluded path \"/nothing/**\" matched nothing"
      ])
    #expect(
      tree.ledger.records.first { $0.path == "/usr/lib/app/tests/a" }
        == Ledger.Record(
          action: .dropped, path: "/usr/lib/app/tests/a", rule: "excludes",
          reason: "the recipe excludes /usr/lib/app/tests/**", package: "app"))
  }

  @Test(
    "a path of the recipe that breaks a rule is refused where it stands",
    arguments: [
      (
        PathsEffectTests.item(.emptyfile, "/usr/bin/su") { $0.mode = 0o4755 },
        "/usr/bin/su breaks the hardening rule \"setuid\" (clears set-user-ID and set-group-ID bits)"
      ),
      (
        PathsEffectTests.item(.symlink, "/bin/sh") { $0.source = "app" },
        "/usr/bin/sh breaks the hardening rule \"shells\" (drops shells, links to them and their entries in /etc/shells)"
      ),
      (
        PathsEffectTests.item(.directory, "/run/app") { $0.mode = 0o777 },
        "/run/app breaks the hardening rule \"world-writable\" (clears write permission for others, but for a sticky /tmp)"
      ),
    ])
  func refused(item: Definition.PathItem, message: String) throws {
    var definition = Definition()
    definition.paths = [item]
    var tree = try Self.packages()
    #expect {
      try Self.apply(definition, to: &tree)
    } throws: {
      "\($0)" == """
        recipe.yaml:7:3: \(message); change it, or except the path from the rule under the recipe's key "compose"
        """
    }
  }

  @Test("an exception may name a path as it was before /usr was merged")
  func exceptedAlias() throws {
    var definition = Definition()
    definition.compose.exceptions = [SampleTree.exception("shells", "/bin/dash")]
    var tree = try Self.packages()
    _ = try Self.apply(definition, to: &tree)
    #expect(tree.tree["usr/bin/dash"] != nil)
    #expect(tree.ledger.warnings == [])
  }

  @Test("an exception lets the recipe's own path pass, and the ledger says so")
  func excepted() throws {
    var definition = Definition()
    definition.paths = [PathsEffectTests.item(.directory, "/run/app") { $0.mode = 0o777 }]
    definition.compose.exceptions = [SampleTree.exception("world-writable", "/run/app")]
    var tree = try Self.packages()
    _ = try Self.apply(definition, to: &tree)
    #expect(tree.tree["run/app"]?.mode == 0o777)
    #expect(tree.ledger.warnings == [])
    #expect(
      tree.deeds.contains(
        "kept /run/app [world-writable] the recipe excepts it at recipe.yaml:7:3"))
  }
}
