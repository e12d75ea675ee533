import Testing

@testable import RootfsCompose

/// The pieces that a report is made of.
@Suite struct HTMLTests {
  @Test(arguments: [
    ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ("a & b \"c\" 'd'", "a &amp; b &quot;c&quot; &#39;d&#39;"),
    ("&lt;", "&amp;lt;"),
    ("\u{202E}txt.exe\u{202C}", "\\u{202e}txt.exe\\u{202c}"),
    ("a\u{1B}[31m\nb\u{0}\u{7F}\u{85}", "a\\u{1b}[31m\\u{a}b\\u{0}\\u{7f}\\u{85}"),
    ("zero\u{200B}width\u{FEFF}", "zero\\u{200b}width\\u{feff}"),
    ("line\u{2028}end\u{FFFF}", "line\\u{2028}end\\u{ffff}"),
    ("tab\tand e\u{301}", "tab\\u{9}and e\u{301}"),
    ("Grüße, 日本", "Grüße, 日本"),
  ])
  func textIsEscaped(text: String, expected: String) {
    #expect(HTML(text).markup == expected)
    #expect(tag(.p, text: text).markup == "<p>\(expected)</p>")
  }

  @Test func attributesAreQuotedAndEscaped() {
    let hostile = "\" onmouseover=\"alert(1)\" x='"
    let escaped = "&quot; onmouseover=&quot;alert(1)&quot; x=&#39;"
    #expect(tag(.div, .label(hostile)).markup == "<div aria-label=\"\(escaped)\"></div>")
    #expect(tag(.a, .href(to: hostile), text: "x").markup == "<a href=\"#\(escaped)\">x</a>")
    #expect(tag(.p, .id(hostile)).markup == "<p id=\"\(escaped)\"></p>")
  }

  @Test func piecesKeepTheirOrder() {
    let list = tag(.ul, .class("x")) {
      for name in ["a", "<b>"] { tag(.li, text: name) }
      if names.isEmpty { "none" }
      "&"
    }
    #expect(list.markup == "<ul class=\"x\"><li>a</li><li>&lt;b&gt;</li>&amp;</ul>")
  }

  private let names = ["not empty"]

  @Test func oneTextCannotFillThePage() {
    let long = HTML(String(repeating: "x", count: 1_000_000)).markup
    #expect(long.count == 4001)
    #expect(long.hasSuffix("x…"))
  }

  @Test func linesOfADrawingAreInTenths() {
    let box = tag(
      .rect,
      all: HTML.Attribute.place(x: 10, y: 205) + HTML.Attribute.extent(width: 3, height: 0)
    ) {}
    #expect(box.markup == "<rect x=\"1\" y=\"20.5\" width=\"0.3\" height=\"0\"></rect>")
  }
}

/// What a package's licences are.
@Suite struct PackageLicenceTests {
  @Test(arguments: [
    (
      "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\n"
        + "License: GPL-2+ or MIT\n text\n\nLicense: MIT\n\nlicense:   MIT  \nLicense:\n",
      PackageLicence.named(["GPL-2+ or MIT", "MIT"])
    ),
    ("This package is free.\nLicense: none of a machine's\n", .text("/c")),
    ("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n", .text("/c")),
    ("", .text("/c")),
  ])
  func namesComeFromMachineReadableFiles(text: String, expected: PackageLicence) {
    #expect(PackageLicence(copyright: Array(text.utf8), at: "/c") == expected)
  }

  @Test func aFileWithoutEndGivesFewNames() {
    let many = (0..<5000).map { "License: L\($0)\r\n" }.joined()
    let text = "Format: http://x/copyright-format/1.0/\r\n" + many
    guard case .named(let names) = PackageLicence(copyright: Array(text.utf8), at: "/c") else {
      Issue.record("no names")
      return
    }
    #expect(names.count == 60)
    #expect(names.first == "L0")
  }

  @Test func anApkSaysItInAField() {
    #expect(PackageLicence(apk: "MIT AND BSD-2-Clause") == .named(["MIT AND BSD-2-Clause"]))
    #expect(PackageLicence(apk: nil) == .unknown)
    #expect(PackageLicence(apk: "") == .unknown)
  }
}
