/// A difference for a terminal: columns, the title of each table above them.
struct DifferenceText {
  let document: DifferenceDocument
  let bound: DifferenceBound

  /// No column is wider, so that one long value does not push all others aside.
  private static let widest = 60

  var lines: [String] {
    var lines = [text(document.title)]
    for section in document.sections {
      lines.append("")
      if let heading = section.heading { lines.append(text(heading)) }
      lines += section.notes.map { line($0) }
      for (index, table) in section.tables.enumerated() {
        if index > 0 || !section.notes.isEmpty { lines.append("") }
        lines += self.lines(table)
      }
    }
    return lines + ["", line(document.conclusion)]
  }

  private func lines(_ table: DifferenceDocument.Table) -> [String] {
    let rows = table.rows.map { $0.map(text) }
    let widths = table.columns.indices.map { column in
      let cells = rows.map { column < $0.count ? $0[column].count : 0 }
      return min(Self.widest, max(table.columns[column].count, cells.max() ?? 0))
    }
    func line(_ mark: String, _ cells: [String]) -> String {
      var line = "  " + mark
      for (cell, width) in zip(cells, widths) {
        line += cell + String(repeating: " ", count: max(0, width - cell.count) + 2)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
    let head = (table.subject.map { text($0) + ": " } ?? "") + table.title
    var lines = ["  " + head]
    if table.columns.contains(where: { !$0.isEmpty }) {
      lines.append(line(table.isMarked ? "    " : "  ", table.columns))
    }
    lines += rows.map { line(table.isMarked ? "  ! " : "  ", $0) }
    if table.omitted > 0 {
      lines.append("    and \(table.omitted) more; --all shows them")
    }
    return lines
  }

  private func text(_ cell: DifferenceDocument.Cell) -> String { line(cell.text) }

  private func line(_ text: String) -> String {
    ForeignText.line(text, limit: bound.characters)
  }
}
