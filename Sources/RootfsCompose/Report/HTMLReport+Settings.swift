import OCIImage
import PkgResolve

extension PlatformSection {
  // MARK: Configuration

  var configuration: HTML {
    let execution = platform.execution
    return .join([
      tag(.dl, .class("facts")) {
        HTMLReport.term("User") { code(execution.user ?? "", "none: root") }
        HTMLReport.term("Entrypoint") { words(execution.entrypoint) }
        HTMLReport.term("Command") { words(execution.command) }
        HTMLReport.term("Working folder") { code(execution.workingDirectory ?? "", "/") }
        HTMLReport.term("Ports") { code(execution.exposedPorts.sorted().joined(separator: " ")) }
        HTMLReport.term("Volumes") { code(execution.volumes.sorted().joined(separator: " ")) }
        HTMLReport.term("Stop signal") { code(execution.stopSignal ?? "", "SIGTERM") }
      },
      pairs("Environment", execution.environment.map(Self.variable)),
      pairs("Labels", execution.labels.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }),
    ])
  }

  /// What stands between the first sign of equality and its sides.
  private static func variable(_ text: String) -> (String, String) {
    let name = text.prefix { $0 != "=" }
    return (String(name), String(text.dropFirst(name.count + 1)))
  }

  private func code(_ text: String, _ absent: String = "none") -> HTML {
    text.isEmpty ? tag(.span, .class("faint"), text: absent) : tag(.code, text: text)
  }

  /// Each word by itself: a space may stand in one.
  private func words(_ words: [String]) -> HTML {
    if words.isEmpty { return code("") }
    return .join(words.map { .join([tag(.code, text: $0), HTML(" ")]) })
  }

  private func pairs(_ title: String, _ pairs: [(String, String)]) -> HTML {
    guard !pairs.isEmpty else { return .empty }
    return ReportTable(
      caption: title, columns: [.text("Name"), .text("Value")], isCaptionShown: true,
      rows: pairs.map { [tag(.code, text: $0.0), tag(.code, text: $0.1)] }
    ).html
  }

  // MARK: Accounts

  var accounts: HTML {
    guard !platform.users.isEmpty || !platform.groups.isEmpty else {
      return tag(.p, .class("note"), text: "The image lists no accounts.")
    }
    return .join([
      ReportTable(
        caption: "Users",
        columns: [
          .text("User"), .number("Number"), .number("Group"), .text("Home"), .text("Shell"),
        ], isCaptionShown: true,
        rows: platform.users.map { user in
          [
            tag(.strong, text: user.name), HTML(user.number), HTML(user.belonging),
            tag(.code, text: user.home), tag(.code, text: user.shell),
          ]
        }
      ).html,
      ReportTable(
        caption: "Groups", columns: [.text("Group"), .number("Number"), .text("Members")],
        isCaptionShown: true,
        rows: platform.groups.map { group in
          [tag(.strong, text: group.name), HTML(group.number), HTML(group.belonging)]
        }
      ).html,
    ])
  }

  // MARK: Layers

  var layers: HTML {
    ReportTable(
      caption: "Layers, the lowest first",
      columns: [.text("Holds"), .number("Packed"), .text("Digest"), .text("Diff ID")],
      rows: platform.layers.map { layer in
        [
          HTML(layer.comment ?? "not told"), HTML(byteText(layer.size)),
          tag(.code, text: layer.digest), tag(.code, text: layer.diffID),
        ]
      }
    ).html
  }
}

/// The part of a report that is about what the image was made from and with.
struct BuildSection {
  private let build: ImageReport.Build

  init(_ build: ImageReport.Build) { self.build = build }

  var html: HTML {
    tag(.section, .labelled(by: "build")) {
      HTML.lineEnd
      tag(.h2, .id("build"), text: "Build")
      tag(.dl, .class("facts")) {
        HTMLReport.term("Tool") { build.tool }
        HTMLReport.term("Distribution") { build.distribution }
        HTMLReport.term("Compressor") { build.compressor }
        HTMLReport.term("Epoch") {
          "\(ImageConfiguration.timestamp(build.epoch)) (\(build.epoch))"
        }
        HTMLReport.term("Recipe") { tag(.code, text: build.recipe) }
        HTMLReport.term("Package request") { tag(.code, text: build.request) }
      }
      indexes
      files
    }
  }

  private var indexes: HTML {
    guard !build.indexes.isEmpty else { return .empty }
    return ReportTable(
      caption: "Signed indexes that the packages were chosen from",
      columns: [
        .text("Suite"), .text("Date"), .text("Valid until"), .text("Signed by"), .text("Digest"),
      ], isCaptionShown: true,
      rows: build.indexes.map { index in
        [
          tag(.strong, text: index.suite), tag(.span, .class("whole"), text: index.date),
          HTML(
            (index.validUntil ?? "not told")
              + (index.expiredAccepted == true ? ", accepted past it" : "")),
          tag(.code, text: index.signedBy ?? "not told"), tag(.code, text: index.digest),
        ]
      }
    ).html
  }

  private var files: HTML {
    guard !build.files.isEmpty else { return .empty }
    return ReportTable(
      caption: "Files that the recipe brings in",
      columns: [.text("File"), .number("Size"), .text("Digest")], isCaptionShown: true,
      rows: build.files.map { file in
        [
          tag(.code, text: file.source), HTML(byteText(file.size)), tag(.code, text: file.digest),
        ]
      }
    ).html
  }
}
