import OCIImage
import PkgResolve
import RootfsCompose

/// Several images, or several locks, side by side.
struct Comparison {
  /// One platform of all of them.
  struct Section {
    let platform: String
    /// Those that are for the platform. With one of them there is nothing to compare.
    let holders: [Int]
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
    for section in sections where section.holders.count > 1 {
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
    let alone = sections.filter { $0.holders.count < 2 }
    if !alone.isEmpty && !tables.isEmpty { Console.print("") }
    for section in alone {
      Console.print("\(section.platform): only in \(section.holders.map { heads[$0] }.joined())")
    }
    Console.print("\n" + legend(of: tables.flatMap { $0 }))
  }

  private func legend(of tables: [ComparisonTable]) -> String {
    let marks = Set(tables.flatMap { $0.rows.map(\.difference) })
    let texts = [
      (ComparisonTable.Difference.value, "different"),
      (.packaging, "the same version of the program, packaged differently"),
    ].filter { marks.contains($0.0) }.map { "\($0.0.rawValue) \($0.1)" }
    let isAlike = sections.allSatisfy { section in
      section.holders.count == heads.count
        && section.packages.entries.allSatisfy { $0.holders == heads.count }
    }
    if sections.allSatisfy({ $0.holders.count < 2 }) {
      return "nothing is compared, for no platform is in two of them"
    }
    return texts.isEmpty && isAlike ? "nothing differs" : texts.joined(separator: "   ")
  }

  /// The names of the rows that differ, by platform; none for one that is nowhere but in one of them.
  var differing: [String: [String]] {
    Dictionary(
      sections.filter { $0.holders.count > 1 }.map {
        ($0.platform, $0.rows.filter(\.differs).map(\.label))
      },
      uniquingKeysWith: { first, _ in first })
  }

  /// Numbers beside the first one: `401.0 kB (-34%)`, `22.0 MB (12×)`.
  static func relative(_ numbers: [Int64?], _ text: (Int64) -> String) -> [String?] {
    let first = numbers.lazy.compactMap { $0 }.first ?? 0
    return numbers.enumerated().map { index, number in
      guard let number else { return nil }
      guard index > 0, first > 0 else { return text(number) }
      let ratio = min(Double(number) / Double(first), 1e9)
      if ratio >= 10 { return "\(text(number)) (\(Int(ratio))×)" }
      let percent = Int((ratio * 100).rounded()) - 100
      guard percent != 0 else { return text(number) }
      return "\(text(number)) (\(percent > 0 ? "+" : "")\(percent)%)"
    }
  }

  /// Names that tell the columns apart: the last part of each path, or the whole where two share it.
  static func heads(_ paths: [String]) -> [String] {
    let last = paths.map { path in path.split(separator: "/").last.map(String.init) ?? path }
    return Set(last).count == last.count ? last : paths
  }
}
