import FoundationEssentials
import TestSupport
import Testing

/// `build --report` and `show --report`.
@Suite struct ReportTests {
  @Test func twoBuildsMakeOneReport() throws {
    let pages = try (0..<2).map { _ in
      let bench = try Bench()
      _ = try bench.build(["--report", bench.scratch.file("report.html")])
      return try bench.text(bench.scratch.file("report.html"))
    }
    #expect(pages[0] == pages[1])
    let page = pages[0]
    #expect(page.contains("<h1><bdi>Sample</bdi></h1>"))
    #expect(page.contains("<dd><code>example/sample:latest</code></dd>"))
    #expect(page.contains("<strong>libgreet1</strong>"))
    #expect(page.contains("hello depends on libgreet (&gt;= 1.0)"))
    #expect(page.contains("<small>clears set-user-ID and set-group-ID bits</small>"))
    #expect(page.contains("<tr><th scope=\"row\"><code>/usr/bin/dash</code></th><td>shell</td>"))
    #expect(!page.contains("/tmp/") && !page.contains("file://"))
    #expect(page.hasSuffix("</body>\n</html>\n"))
  }

  @Test func anUnchangedImageIsMadeAgainForItsReport() throws {
    let bench = try Bench()
    #expect(try bench.run("lock").exitCode == 0)
    let digest = try bench.build()
    let report = bench.scratch.file("report.html")
    #expect(try bench.build(["--report", report]) == digest)
    #expect(try bench.text(report).contains(digest))
  }

  @Test func imageLedgerAndReportAreThereTogetherOrNotAtAll() throws {
    let bench = try Bench()
    // A layout cannot take a file's place.
    try bench.scratch.write("in the way", to: "result/image/file")
    let outcome = try bench.run(
      "build",
      [
        "--output", bench.scratch.file("result/image/file/below"),
        "--report", bench.scratch.file("report.html"), "--ledger", bench.scratch.file("l.json"),
      ])
    #expect(outcome.exitCode == 73, "\(outcome.errors)")
    #expect(!bench.exists(bench.scratch.file("report.html")))
    #expect(!bench.exists(bench.scratch.file("l.json")))
    // Told before any work.
    let nowhere = try bench.run(
      "build",
      ["--output", bench.output, "--report", bench.scratch.file("no/report.html")], mirror: "/none")
    #expect(nowhere.errors.contains("no/report.html: cannot be written"))
  }

  @Test(arguments: [
    (["build", "a.yaml", "b.yaml", "--report", "r"], "--report goes with one recipe"),
    (["build", "a.yaml", "--report", ""], "--report is empty"),
    (["build", "a.yaml", "--report", "-"], "--report -: standard output holds the digest"),
    (
      ["build", "a.yaml", "--report", "x", "--ledger", "x"], "--ledger and --report name one file"
    ),
    (["show", "a", "b", "--report", "r"], "--report goes with one image"),
    (
      ["show", "a.lock.json", "--report", "r"], "--report goes with an image; a.lock.json is a lock"
    ),
    (["show", "a", "--report", "r", "--json"], "--report and --json exclude each other"),
  ])
  func whatCannotBeIsRefused(words: [String], message: String) throws {
    let outcome = try ComposeProgram.run(words)
    #expect(outcome.exitCode == 64)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test func anImageAloneTellsWhatItCan() throws {
    let bench = try Bench()
    let digest = try bench.build()
    let outcome = try ComposeProgram.run(["show", bench.output, "--report", "-"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.contains(digest))
    #expect(outcome.output.contains("Told by the image alone"))
    #expect(outcome.output.contains("<strong>hello</strong>"))
    #expect(outcome.output.contains("<strong>nonroot</strong>"))
    let file = bench.scratch.file("image.html")
    let written = try ComposeProgram.run(["show", bench.output, "--report", file])
    #expect(written.output == "")
    #expect(try bench.text(file) == outcome.output)
  }

  @Test func alpinesPackagesSayTheirLicenceThemselves() throws {
    let bench = try AlpineBench()
    let report = bench.scratch.file("report.html")
    _ = try bench.build(["--report", report])
    let shown = try ComposeProgram.run(["show", bench.output, "--report", "-"])
    let pages = [try String(contentsOf: URL(filePath: report), encoding: .utf8), shown.output]
    for page in pages {
      let row = try #require(
        page.split(separator: "\n").first { $0.contains("<strong>greet</strong>") })
      #expect(row.contains("<td>MIT</td>"), "\(row)")
    }
    #expect(pages[0].contains("<td>v3.22/main</td>"))
    #expect(!pages[0].contains(bench.mirror))
  }

