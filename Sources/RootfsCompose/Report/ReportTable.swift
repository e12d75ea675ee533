/// A table of a report, which scrolls by itself where it is wider than the page.
struct ReportTable {
  struct Column {
    let title: String
    let isNumber: Bool

    static func text(_ title: String) -> Column { Column(title: title, isNumber: false) }
    static func number(_ title: String) -> Column { Column(title: title, isNumber: true) }
  }

  let caption: String
  let columns: [Column]
  /// Whether the caption is to be seen, and not only to be read aloud.
  var isCaptionShown = false
  let rows: [[HTML]]

  var html: HTML {
    // What scrolls must be reachable with the keyboard.
    tag(.div, .class("scroll"), .role("region"), .label(caption), .focusable) {
      tag(.table) {
        tag(.caption, isCaptionShown ? .class("shown") : .class("unseen"), text: caption)
        HTML.lineEnd
        tag(.thead) {
          tag(.tr) {
            for column in columns {
              column.isNumber
                ? tag(.th, .scope("col"), .class("number"), text: column.title)
                : tag(.th, .scope("col"), text: column.title)
            }
          }
        }
        HTML.lineEnd
        tag(.tbody) {
          for row in rows {
            tag(.tr) {
              for (position, (column, cell)) in zip(columns, row).enumerated() {
                self.cell(cell, column, isFirst: position == 0)
              }
            }
            HTML.lineEnd
          }
        }
      }
    }
  }

  private func cell(_ cell: HTML, _ column: Column, isFirst: Bool) -> HTML {
    if isFirst { return tag(.th, .scope("row")) { cell } }
    return column.isNumber ? tag(.td, .class("number")) { cell } : tag(.td) { cell }
  }

  /// How many paths of a list are shown at once.
  private static let pathsAtOnce = 6

  /// Paths in a line; many of them folded.
  static func paths(_ paths: [String]) -> HTML {
    if paths.isEmpty { return HTML("none") }
    func line(_ paths: ArraySlice<String>) -> HTML {
      .join(paths.map { .join([tag(.code, text: $0), HTML(" ")]) })
    }
    let rest = paths.dropFirst(pathsAtOnce)
    guard !rest.isEmpty else { return line(paths[...]) }
    return .join([
      line(paths.prefix(pathsAtOnce)),
      tag(.details) {
        tag(.summary, text: "and \(rest.count) more")
        line(rest.prefix(1000))
      },
    ])
  }
}
