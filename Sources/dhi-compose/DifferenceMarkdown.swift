/// A difference for a pull request's comment.
///
/// Source: GitHub Flavored Markdown; a comment there has at most 65,536 characters.
struct DifferenceMarkdown {
  let document: DifferenceDocument
  let bound: DifferenceBound

  /// In bytes of UTF-8, which are no fewer than characters. Leaves room for what a job puts around it.
  static let limit = 60_000
  /// What the end takes: open folds are closed, and what is left out is counted.
  private static let reserve = 600

  var text: String {
    var page = Page(room: Self.limit - Self.reserve)
    page.add("### \(cell(document.title))\n\n\(escaped(document.conclusion))\n")
    for section in document.sections {
      if let heading = section.heading { page.add("\n#### \(cell(heading))\n") }
      for note in section.notes { page.add("\n\(escaped(note))\n") }
      for table in section.tables { add(table, to: &page) }
    }
    return page.text + page.remainder
  }

  private func add(_ table: DifferenceDocument.Table, to page: inout Page) {
    let subject = table.subject.map { cell($0) + ": " } ?? ""
    let title = subject + escaped(table.title)
    let columns = table.isMarked ? [""] + table.columns : table.columns
    var head =
      table.isFolded ? "\n<details>\n<summary>\(title)</summary>\n\n" : "\n**\(title)**\n\n"
    head += row(columns.map(escaped)) + row(columns.map { _ in "---" })
    let end = table.isFolded ? "\n</details>\n" : ""
    guard page.open(head, end) else {
      page.leaveOut(table: table.rows.count)
      return
    }
    for cells in table.rows {
      page.add(
        row: row((table.isMarked ? ["⚠️"] : []) + cells.map(cell)), closing: end)
    }
    if table.omitted > 0 {
      page.add(
        row: "\nand \(table.omitted) more; `--all` shows them\n", closing: end, counts: false)
    }
    page.close(end)
  }

  private func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }

  private func cell(_ cell: DifferenceDocument.Cell) -> String {
    let text = escaped(ForeignText.line(cell.text, limit: bound.characters))
    // In code, GitHub looks for no names of people, teams or issues.
    return cell.isForeign && !text.isEmpty ? "<code>\(text)</code>" : text
  }

  /// Whatever Markdown or HTML could obey as character references: those never are markup, not in a table either, where
  /// a backslash before a bar is read in several ways.
  ///
  /// Source: GFM §2.5, "Entity and numeric character references"; §4.10, "Tables".
  private func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"", "'", "`", "*", "_", "|", "\\", "~", "[", "]", "!", "#", "@", "$":
        result += "&#\(scalar.value);"
      // An address would become a link, and so would a host's name, with or without a scheme.
      case ".": result += text.contains("www.") ? "&#46;" : "."
      case ":": result += text.utf8.contains(UInt8(ascii: "/")) ? "&#58;" : ":"
      case "\n", "\r": result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// Text that is filled up to a bound, and the count of what did not fit.
private struct Page {
  private(set) var text = ""
  private let room: Int
  private var rows = 0
  private var tables = 0
  private var isFull = false

  init(room: Int) { self.room = room }

  private func fits(_ more: String, _ end: String = "") -> Bool {
    !isFull && text.utf8.count + more.utf8.count + end.utf8.count <= room
  }

  mutating func add(_ more: String) {
    if fits(more) { text += more } else { isFull = true }
  }

  /// Whether a table, begun so, has room.
  mutating func open(_ head: String, _ end: String) -> Bool {
    guard fits(head, end) else {
      isFull = true
      return false
    }
    text += head
    return true
  }

  mutating func add(row: String, closing end: String, counts: Bool = true) {
    if fits(row, end) {
      text += row
    } else {
      isFull = true
      if counts { rows += 1 }
    }
  }

  mutating func close(_ end: String) { text += end }

  mutating func leaveOut(table count: Int) {
    tables += 1
    rows += count
  }

  /// The last line, where anything was left out.
  var remainder: String {
    guard isFull else { return "" }
    let whole = tables > 0 ? ", among them \(tables) whole table\(tables == 1 ? "" : "s")" : ""
    return "\nLeft out for want of room: \(rows) row\(rows == 1 ? "" : "s")\(whole). "
      + "`--format text --all` shows everything.\n"
  }
}
