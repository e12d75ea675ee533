import OCIImage
import PkgResolve
import RootfsCompose

/// Several images, or several locks, side by side.
struct Comparison {
  /// One platform of all of them.
  struct Section {
    let platform: String
    let rows: [ComparisonTable.Row]
    let packages: PackageComparison
    /// What stands for a package instead of its version.
    var detail: ((_ name: String, _ column: Int) -> String?)?
  }

  /// What each is called.
  let heads: [String]
  /// What is the same for every platform; none where there is nothing of the kind.
  let common: [ComparisonTable.Row]
  let sections: [Section]

  func print() {
    var tables = [[ComparisonTable]]()
    if !common.isEmpty {
      tables.append([ComparisonTable(title: "", heads: heads, rows: common)])
    }
    for section in sections {
      let facts = ComparisonTable(title: section.platform, heads: heads, rows: section.rows)
      tables.append([facts] + section.packages.tables(heads: heads, detail: section.detail))
    }
    let widths = ComparisonTable.widths(of: tables.flatMap { $0 })
    for (index, table) in tables.joined().enumerated() {
      if index > 0 { Console.print("") }
      for line in table.lines(labels: widths.labels, columns: widths.columns) {
        Console.print(line)
      }
    }
    let marks = Set(tables.joined().flatMap { $0.rows.map(\.difference) })
    let legend = [
      (ComparisonTable.Difference.value, "different"),
      (.packaging, "the same version of the program, packaged differently"),
    ].filter { marks.contains($0.0) }.map { "\($0.0.rawValue) \($0.1)" }
    let hasOwn = sections.contains { $0.packages.entries.contains { $0.holders < heads.count } }
    Console.print(
      "\n" + (legend.isEmpty && !hasOwn ? "nothing differs" : legend.joined(separator: "   ")))
  }

  /// The names of the rows that differ, by platform.
  var differing: [String: [String]] {
    Dictionary(
      sections.map { ($0.platform, $0.rows.filter(\.differs).map(\.label)) },
      uniquingKeysWith: { first, _ in first })
  }

  /// A size beside the first one: `401.0 kB (-34%)`.
  static func relative(_ sizes: [Int64?], _ text: (Int64) -> String) -> [String?] {
    let first = sizes.lazy.compactMap { $0 }.first ?? 0
    return sizes.enumerated().map { index, size in
      guard let size else { return nil }
      let change = (Double(size) - Double(first)) / Double(max(first, 1)) * 100
      let percent = Int(min(max(change, -100), 100_000).rounded())
      guard index > 0, first > 0, percent != 0 else { return text(size) }
      return "\(text(size)) (\(percent > 0 ? "+" : "")\(percent)%)"
    }
  }

  /// Names that tell the columns apart: the last part of each path, or the whole where two share it.
  static func heads(_ paths: [String]) -> [String] {
    let last = paths.map { path in path.split(separator: "/").last.map(String.init) ?? path }
    return Set(last).count == last.count ? last : paths
  }
}
