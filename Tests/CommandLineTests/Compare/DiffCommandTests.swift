import FoundationEssentials
import TestSupport
import Testing

/// `diff`: what it takes and how it ends.
@Suite struct DiffCommandTests {
  private let scratch: TemporaryDirectory

  init() throws { scratch = try TemporaryDirectory() }

  private func image(
    _ name: String, _ layers: [KeyValuePairs<String, LayeredImage.Content>]
  ) throws -> String {
    try LayeredImage(layers).write(to: scratch.file(name))
    return scratch.file(name)
  }

  @Test func aDifferenceIsAnExitCodeWhereItIsWanted() throws {
    let (old, new) = (
      try image("old", [["etc/a": "1"]]), try image("new", [["etc/a": "22"]])
    )
    #expect(try ComposeProgram.run(["diff", old, new]).exitCode == 0)
    #expect(try ComposeProgram.run(["diff", old, new, "--exit-code"]).exitCode == 1)
    let same = try ComposeProgram.run(["diff", old, old, "--exit-code"])
    #expect(same.exitCode == 0)
    #expect(same.output.hasSuffix("\n\nnothing differs: the images are the same\n"))
  }

  @Test func likeIsComparedWithLike() throws {
    let image = try image("image", [["etc/a": "1"]])
    try scratch.write("name: a\n", to: "a.yaml")
    try scratch.write("{}", to: "a.lock.json")
    let (recipe, lock) = (scratch.file("a.yaml"), scratch.file("a.lock.json"))
    for (paths, message) in [
      ([image, lock], "is an image, \(lock) is a lock; `dhi-compose verify` says"),
      ([recipe, lock], "is a recipe, \(lock) is a lock; `dhi-compose update --check` says"),
      ([image, recipe], "is an image, \(recipe) is a recipe; build the recipe"),
    ] {
      let outcome = try ComposeProgram.run(["diff"] + paths)
      #expect(outcome.exitCode == 64)
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
      #expect(outcome.output == "")
    }
  }

  @Test func theFormIsNamedOnce() throws {
    let outcome = try ComposeProgram.run(["diff", "a", "b", "--json", "--format", "text"])
    #expect(outcome.exitCode == 64)
    #expect(outcome.errors.contains("--json is short for --format json; give one of them"))
  }

  @Test func whatIsNotThereIsNamed() throws {
    let outcome = try ComposeProgram.run(["diff", "none.lock.json", "none.lock.json"])
    #expect(outcome.exitCode == 66)
    #expect(outcome.errors == "error: none.lock.json: not found; name a lock that is there\n")
    let image = try ComposeProgram.run(["diff", scratch.file("no"), scratch.file("no")])
    #expect(image.exitCode == 66)
  }

