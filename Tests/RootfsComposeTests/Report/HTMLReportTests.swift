import OCIImage
import PkgResolve
import Testing

@testable import RootfsCompose

/// The page of a report.
@Suite struct HTMLReportTests {
  /// What no text of an image may do to a page.
  static let hostile = "</td></style><script>alert('x')</script>\u{202E}\u{1B}[2J\" onload=\"x"
  static let harmless =
    "&lt;/td&gt;&lt;/style&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\\u{202e}\\u{1b}[2J&quot; onload=&quot;x"

  static func report(_ text: String) -> ImageReport {
    let share = ImageReport.Share(files: 2, size: 1500)
    let deed = ImageReport.RuleDeeds.Deed(path: "/" + text, reason: text, package: text, size: 7)
    let deeds = ImageReport.RuleDeeds(
      rule: "shells", summary: "drops shells", dropped: [deed], changed: [deed], kept: [deed],
      added: [deed])
    let others = ImageReport.RuleDeeds(rule: text, summary: nil, added: [deed])
    let account = ImageReport.Account(
      name: text, number: "0", belonging: text, home: text, shell: text)
    let platform = ImageReport.Platform(
      name: text, manifest: text, configuration: text, created: text, size: 900,
      layers: [.init(digest: text, diffID: text, size: 900, comment: text)], unpackedSize: 3000,
      files: 4, release: text,
      packages: [
        .init(
          name: text, version: text, architecture: text, licence: .named([text]), suite: text,
          source: text + "-source", reason: text, share: share)
      ], unowned: share,
      directories: [.init(path: "/" + text, share: share, isRest: true)], users: [account],
      groups: [account],
      execution: .init(
        user: text, exposedPorts: [text], environment: ["\(text)=\(text)"], entrypoint: [text],
        command: [text], volumes: [text], workingDirectory: text, labels: [text: text],
        stopSignal: text), setIDPaths: [text], capabilityPaths: [text],
      history: .init(
        rules: [deeds, others],
        scripts: [.init(package: text, script: text, handlers: [text], detail: text)],
        warnings: [text]))
    return ImageReport(
      title: text, reference: text, digest: text, hasIndex: true, size: 900,
      platforms: [platform, platform],
      build: .init(
        tool: text, compressor: text, distribution: text, epoch: 0, recipe: text, request: text,
        variant: text,
        indexes: [.init(url: text, suite: text, digest: text, date: text, signedBy: text)],
        files: [.init(source: text, digest: text, size: 1)]))
  }

  private static func page(_ text: String) -> String {
    String(decoding: HTMLReport(report(text)).bytes, as: UTF8.self)
  }

  @Test func noTextOfAnImageBecomesMarkup() {
    let page = Self.page(Self.hostile)
    #expect(!page.contains("<script"))
    #expect(!page.contains("\u{1B}") && !page.contains("\u{202E}"))
    // Each text is there, escaped, and the page is otherwise that of a harmless text.
    let plain = Self.page("harmless")
    let marker = "@@@"
    #expect(
      page.replacing(Self.harmless, with: marker).count { $0 == "<" }
        == plain.replacing("harmless", with: marker).count { $0 == "<" })
    #expect(page.components(Self.harmless) > 40)
  }

  @Test func thePageNeedsNothingButItself() {
    let page = Self.page("x")
    #expect(
      page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"))
    let policy =
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; "
    #expect(page.contains(policy + "style-src &#39;sha256-"))
    #expect(!page.contains("url(") && !page.contains("@import") && !page.contains(" src="))
    #expect(!page.contains("http://") && !page.contains("https://") && !page.contains(" style="))
  }

  @Test func theRowOfAPackage() {
    var report = Self.report("x")
    report.platforms.removeLast()
    report.platforms[0].packages = [
      .init(
        name: "libssl3t64", version: "3.5.4-1", architecture: "amd64",
        licence: .named(["Apache-2.0", "GPL-1+", "Artistic", "MIT", "Zlib", "CC0-1.0"]),
        suite: "trixie-security", source: "openssl", reason: "python3 depends on libssl3t64",
        share: .init(files: 12, size: 5_600_000)),
      .init(
        name: "libc6", version: "2.41-12", architecture: "amd64",
        licence: .text("/usr/share/doc/libc6/copyright"), suite: "trixie", source: "libc6",
        reason: "requested", share: .init(files: 3, size: 812)),
    ]
    let page = String(decoding: HTMLReport(report).bytes, as: UTF8.self)
    #expect(
      page.contains(
        """
        <tr><th scope="row"><strong>libssl3t64</strong></th><td><code class="version">3.5.4-1</code> \
        <small>amd64</small></td><td>Apache-2.0, GPL-1+, Artistic, MIT <details><summary>and 2 more</summary>\
        Zlib, CC0-1.0</details></td><td>trixie-security <small>source openssl</small></td>\
        <td>python3 depends on libssl3t64</td><td class="number">12</td><td class="number">5.6 MB</td></tr>
        """))
    #expect(
      page.contains(
        """
        <td><span class="faint">see </span><code>/usr/share/doc/libc6/copyright</code></td><td>trixie</td>\
        <td>requested</td><td class="number">3</td><td class="number">812 B</td></tr>
        """))
    #expect(
      page.contains(
        """
        <g class="s1"><title>libssl3t64: 5.6 MB, 100.0 %</title><rect x="0" y="0" width="959.6" height="400"></rect>\
        <text x="6" y="17">libssl3t64</text><text class="minor" x="6" y="32.5">5.6 MB</text></g>
        """), "\(page)")
  }

  @Test func anImageAloneSaysWhatItDoesNotKnow() {
    var report = Self.report("x")
    report.build = nil
    report.platforms[0].history = nil
    report.platforms.removeLast()
    let page = String(decoding: HTMLReport(report).bytes, as: UTF8.self)
    #expect(page.contains("Told by the image alone"))
    #expect(!page.contains(">Hardening<") && !page.contains(">Build<"))
  }

  @Test func listsOfPathsAreBounded() {
    var report = Self.report("x")
    let deed = ImageReport.RuleDeeds.Deed(path: "/path", reason: "r", package: nil, size: 0)
    report.platforms[0].history?.rules = [
      .init(rule: "locales", summary: "s", dropped: Array(repeating: deed, count: 5000))
    ]
    report.platforms.removeLast()
    let package = report.platforms[0].packages[0]
    report.platforms[0].packages = Array(repeating: package, count: 6000)
    let page = String(decoding: HTMLReport(report).bytes, as: UTF8.self)
    #expect(page.contains("The first 5000 of 6000."))
    #expect(
      page.components("<th scope=\"row\"><strong>x</strong></th><td><code class=\"version\">")
        == 5000)
    #expect(page.components("<code>/path</code>") == 300)
    #expect(page.contains("dropped: the first 300 of 5000; build --ledger has all"))
  }
}

extension String {
  /// How often a text stands in it.
  fileprivate func components(_ text: String) -> Int { ranges(of: text).count }
}
