import OCIImage
import PkgResolve

/// The part of a report that is about one platform.
struct PlatformSection {
  struct Part {
    let id: StaticString
    let title: String
    let html: HTML
  }

  let platform: ImageReport.Platform
  let number: Int
  let isAlone: Bool
  /// Whether what is told comes from a build, and not from an image alone.
  let isBuilt: Bool

  init(_ platform: ImageReport.Platform, number: Int, isAlone: Bool, isBuilt: Bool) {
    self.platform = platform
    self.number = number
    self.isAlone = isAlone
    self.isBuilt = isBuilt
  }

  func id(_ name: StaticString) -> String { "p\(number)-\(name)" }

  /// Where several platforms have a section each, theirs are the second level.
  private var heading: HTML.Tag { isAlone ? .h2 : .h3 }

  var parts: [Part] {
    var parts = [
      Part(id: "overview", title: "Overview", html: overview),
      Part(id: "size", title: "Size", html: sizes),
      Part(id: "packages", title: "Packages", html: packages),
    ]
    if let history = platform.history {
      let section = HistorySection(history, idPrefix: "p\(number)-")
      parts.append(Part(id: "hardening", title: "Hardening", html: section.hardening))
      parts.append(Part(id: "installing", title: "Installing", html: section.installing))
    }
    parts.append(Part(id: "configuration", title: "Configuration", html: configuration))
    parts.append(Part(id: "accounts", title: "Accounts", html: accounts))
    parts.append(Part(id: "layers", title: "Layers", html: layers))
    return parts
  }

  var html: HTML {
    let body = HTML.join(
      parts.map { part in
        tag(.section, .labelled(by: id(part.id))) {
          HTML.lineEnd
          tag(heading, .id(id(part.id)), text: part.title)
          part.html
        }
      })
    if isAlone { return body }
    return tag(.section, .labelled(by: id("platform"))) {
      HTML.lineEnd
      tag(.h2, .id(id("platform")), text: platform.name)
      body
    }
  }

  // MARK: Overview

  private var overview: HTML {
    .join([
      tag(.ul, .class("figures")) {
        figure("\(platform.packages.count)", "packages")
        figure(byteText(platform.size), "packed")
        figure(byteText(platform.unpackedSize), "unpacked")
        figure("\(platform.files)", "files and links")
        figure("\(platform.layers.count)", platform.layers.count == 1 ? "layer" : "layers")
      },
      tag(.dl, .class("facts")) {
        HTMLReport.term("Platform") { platform.name }
        if let release = platform.release {
          HTMLReport.term("System") { tag(.bdi, text: release) }
        }
        HTMLReport.term("Runs as") { user }
        HTMLReport.term("Set-user-ID files") { ReportTable.paths(platform.setIDPaths) }
        HTMLReport.term("Capabilities") { ReportTable.paths(platform.capabilityPaths) }
        HTMLReport.term("Created") { platform.created ?? "unknown" }
        HTMLReport.term("Manifest") { tag(.code, text: platform.manifest) }
        HTMLReport.term("Configuration") { tag(.code, text: platform.configuration) }
      },
    ])
  }

  private func figure(_ value: String, _ name: String) -> HTML {
    tag(.li) {
      tag(.strong, text: value)
      " "
      tag(.span, text: name)
    }
  }

  private var user: String {
    let user = platform.execution.user ?? ""
    let number = user.prefix { $0 != ":" }
    let name = platform.users.first { $0.number == number && !number.isEmpty }?.name
    if user.isEmpty { return "root (no user is set)" }
    return name.map { "\(user) (\($0))" } ?? user
  }

  // MARK: Packages

  /// More are not listed: no distribution's image has as many.
  private static let maximumPackages = 5000

  private var packages: HTML {
    let columns: [ReportTable.Column] =
      [.text("Package"), .text("Version"), .text("Licences")]
      + (isBuilt ? [.text("From"), .text("Reason")] : [.text("Source")])
      + [.number("Files"), .number("Size")]
    let table = ReportTable(
      caption: "Packages, with what the image holds of each", columns: columns,
      rows: platform.packages.prefix(Self.maximumPackages).map(row))
    var notes = [String]()
    if !isBuilt {
      notes.append("Files and sizes are of those files that the image's own inventory names.")
    }
    if platform.packages.count > Self.maximumPackages {
      notes.append("The first \(Self.maximumPackages) of \(platform.packages.count).")
    }
    return .join(notes.map { tag(.p, .class("note"), text: $0) } + [table.html])
  }

  private func row(_ package: ImageReport.Package) -> [HTML] {
    let version = HTML.join([
      tag(.code, .class("version"), text: package.version), HTML(" "),
      tag(.small, text: package.architecture),
    ])
    var cells = [tag(.strong, text: package.name), version, licence(package.licence)]
    let source = package.source.map { $0 == package.name ? "" : $0 } ?? ""
    if isBuilt {
      cells.append(
        .join([
          HTML(package.suite ?? "unknown"),
          source.isEmpty
            ? .empty : .join([HTML(" "), tag(.small, text: "source \(source)")]),
        ]))
      cells.append(HTML(package.reason ?? ""))
    } else {
      cells.append(HTML(package.source ?? "unknown"))
    }
    return cells + [HTML("\(package.share.files)"), HTML(byteText(package.share.size))]
  }

  private static let licencesAtOnce = 4

  private func licence(_ licence: PackageLicence) -> HTML {
    switch licence {
    case .unknown: return tag(.span, .class("faint"), text: "unknown")
    case .text(let path):
      return .join([tag(.span, .class("faint"), text: "see "), tag(.code, text: path)])
    case .named(let names):
      guard names.count > Self.licencesAtOnce + 1 else {
        return HTML(names.joined(separator: ", "))
      }
      return .join([
        HTML(names.prefix(Self.licencesAtOnce).joined(separator: ", ")), HTML(" "),
        tag(.details) {
          tag(.summary, text: "and \(names.count - Self.licencesAtOnce) more")
          names.dropFirst(Self.licencesAtOnce).joined(separator: ", ")
        },
      ])
    }
  }
}
