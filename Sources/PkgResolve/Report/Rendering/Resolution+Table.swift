extension Resolution {
  /// Columns for a person, sizes in decimal units, and the sums below.
  public func tableText(style: TextStyle = .plain) -> String {
    let head = ["PACKAGE", "VERSION", "ARCH", "SUITE", "DOWNLOAD", "INSTALLED", "REASON"]
    let rows = packages.map { package in
      let record = package.record
      return [
        record.name, record.version, record.architecture, record.origin.suite,
        byteText(record.size), record.installedSize.map(byteText) ?? "-", package.reason,
      ].map(printable)
    }
    let widths = head.indices.map { column in
      ([head] + rows).reduce(0) { max($0, $1[column].count) }
    }
    func line(_ cells: [String]) -> String {
      cells.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        switch head[column] {
        case "DOWNLOAD", "INSTALLED": return padding + cell
        case "REASON": return cell
        default: return cell + padding
        }
      }.joined(separator: "  ")
    }
    let lines = [style.strong(line(head))] + rows.map(line)
    return lines.map { $0 + "\n" }.joined() + "\n" + ResolutionTotals(self).description + "\n"
  }
}
