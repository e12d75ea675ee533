import PkgResolve

/// The parts of a report that tell what was done between the packages and the image.
struct HistorySection {
  private let history: ImageReport.History
  private let idPrefix: String

  /// How many paths of one deed are listed.
  private static let maximumPaths = 300

  init(_ history: ImageReport.History, idPrefix: String) {
    self.history = history
    self.idPrefix = idPrefix
  }

  private var rules: [ImageReport.RuleDeeds] { history.rules.filter { $0.summary != nil } }

  var hardening: HTML {
    let dropped = rules.flatMap(\.dropped)
    let changed = rules.reduce(0) { $0 + $1.changed.count }
    let kept = rules.reduce(0) { $0 + $1.kept.count }
    let size = dropped.map(\.size).saturatingSum
    return .join([
      tag(.p) {
        "Dropped: \(Self.paths(dropped.count)), \(byteText(size)). Changed: \(Self.paths(changed)). "
        kept == 0 ? "No exception let anything pass." : "Let pass: \(Self.paths(kept))."
      },
      ReportTable(
        caption: "What each rule did",
        columns: [
          .text("Rule"), .number("Dropped"), .number("Bytes"), .number("Changed"),
          .number("Let pass"),
        ],
        rows: rules.map { rule in
          [
            .join([
              tag(.strong, text: rule.rule), HTML(" "),
              tag(.small, text: rule.summary ?? ""),
            ]),
            Self.number(rule.dropped.count),
            rule.dropped.isEmpty
              ? Self.number(0) : HTML(byteText(rule.dropped.map(\.size).saturatingSum)),
            Self.number(rule.changed.count), Self.number(rule.kept.count),
          ]
        }
      ).html,
      tag(.p, .class("note"), text: rules.isEmpty ? "" : "The paths, rule by rule:"),
      .join(rules.map(details)),
    ])
  }

  /// Nought as a dash, so that what a rule did stands out.
  private static func number(_ count: Int) -> HTML {
    count == 0 ? tag(.span, .class("faint"), text: "–") : HTML("\(count)")
  }

  var installing: HTML {
    let others = history.rules.filter { $0.summary == nil }
    return .join([
      warnings,
      tag(.p) {
        "No package's script was run. What installing would have made is made by these, besides what the recipe adds "
        "itself."
      },
      .join(others.map(details)),
      scripts,
    ])
  }

  private var warnings: HTML {
    guard !history.warnings.isEmpty else { return .empty }
    return tag(.div, .class("warnings")) {
      tag(.p) {
        tag(
          .strong,
          text: history.warnings.count == 1 ? "1 warning" : "\(history.warnings.count) warnings")
      }
      tag(.ul) {
        for warning in history.warnings { tag(.li, text: warning) }
      }
    }
  }

  private var scripts: HTML {
    guard !history.scripts.isEmpty else { return .empty }
    return tag(.details) {
      tag(.summary, text: "Maintainer scripts (\(history.scripts.count))")
      ReportTable(
        caption: "Maintainer scripts, and what became of what they would have done",
        columns: [.text("Package"), .text("Script"), .text("Done by"), .text("What")],
        rows: history.scripts.map { note in
          [
            tag(.strong, text: note.package), tag(.code, text: note.script),
            HTML(note.handlers.isEmpty ? "nothing" : note.handlers.joined(separator: ", ")),
            HTML(note.detail),
          ]
        }
      ).html
    }
  }

  private func details(_ rule: ImageReport.RuleDeeds) -> HTML {
    let deeds = [
      ("dropped", rule.dropped), ("changed", rule.changed), ("let pass", rule.kept),
      ("added", rule.added),
    ].filter { !$0.1.isEmpty }
    let counts = deeds.map { "\($0.0) \($0.1.count)" }.joined(separator: ", ")
    return tag(.details) {
      tag(.summary) {
        tag(.strong, text: rule.rule)
        " \(counts)"
      }
      for (name, list) in deeds {
        list.count > Self.maximumPaths
          ? tag(
            .p, .class("note"),
            text: "\(name): the first \(Self.maximumPaths) of \(list.count); build --ledger has all"
          )
          : .empty
        table(name, rule.rule, Array(list.prefix(Self.maximumPaths)))
      }
    }
  }

  private func table(
    _ name: String, _ rule: String, _ deeds: [ImageReport.RuleDeeds.Deed]
  ) -> HTML {
    let hasSizes = deeds.contains { $0.size > 0 }
    return ReportTable(
      caption: "\(rule), \(name)",
      columns: [.text("Path"), .text("Reason"), .text("Package")]
        + (hasSizes ? [.number("Size")] : []),
      rows: deeds.map { deed in
        [tag(.code, text: deed.path), HTML(deed.reason), HTML(deed.package ?? "none")]
          + (hasSizes ? [HTML(byteText(deed.size))] : [])
      }
    ).html
  }

  private static func paths(_ count: Int) -> String { count == 1 ? "1 path" : "\(count) paths" }
}
