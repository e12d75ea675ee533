import TestSupport
import Testing

@testable import PkgResolve

/// The whole text of each form, of one small answer with a request from a recipe, a provider and a shared dependency.
@Suite struct RenderingTests {
  static func sample() throws -> Resolution {
    let pool = try pool(
      Stanza(
        "app", "1.0-1",
        [
          "Depends": "libapp (>= 1), awk, data | other-data", "Size": "2500",
          "Installed-Size": "10",
        ]),
      Stanza("libapp", "1:1.2", ["Depends": "data", "Source": "app (1.0-1)"]),
      Stanza("data", "3", ["Architecture": "all", "Size": "1234567"]), Stanza("other-data"),
      Stanza("gawk", "5", ["Provides": "awk"]), Stanza("mawk", "1", ["Provides": "awk"]))
    let request = ResolutionRequest([
      .init(try PackageRequest(parsing: "app"), location: "r.yaml:3:7"),
      .init(try PackageRequest(parsing: "data=3")),
    ])
    return try ConflictDrivenSolver().solve(request, in: pool)
  }

  @Test func `a list is sorted by bytes`() throws {
    #expect(
      try Self.sample().listText() == """
        app=1.0-1 amd64
        data=3 all
        gawk=5 amd64
        libapp=1:1.2 amd64

        """)
    // As `LC_ALL=C sort` does: "=" comes after "-" and "+" and the digits, before letters.
    let pool = try pool(Stanza("a"), Stanza("a-b"), Stanza("a+"), Stanza("a1"), Stanza("aa"))
    let resolution = try ConflictDrivenSolver().solve(
      request(["aa", "a1", "a+", "a-b", "a"]), in: pool)
    #expect(
      resolution.listText() == "a+=1 amd64\na-b=1 amd64\na1=1 amd64\na=1 amd64\naa=1 amd64\n")
  }

  @Test func `a table has sizes, reasons and sums`() throws {
    #expect(
      try Self.sample().tableText() == """
        PACKAGE  VERSION  ARCH   SUITE   DOWNLOAD  INSTALLED  REASON
        app      1.0-1    amd64  trixie    2.5 kB    10.2 kB  requested
        data     3        all    trixie    1.2 MB          -  requested
        gawk     5        amd64  trixie    1.0 kB          -  app depends on awk
        libapp   1:1.2    amd64  trixie    1.0 kB          -  app depends on libapp (>= 1)

        4 packages, 1.2 MB to download, 10.2 kB installed (not known of 3)

        """)
  }

  @Test func `a tree opens each package once`() throws {
    #expect(
      try Self.sample().treeText() == """
        r.yaml:3:7: app
        └── app 1.0-1 amd64  2.5 kB, 10.2 kB installed
            ├── libapp 1:1.2 amd64  1.0 kB
            │   └── data 3 all  1.2 MB
            ├── gawk 5 amd64  1.0 kB
            └── data 3 all  1.2 MB (*)
        data=3
        └── data 3 all  1.2 MB (*)

        4 packages, 1.2 MB to download, 10.2 kB installed (not known of 3)

        """)
  }

  @Test func `a tree ends where dependencies go round, however long they are`() throws {
    let count = 5000
    let stanzas = (0..<count).map { number in
      Stanza("p\(number)", "1", ["Depends": "p\((number + 1) % count)"])
    }
    let pool = try PackagePool(architecture: "amd64", indexes: [index(stanzas)])
    let text = try ConflictDrivenSolver().solve(request(["p0"]), in: pool).treeText()
    #expect(text.hasPrefix("p0\n└── p0 1 amd64  1.0 kB\n    └── p1 1 amd64  1.0 kB\n"))
    #expect(text.contains("p0 1 amd64  1.0 kB (*)\n\n5000 packages, "))
    #expect(text.utf8.count < count * 400)
  }

  @Test func `DOT`() throws {
    #expect(
      try Self.sample().dotText() == """
        digraph packages {
          rankdir=LR;
          node [shape=box, fontname="sans-serif"];
          "app" [label="app\\n1.0-1\\n2.5 kB", style="filled,bold", fillcolor="#dbe9ff"];
          "data" [label="data\\n3\\n1.2 MB", style="filled,bold", fillcolor="#dbe9ff"];
          "gawk" [label="gawk\\n5\\n1.0 kB"];
          "libapp" [label="libapp\\n1:1.2\\n1.0 kB"];
          "app" -> "libapp";
          "app" -> "gawk";
          "app" -> "data";
          "libapp" -> "data";
        }

        """)
  }

  @Test func `Mermaid`() throws {
    #expect(
      try Self.sample().mermaidText() == """
        flowchart LR
          p0["app<br/>1.0-1<br/>2.5 kB"]
          p1["data<br/>3<br/>1.2 MB"]
          p2["gawk<br/>5<br/>1.0 kB"]
          p3["libapp<br/>1:1.2<br/>1.0 kB"]
          p0 --> p3
          p0 --> p2
          p0 --> p1
          p3 --> p1
          classDef requested fill:#dbe9ff,stroke-width:3px
          class p0,p1 requested

        """)
  }

  @Test func `JSON holds everything under fixed keys`() throws {
    let resolution = try ConflictDrivenSolver().solve(
      ResolutionRequest([
        .init(try PackageRequest(parsing: "app"), location: "r.yaml:3:7"),
        .init(try PackageRequest(parsing: "!data")),
      ]),
      in: pool(
        Stanza("app", "1", ["Depends": "data, x | y", "Installed-Size": "10", "Source": "s (9)"]),
        Stanza("x"), Stanza("y")))
    let report = ResolutionReport(
      recipe: "r.yaml",
      parts: [.init(platform: "linux/amd64", architecture: "amd64", resolution: resolution)])
    let digest = "sha256:" + String(repeating: "0a", count: 32)
    #expect(
      String(decoding: report.json(), as: UTF8.self) == """
        {
          "format": 1,
          "recipe": "r.yaml",
          "resolutions": [
            {
              "architecture": "amd64",
              "choices": [
                {
                  "chosen": "x",
                  "others": [
                    "y"
                  ],
                  "package": "app",
                  "reason": "the first alternative",
                  "relation": "x | y"
                }
              ],
              "installedSize": 10240,
              "packages": [
                {
                  "architecture": "amd64",
                  "digest": "\(digest)",
                  "filename": "pool/p_1_amd64.deb",
                  "index": "trixie main",
                  "installedSize": 10240,
                  "line": 1,
                  "name": "app",
                  "reason": "requested",
                  "requirements": [
                    {
                      "packages": [],
                      "relation": "data"
                    },
                    {
                      "packages": [
                        "x"
                      ],
                      "relation": "x | y"
                    }
                  ],
                  "size": 1000,
                  "source": "s",
                  "sourceVersion": "9",
                  "suite": "trixie",
                  "version": "1"
                },
                {
                  "architecture": "amd64",
                  "digest": "\(digest)",
                  "filename": "pool/p_1_amd64.deb",
                  "index": "trixie main",
                  "line": 11,
                  "name": "x",
                  "reason": "app depends on x | y",
                  "requirements": [],
                  "size": 1000,
                  "source": "x",
                  "sourceVersion": "1",
                  "suite": "trixie",
                  "version": "1"
                }
              ],
              "platform": "linux/amd64",
              "requests": [
                {
                  "location": "r.yaml:3:7",
                  "packages": [
                    "app"
                  ],
                  "request": "app"
                }
              ],
              "size": 2000,
              "waived": [
                "app depends on data"
              ],
              "warnings": []
            }
          ]
        }

        """)
  }

  @Test func `terminals get emphasis, and nothing that an index says`() throws {
    let escape = "\u{1B}]0;title\u{7}\u{1B}[31m\u{202E}\n"
    let records = try index([Stanza("app")], suite: "s" + escape)
    let package = Resolution.Package(
      record: try #require(records.first), reason: "r" + escape, requirements: [])
    let resolution = Resolution(
      packages: [package],
      requests: [.init(text: "q" + escape, location: "l" + escape, packages: [0])],
      choices: [], waived: [], warnings: [])
    let written = #"\u{1b}]0;title\u{7}\u{1b}[31m\u{202e}\u{a}"#
    #expect(
      resolution.treeText(style: .terminal) == """
        \u{1B}[1ml\(written): q\(written)\u{1B}[0m
        └── app 1 amd64\u{1B}[2m  1.0 kB\u{1B}[0m

        1 package, 1.0 kB to download, 0 B installed (not known of 1)

        """)
    let table = resolution.tableText(style: .terminal)
    #expect(table.hasPrefix("\u{1B}[1mPACKAGE  VERSION"))
    #expect(table.contains("s\(written)") && table.contains("r\(written)"))
    #expect(table.utf8.count { $0 == 0x1B } == 2)
    #expect(!table.contains("\u{202E}"))
    #expect(resolution.whyText("app")?.hasPrefix("l\(written): q\(written)\n") == true)
  }

  @Test func `no name breaks out of a graph`() throws {
    #expect(Resolution.dotQuoted(#"a"] x [l="\"#) == #""a\"] x [l=\"\\""#)
    #expect(Resolution.dotQuoted("a\n\u{0}") == #""a\\u{a}\\u{0}""#)
    #expect(Resolution.mermaidEscaped(#"a"]<b>;`#"#) == "a#34;#93;#60;b#62;#59;#96;#35;")
    #expect(Resolution.mermaidEscaped("end\n-->é") == "end#92;u#123;a#125;--#62;é")
  }

  @Test func `graphviz reads back what was quoted`() throws {
    let dot = try #require(HostProgram.find("dot"), "apt-get install graphviz")
    let hostile = [#"a"b"#, #"a\"#, #"\""#, "a\nb", "<b>x</b>", "é\u{1B}", "digraph", ""]
    let names = hostile.map(Resolution.dotQuoted)
    let graph = "digraph g {" + names.map { "\($0) [label=\($0)];" }.joined() + "}"
    let outcome = try dot.check(["-Tplain"], input: Array(graph.utf8))
    #expect(outcome.errors == "")
    #expect(outcome.output.split(separator: "\n").count { $0.hasPrefix("node ") } == hostile.count)
    let drawn = try dot.check(["-Tsvg"], input: Array(Self.sample().dotText().utf8))
    #expect(drawn.output.contains(">libapp</text>"))
  }
}
