import RootfsCompose

/// Values side by side: a column of labels, and one for each thing that is compared.
///
/// Rows that differ have a mark before their label. Long values take several lines, so that a table for two fits a
/// terminal of 96 columns; one for many grows as it must.
struct ComparisonTable {
  /// How far the values of a row lie apart.
  enum Difference: String {
    case none = ""
    /// The same version of a program, packaged differently.
    case packaging = "≈"
    case value = "≠"
  }

  struct Row {
    let label: String
    /// One for each column; nil where it has none.
    let cells: [String?]
    /// Of what the cells stand for, which their texts do not always show.
    let difference: Difference

    var differs: Bool { difference == .value }

    init(_ label: String, _ cells: [String?], _ difference: Difference) {
      self.label = label
      self.cells = cells
      self.difference = difference
    }

    /// - Parameters:
    ///   - values: what the cells stand for.
    ///   - there: which columns have the platform; one that lacks it differs from none.
    init<Value: Hashable>(
      _ label: String, _ cells: [String?], of values: [Value], there: [Bool]
    ) {
      let compared = zip(values, there).filter(\.1).map(\.0)
      self.init(label, cells, differs: Set(compared).count > 1)
    }

    init(_ label: String, _ cells: [String?], differs: Bool? = nil) {
      self.init(label, cells, differs ?? (Set(cells).count > 1) ? .value : .none)
    }
  }

  private static let width = 96
  private static let narrowest = 16
  private static let gap = 2
  private static let widestLabel = 26
  /// Characters of a value that are shown. An image may call its program by a megabyte.
  private static let longest = 2000

  let title: String
  /// What each column is of; none where the title stands alone on its line.
  let heads: [String]
  let rows: [Row]

  /// The lines, without line ends. `labels` and `columns` are widths that several tables share.
  func lines(labels: Int, columns: [Int]) -> [String] {
    var lines = heads.isEmpty ? [title] : Self.lines("", title, heads, labels, columns)
    for row in rows {
      lines += Self.lines(
        row.difference.rawValue, row.label, row.cells.map { $0 ?? "-" }, labels, columns)
    }
    return lines
  }

  /// The width of the labels and of each column, in which all tables look alike.
  static func widths(of tables: [ComparisonTable]) -> (labels: Int, columns: [Int]) {
    let labels = tables.flatMap { ($0.heads.isEmpty ? [] : [$0.title]) + $0.rows.map(\.label) }
    let label = min(labels.map(\.count).max() ?? 0, widestLabel)
    let count = tables.map(\.heads.count).max() ?? 0
    guard count > 0 else { return (label, []) }
    let room = max(narrowest, (width - 2 - label) / count - gap)
    let columns = (0..<count).map { index in
      let cells = tables.flatMap { table in
        table.rows.map { index < $0.cells.count ? $0.cells[index]?.count ?? 1 : 0 }
          + [index < table.heads.count ? table.heads[index].count : 0]
      }
      return min(room, cells.max() ?? 0)
    }
    return (label, columns)
  }

  private static func lines(
    _ mark: String, _ label: String, _ cells: [String], _ labels: Int, _ columns: [Int]
  ) -> [String] {
    let parts =
      [wrapped(label, labels)] + zip(cells, columns).map { wrapped($0, max($1, 1)) }
    let height = parts.map(\.count).max() ?? 1
    return (0..<height).map { index in
      var line = (index == 0 ? mark : "").padded(to: 2)
      for (part, width) in zip(parts, [labels] + columns) {
        line += (index < part.count ? part[index] : "").padded(to: width + gap)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  /// Lines of at most `width` characters, broken at spaces; a longer word after a slash, a comma or a colon, where it
  /// has any.
  static func wrapped(_ text: String, _ width: Int) -> [String] {
    var lines = [String]()
    let shown = text.count > longest ? text.prefix(longest) + "…" : text[...]
    // Whatever a terminal takes for the end of a line: an image's names must not stand where a row begins.
    for paragraph in shown.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      var line = ""
      func add(_ piece: Substring) {
        if line.count + piece.trimmingEnd.count > width, !line.isEmpty {
          lines.append(line.trimmingEnd)
          line = ""
        }
        line += piece
      }
      for word in pieces(of: paragraph, endingWith: " ") {
        guard word.trimmingEnd.count > width else {
          add(word)
          continue
        }
        for piece in pieces(of: word, endingWith: "/,:") {
          var rest = piece
          while rest.trimmingEnd.count > width {
            add(rest.prefix(width))
            rest = rest.dropFirst(width)
          }
          add(rest)
        }
      }
      lines.append(line.trimmingEnd)
    }
    return lines
  }

  private static func pieces(of text: Substring, endingWith ends: String) -> [Substring] {
    var pieces = [Substring]()
    var rest = text
    while let end = rest.firstIndex(where: { ends.contains($0) }) {
      let next = rest.index(after: end)
      pieces.append(rest[..<next])
      rest = rest[next...]
    }
    return rest.isEmpty ? pieces : pieces + [rest]
  }
}

extension StringProtocol {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(0, width - count))
  }

  fileprivate var trimmingEnd: String {
    var text = String(self)
    while text.last == " " { text.removeLast() }
    return text
  }
}