  @Test func recipesAreComparedAsWritten() throws {
    try scratch.write("name: a\ncontents:\n  packages: [b, c]\n", to: "old.yaml")
    try scratch.write("name: a\nuser: x|y\ncontents:\n  packages: [b]\n", to: "new.yaml")
    let paths = [scratch.file("old.yaml"), scratch.file("new.yaml")]
    let outcome = try ComposeProgram.run(["diff"] + paths)
    #expect(
      outcome.output == """
        old.yaml → new.yaml

          recipe
            key                change   line  before  line  after
            contents.packages  removed  3     c
            user               added                  2     x|y

        1 added, 1 removed

        """)
    #expect(try ComposeProgram.run(["diff", "--exit-code"] + paths).exitCode == 1)
    #expect(try ComposeProgram.run(["diff", "--exit-code", paths[0], paths[0]]).exitCode == 0)
  }

  /// Names in an image may be anything; nothing of them is obeyed by who shows the comment.
  @Test func hostileNamesAreTextInMarkdown() throws {
    let hostile = [
      "a|b": "|", "tick`code`": "`", "<img src=x onerror=alert(1)>": "<", "line\nbreak": "\n",
      "return\r## head": "\r", "@team #1 [x](y)": "@", "**b**_i_~~s~~": "*", "back\\|slash": "\\",
      "turn\u{202E}ed": "\u{202E}", "&lt;": "&", "</details>": "<", "\u{1B}[31m": "\u{1B}",
      "https\u{3A}evil": ":", "www.evil.example": ".",
    ]
    var after = LayeredImage([["etc/a": "1"]])
    after.execution = .init(
      user: "1", environment: ["X=</summary>|`<script>`\n\n# head", "https://a.example/=x"])
    after.layers = [["etc/a": "1"]]
    for name in hostile.keys.sorted() {
      after.layers.append(["etc/own/\(name)": .file("x", mode: 0o4755)])
    }
    after.layers.append([
      "var/lib/dpkg/status.d/x": "Package: <b>|`x`\nVersion: 1|2<br>\nArchitecture: all\n"
    ])
    try after.write(to: scratch.file("new"))
    let old = try image("old", [["etc/a": "1"]])
    let outcome = try ComposeProgram.run(
      ["diff", old, scratch.file("new"), "--format", "markdown", "--all"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let text = outcome.output
    // What is left of tags are those that we write.
    let tags = text.matches(of: /<[^>]*>/).map { String($0.output) }
    #expect(
      Set(tags) == [
        "<code>", "</code>", "<details>", "</details>", "<summary>", "</summary>",
      ])
    #expect(!text.contains("`"))
    #expect(!text.contains("@"))
    #expect(!text.contains("\\|"))
    #expect(
      text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
    #expect(!text.unicodeScalars.contains("\u{202E}"))
    #expect(!text.contains("https://"))
    #expect(!text.contains("www."))
    // No name makes a line or a column of its own.
    var columns = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("|") else {
        columns = 0
        #expect(
          line.isEmpty || line.hasPrefix("###") || line.hasPrefix("**") || line.hasPrefix("<")
            || line.contains("added"), "\(line)")
        continue
      }
      let bars = line.count { $0 == "|" }
      #expect(columns == 0 || columns == bars, "\(line)")
      columns = bars
    }
    #expect(text.contains("<code>/etc/own/a&#124;b</code>"))
    #expect(text.contains("<code>/etc/own/&lt;/details&gt;</code>") || text.contains("details"))
    #expect(text.contains(#"<code>/etc/own/line&#92;u{a}break</code>"#))
    // A terminal's text keeps each to its line too.
    let plain = try ComposeProgram.run(["diff", old, scratch.file("new")]).output
    #expect(plain.contains("line\\u{a}break"))
    #expect(!plain.unicodeScalars.contains("\u{1B}"))
    #expect(!plain.contains("\nbreak"))
  }

  /// GitHub refuses comments of more than 65,536 characters.
  @Test func aCommentIsBoundedAndSaysWhatIsMissing() throws {
    var tar = LayeredImage([["etc/a": "1"]])
    let long = String(repeating: "long/", count: 20)
    for number in 0..<520 { tar.layers.append(["opt/\(long)\(number)": "1"]) }
    try tar.write(to: scratch.file("new"))
    let old = try image("old", [["etc/a": "1"]])
    let outcome = try ComposeProgram.run(
      ["diff", old, scratch.file("new"), "--format", "markdown", "--all"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let text = outcome.output
    #expect(text.utf8.count <= 60_000)
    #expect(text.utf8.count > 50_000)
    let shown = text.split(separator: "\n").count { $0.hasPrefix("| <code>/opt/") }
    #expect(
      text.hasSuffix(
        "\nLeft out for want of room: \(520 - shown) rows. `--format text --all` shows everything.\n"
      ),
      "\(text.suffix(200))")
    #expect(text.matches(of: /<details>/).count == text.matches(of: /<\/details>/).count)
    // The usual bound shows a few of each package, and counts the rest.
    let usual = try ComposeProgram.run(["diff", old, scratch.file("new")]).output
    #expect(usual.contains("    and 510 more; --all shows them\n"))
  }
}
