import Testing

@testable import RootfsCompose

/// Input that is made to break a reader.
struct HostileRecipeTests {
  private func errors(_ text: String) -> [String] { RecipeErrorTests.errors(of: text) }

  private func errors(bytes: [UInt8]) -> String {
    do throws(ComposeError) {
      return try RecipeFile.decode(bytes, file: "r.yaml")
    } catch {
      return error.description
    }
  }

  private static let head = "# syntax=dhi.io/build:2-debian13\n"

  @Test func aliasIsRefusedWhereItsAnchorStands() {
    #expect(
      errors(Self.head + "labels: &l {a: b}\nannotations: *l\n") == [
        "r.yaml:2:9: anchors and aliases are not supported; write the value out"
      ])
    #expect(
      errors(Self.head + "labels: *l\n") == [
        "r.yaml:2:9: anchors and aliases are not supported; write the value out"
      ])
  }

  @Test(arguments: ["k: *i", "? *i\n: x"])
  func billionLaughsEndAtOnce(_ last: String) {
    var text = Self.head + "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for (name, before) in zip("bcdefghi", "abcdefgh") {
      let uses = Array(repeating: "*\(before)", count: 9).joined(separator: ", ")
      text += "\(name): &\(name) [\(uses)]\n"
    }
    #expect(
      errors(text + last + "\n") == [
        "r.yaml:4:36: anchors and aliases are not supported; write the value out"
      ])
  }

  @Test func shellTextIsNoAlias() throws {
    let lines = Array(repeating: "    ls *x & wait &x\n", count: 40).joined()
    let text = Self.head + "paths:\n- type: file\n  path: /a\n  content: |\n" + lines
    // Forty uses of one name with an anchor's look are over the bound even as shell text.
    #expect(errors(text).count == 1)
    let ordinary = text.replacing("&x", with: "&y")
    #expect(errors(ordinary) == [])
  }

  @Test func variablesThatDoubleEnd() {
    var text = Self.head + "vars:\n  V0: 0123456789abcdef\n"
    for number in 1...20 { text += "  V\(number): ${V\(number - 1)}${V\(number - 1)}\n" }
    #expect(
      errors(text) == ["r.yaml:16:3: vars.V13: expected at most 65536 bytes after substitution"])
  }

  @Test func variablesThatRepeatEnd() {
    let long = String(repeating: "x", count: 60000)
    let uses = String(repeating: "- ${V}\n", count: 1000)
    let found = errors(Self.head + "vars:\n  V: \(long)\ncmd:\n" + uses)
    #expect(
      found == [
        "r.yaml:144:3: cmd[139]: expected variables to add at most 8388608 bytes; shorten them"
      ])
  }

  @Test(arguments: ["[", "{", "- ", "? ", "{a: [", "!!x [", "\"", "&a [", "${", "#{"])
  func nestingIsBounded(_ piece: String) {
    for count in [70, 900, 5000, 100_000] {
      let text = Self.head + "name: x\ncmd:\n  " + String(repeating: piece, count: count)
      #expect(!errors(text).isEmpty)
    }
  }

  @Test func deepButClosedNestingIsToldInWords() {
    let deep = String(repeating: "[", count: 80) + String(repeating: "]", count: 80)
    #expect(
      errors(Self.head + "cmd: " + deep + "\n") == [
        "r.yaml:2:69: expected at most 64 levels of nesting"
      ])
  }

  @Test func openReferencesCostNoMoreThanTheirLength() {
    let text = String(repeating: "${#{", count: 200_000)
    #expect(errors(Self.head + "name: '\(text)'\n") == [])
  }

  @Test func sizeIsBounded() {
    let text = Self.head + String(repeating: "#", count: 1 << 20)
    #expect(errors(text) == ["r.yaml: expected a recipe of at most 1048576 bytes"])
  }

  @Test func bytesThatAreNoTextAreRefused() {
    #expect(
      errors(bytes: Array("a: é\nb: ".utf8) + [0xff, 0x0a])
        == "r.yaml:2:4: expected UTF-8, found the byte 0xff; save the file as UTF-8")
    #expect(
      errors(bytes: Array("é: ".utf8) + [0xc3])
        == "r.yaml:1:4: expected UTF-8, found the byte 0xc3; save the file as UTF-8")
    #expect(
      errors(bytes: [0xff, 0xfe, 0x61, 0x00])
        == "r.yaml:1:1: expected UTF-8, found UTF-16; save the file as UTF-8")
    #expect(
      errors(bytes: Array("a: b\u{1}".utf8))
        == "r.yaml:1:5: expected printable text, found the character U+0001; remove it")
  }

  @Test func markAtTheStartIsSkippedAndCountsForNothing() throws {
    let recipe = try Recipe(text: "\u{feff}" + Self.head + "name: x\n", path: "r.yaml")
    #expect(recipe.definition.name == "x")
    #expect(
      errors("\u{feff}nam: x\ncompose: {distribution: debian-13}\n") == [
        "r.yaml:1:1: unknown key \"nam\"; did you mean \"name\"?"
      ])
  }

  @Test func windowsLineEndsAreLineEnds() throws {
    let text = Self.head + "contents:\n  packages:\n  - bash\n"
    let recipe = try Recipe(text: text.replacing("\n", with: "\r\n"), path: "r.yaml")
    #expect(recipe.distribution == "debian-13")
    #expect(recipe.definition.contents.packages.map(\.location.line) == [4])
    #expect(
      errors("name: a\r\nname: b\r\n") == [
        "r.yaml:2:1: the key \"name\" stands twice, first at r.yaml:1:1; remove one"
      ])
  }

  @Test(arguments: ["", "\n", "# only a comment\n", "---\n", "a", "[]", "~", "--- |\n x"])
  func whatIsNoMappingIsRefused(_ text: String) {
    #expect(errors(text).count >= 1)
  }

  @Test func severalDocumentsAreRefused() {
    #expect(
      errors(Self.head + "name: a\n---\nname: b\n") == [
        "r.yaml:3:1: expected a single document, found another; keep one recipe per file"
      ])
  }

  @Test func directivesAndTagsAreRefused() {
    #expect(
      errors(Self.head + "name: !!python/object x\n") == [
        "r.yaml:2:7: YAML tags (!…) are not supported; quote the value if it begins with \"!\""
      ])
    #expect(
      errors("%YAML 1.9\n---\nname: a\n") == [
        "r.yaml:1:1: YAML directives (%…) are not supported; remove the line"
      ])
  }

  @Test func mergeKeyIsAnUnknownKey() {
    #expect(
      errors(Self.head + "name: x\n<<: {name: y}\n")
        == ["r.yaml:3:1: unknown key \"<<\"; remove it"])
  }

  @Test func errorsOfOneFileAreBounded() {
    let keys = (1...500).map { "zzzz\($0): x\n" }.joined()
    #expect(errors(Self.head + keys).count == 100)
  }

  @Test func fileThatIsNotThereIsNamed() {
    #expect(
      Recipe.diagnose(path: "/nonexistent/r.yaml").map(\.description) == [
        "/nonexistent/r.yaml: expected a recipe file: No such file or directory; "
          + "check the path and its permissions"
      ])
    #expect(
      Recipe.diagnose(path: "/").map(\.description) == [
        "/: expected a recipe file: Is a directory; check the path and its permissions"
      ])
    #expect(Recipe.diagnose(path: "/dev/zero").map(\.code) == [.limitExceeded])
  }
}
