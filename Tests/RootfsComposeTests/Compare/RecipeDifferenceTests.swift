import TestSupport
import Testing

@testable import RootfsCompose

/// What tells one recipe from another.
@Suite struct RecipeDifferenceTests {
  private let scratch: TemporaryDirectory

  init() throws { scratch = try TemporaryDirectory() }

  private func difference(_ before: String, _ after: String) throws -> RecipeDifference {
    try scratch.write(before, to: "old.yaml")
    try scratch.write(after, to: "new.yaml")
    return try RecipeDifference(from: scratch.file("old.yaml"), to: scratch.file("new.yaml"))
  }

  /// `KEY CHANGE LINE BEFORE LINE AFTER`
  private func lines(_ before: String, _ after: String) throws -> [String] {
    try difference(before, after).entries.map { entry in
      [
        entry.key, entry.change.rawValue, entry.lineBefore.map(String.init), entry.before,
        entry.lineAfter.map(String.init), entry.after,
      ].compactMap { $0 }.joined(separator: " ")
    }
  }

  @Test func keysAndItemsAreNamedWithTheirLines() throws {
    let before = """
      # syntax=dhi.io/build:2-debian13
      name: One
      contents:
        packages:
          - curl
          - bash
      accounts:
        users:
          - {name: app, uid: 1000}
          - {name: gone, uid: 1001}
      environment:
        LANG: C
      cmd: [run]
      """
    let after = """
      # syntax=dhi.io/build:2-debian14
      # A comment is no difference.
      contents:
        packages:
          - bash
          - '!dash'
      name: One
      accounts:
        users:
          - name: app
            uid: 1002
      environment:
        LANG: C.UTF-8
      entrypoint: [run]
      """
    #expect(
      try lines(before, after) == [
        "syntax changed 1 dhi.io/build:2-debian13 1 dhi.io/build:2-debian14",
        "contents.packages removed 5 curl", "contents.packages added 6 !dash",
        "accounts.users[app].uid changed 9 1000 11 1002",
        #"accounts.users removed 10 {"name":"gone","uid":1001}"#,
        "environment.LANG changed 12 C 13 C.UTF-8", #"cmd removed 13 ["run"]"#,
        #"entrypoint added 14 ["run"]"#,
      ])
  }

  @Test func theOrderOfAListIsOneDifference() throws {
    #expect(
      try lines("name: [a, b, a]\n", "name: [b, a, a]\n") == [
        #"name reordered 1 ["a","b","a"] 1 ["b","a","a"]"#
      ])
    #expect(try lines("name: [a, a]\n", "name: [a]\n") == ["name removed 1 a"])
  }

  @Test func typesAreTold() throws {
    #expect(try lines("name: 1\nb: x\n", "name: [1]\nb: x\n") == ["name changed 1 1 1 [1]"])
    #expect(try lines("name: a\n", "name: 'a' # quoted\n") == [])
    #expect(try lines("name: 10\n", "name: '10'\n") == [])
  }

  @Test(arguments: ["", "- a\n", "a: [\n", "a: &x 1\nb: *x\n"])
  func whatIsNoRecipeIsRefusedByItsName(text: String) throws {
    let error = try #require(throws: ComposeError.self) { try difference("a: 1\n", text) }
    #expect(error.code == .invalidRecipe)
    #expect(error.subject.contains("new.yaml"))
  }
}
