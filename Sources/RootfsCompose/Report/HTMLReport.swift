import FoundationEssentials
import OCIImage
import PkgResolve

/// A report as one HTML page that needs nothing but itself: no script, no font, no picture from elsewhere.
///
/// The page's Content-Security-Policy forbids all but its own style sheet, which it names by digest. Source: W3C CSP
/// Level 3, 2.3.1 "Hash source expressions".
public struct HTMLReport: Sendable {
  let report: ImageReport

  public init(_ report: ImageReport) { self.report = report }

  /// The page, in UTF-8.
  public var bytes: [UInt8] { Array(page.markup.utf8) }

  private var page: HTML {
    HTML.document(language: "en", head: head, body: body)
  }

  private var head: HTML {
    .join([
      tag(.meta, .utf8),
      HTML.lineEnd,
      tag(.meta, all: HTML.Attribute.policy(Self.policy)) {},
      HTML.lineEnd,
      tag(
        .meta, all: HTML.Attribute.meta("viewport", "width=device-width, initial-scale=1")
      ) {},
      HTML.lineEnd,
      tag(.meta, all: HTML.Attribute.meta("color-scheme", "light dark")) {},
      HTML.lineEnd,
      tag(.meta, all: HTML.Attribute.meta("generator", ToolVersion.tool)) {},
      HTML.lineEnd,
      tag(.title, text: "\(report.title) – image report"),
      HTML.lineEnd,
      HTML.styleSheet(Self.style),
    ])
  }

  private static var policy: String {
    let digest = Digest.sha256(of: Array("\(style)".utf8))
    var bytes = [UInt8]()
    var digits = digest.hex[...]
    while let byte = UInt8(digits.prefix(2), radix: 16) {
      bytes.append(byte)
      digits = digits.dropFirst(2)
    }
    let hash = Data(bytes).base64EncodedString()
    return
      "default-src 'none'; style-src 'sha256-\(hash)'; base-uri 'none'; form-action 'none'"
  }

  private var body: HTML {
    let sections = report.platforms.enumerated().map { number, platform in
      PlatformSection(
        platform, number: number, isAlone: report.platforms.count == 1,
        isBuilt: report.build != nil)
    }
    return .join([
      tag(.a, .class("skip"), .href(to: "content"), text: "Skip to the content"),
      HTML.lineEnd,
      header,
      HTML.lineEnd,
      navigation(sections),
      HTML.lineEnd,
      tag(.main, .id("content")) {
        for section in sections { section.html }
        if let build = report.build { BuildSection(build).html }
      },
      HTML.lineEnd,
      footer,
    ])
  }

  private var header: HTML {
    tag(.header, .class("top")) {
      tag(.p, .class("kicker"), text: "Image report")
      tag(.h1) { tag(.bdi, text: report.title) }
      tag(.dl, .class("identity")) {
        if let reference = report.reference {
          Self.term("Name") { tag(.code, text: reference) }
        }
        Self.term(report.hasIndex ? "Index" : "Manifest") { tag(.code, text: report.digest) }
        Self.term("Size") { "\(byteText(report.size)) packed" }
        if report.platforms.count > 1 {
          Self.term("Platforms") { report.platforms.map(\.name).joined(separator: ", ") }
        }
        if let build = report.build {
          Self.term("Made by") {
            "\(build.tool) of \(build.distribution), variant \(build.variant)"
          }
        }
      }
    }
  }

  static func term(_ name: String, @HTMLBuilder _ content: () -> HTML) -> HTML {
    .join([tag(.dt, text: name), tag(.dd, content: content)])
  }

  private func navigation(_ sections: [PlatformSection]) -> HTML {
    tag(.nav, .label("Contents")) {
      for section in sections {
        tag(.ul) {
          if sections.count > 1 {
            tag(.li) {
              tag(.a, .class("strong"), .href(to: section.id("platform"))) { section.platform.name }
            }
          }
          for part in section.parts {
            tag(.li) { tag(.a, .href(to: section.id(part.id)), text: part.title) }
          }
          if report.build != nil, section.id("") == sections.last?.id("") {
            tag(.li) { tag(.a, .href(to: "build"), text: "Build") }
          }
        }
      }
    }
  }

  private var footer: HTML {
    tag(.footer) {
      tag(.p) {
        if report.build == nil {
          "Told by the image alone: it does not say why a package is there, where it came from, or what was taken "
          "away. A report made with the image does (build --report)."
        } else {
          "The same recipe and lock make the same report, byte for byte."
        }
      }
    }
  }
}