  /// Names, values and texts that would be markup, steer a terminal or turn the text around them.
  private static func hostileBench() throws -> Bench {
    var deb = DebBuilder("odd", version: "1.0~x+y-1")
    let name = "</code><script>alert(1)</script>\u{202E}\u{1B}[2J\" onload=\"x"
    deb.file("/usr/share/odd/" + name.replacing("/", with: "\u{2215}"), "text\n", mode: 0o4755)
    deb.file("/usr/share/man/" + name.replacing("/", with: "\u{2215}"), "text\n")
    deb.file(
      "/usr/share/doc/odd/copyright",
      "Format: https://x/copyright-format/1.0/\nLicense: <img src=x onerror=alert(1)>\u{202E}\n")
    let more = #"""
      environment:
        EVIL: "</style><script>alert(1)</script>"
      labels:
        "<b>": "\u202e\u001b[2J'\""
      entrypoint: ["<svg onload=alert(1)>", "a b"]

      """#
    return try Bench(Bench.recipe(packages: ["odd"], more), publishing: [deb])
  }

  private static func pages(_ bench: Bench) throws -> [String] {
    let report = bench.scratch.file("report.html")
    let built = try bench.run(
      "build", ["--output", bench.output, "--report", report], mirror: bench.ownArchive)
    try #require(built.exitCode == 0, "\(built.errors)")
    let shown = try ComposeProgram.run(
      ["show", bench.output, "--report", bench.scratch.file("image.html")])
    try #require(shown.exitCode == 0, "\(shown.errors)")
    return [report, bench.scratch.file("image.html")]
  }

  @Test func nothingInAnImageBecomesMarkup() throws {
    let bench = try Self.hostileBench()
    for path in try Self.pages(bench) {
      let page = try bench.text(path)
      #expect(!page.contains("<script") && !page.contains("<img") && !page.contains("<svg o"))
      #expect(!page.contains("\u{202E}") && !page.contains("\u{1B}"))
      #expect(page.contains("&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;"))
      #expect(page.contains("&lt;img src=x onerror=alert(1)&gt;\\u{202e}"))
      #expect(page.contains("<code>\\u{202e}\\u{1b}[2J&#39;&quot;</code>"))
    }
  }

  /// As a browser and an accessibility checker see them.
  @Test(.enabled(if: ReportCheck.program != nil))
  func aBrowserFindsNoFault() throws {
    let check = try #require(ReportCheck.program)
    let plain = try Bench()
    let hostile = try Self.hostileBench()
    let outcome = try check.run(
      [ReportCheck.script] + Self.pages(hostile)
        + {
          let report = plain.scratch.file("plain.html")
          _ = try plain.build(["--report", report, "--platform", "linux/amd64,linux/arm64"])
          return [report]
        }())
    #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.errors)")
  }
}

/// `scripts/check-report.py` and what it needs.
enum ReportCheck {
  static let script = Repository.root + "/scripts/check-report.py"

  /// A Python that has all modules, where Chromium is there too; nil where something is missing.
  static let program: HostProgram? = {
    let browsers = ["chromium", "chromium-browser", "google-chrome"]
    guard browsers.contains(where: { HostProgram.find($0) != nil }),
      HostProgram.find("chromedriver") != nil
    else { return nil }
    let own = Repository.root + "/.build/report-check/bin/python3"
    let found =
      FileManager.default.isExecutableFile(atPath: own)
      ? HostProgram(path: own) : HostProgram.find("python3")
    let modules = "import html5lib, selenium, axe_selenium_python"
    return (try? found?.run(["-c", modules]).succeeded) == true ? found : nil
  }()
}
