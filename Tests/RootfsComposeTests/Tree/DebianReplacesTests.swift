import TestSupport
import Testing

@testable import RootfsCompose

@Suite("Debian's Replaces, versions included")
struct DebianReplacesTests {
  @Test(arguments: [
    ("old", true), ("other, old", true), ("older", false), ("old-data", false),
    ("old (<< 1:2.0-1~)", true), ("old (<< 1:1.5-1)", false), ("old (<= 1:1.5-1)", true),
    ("old (<< 2.0)", false), ("old (= 1:1.5-1)", true), ("old (= 1.5-1)", false),
    ("old (>= 1:1.5)", true), ("old (>> 1:1.5-1)", false),
    ("old (<< 1:1), old (>= 1:1.5)", true), ("old:any (<< 1:2)", true), ("old:amd64", true),
    ("old:arm64", false), ("virtual", false), ("old (<< 1:2", false), ("old (<< -)", false),
  ])
  func field(_ field: String, _ expected: Bool) throws {
    let fixture = try DebFixture()
    var old = DebBuilder(
      "old", version: "1:1.5-1", fields: [("Provides", "virtual")], compression: .none)
    old.file("/etc/x", "old")
    var new = DebBuilder("new", fields: [("Replaces", field)], compression: .none)
    new.file("/etc/x", "new")
    let packages = [try fixture.unpack(new), try fixture.unpack(old)]
    let policy = DebianMergePolicy(architecture: "amd64")
    guard expected else {
      #expect(throws: ComposeError.self) { try ComposedTree.merge(packages, policy: policy) }
      return
    }
    let composed = try ComposedTree.merge(packages, policy: policy)
    #expect(try composed.tree["etc/x"]?.content?.text() == "new")
    #expect(composed.ledger.owners["etc/x"] == "new")
  }

  @Test func withoutTheFieldNothingIsReplaced() throws {
    let fixture = try DebFixture()
    let old = try fixture.unpack(DebBuilder("old", compression: .none))
    let new = try fixture.unpack(DebBuilder("new", compression: .none))
    #expect(!DebianMergePolicy.replaces(new, old))
  }
}
