import RootfsCompose

/// Which of several sets of packages hold a package, and in what version.
struct PackageComparison: Encodable {
  struct Entry: Encodable {
    let name: String
    /// One for each set, in their order; nil where the package is not in it.
    let versions: [String?]

    var holders: Int { versions.count { $0 != nil } }

    var difference: ComparisonTable.Difference {
      let found = versions.compactMap { $0 }
      if Set(found).count <= 1 { return .none }
      return Set(found.map(PackageComparison.upstream)).count == 1 ? .packaging : .value
    }
  }

  /// A version without what the packager added: `1.3.1` of `1:1.3.1-1+b1` and of `1.3.1-r2`.
  ///
  /// Source: deb-version(7), apk-package(5).
  static func upstream(_ version: String) -> String {
    var text = version[...]
    let epoch = text.prefix { $0.isNumber }
    if !epoch.isEmpty, text.dropFirst(epoch.count).first == ":" {
      text = text.dropFirst(epoch.count + 1)
    }
    if let dash = text.lastIndex(of: "-") { text = text[..<dash] }
    return String(text)
  }

  /// By name. A name that stands several times in one set has its versions joined.
  let entries: [Entry]
  /// How many sets there are.
  private let count: Int

  /// - Parameter sets: the packages of each, nil for one that has no such platform.
  init(_ sets: [[(name: String, version: String)]?]) {
    var versions = [String: [[String]]]()
    for (index, set) in sets.enumerated() {
      for package in set ?? [] {
        versions[package.name, default: Array(repeating: [], count: sets.count)][index]
          .append(package.version)
      }
    }
    count = sets.count { $0 != nil }
    entries = versions.map { name, versions in
      Entry(
        name: name, versions: versions.map { $0.isEmpty ? nil : $0.joined(separator: ", ") })
    }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  func encode(to encoder: any Encoder) throws { try entries.encode(to: encoder) }

  /// What several hold, and then what each holds alone.
  ///
  /// - Parameter detail: what stands for a package of one set; its version where nil.
  func tables(
    heads: [String], detail: ((_ name: String, _ set: Int) -> String?)? = nil
  ) -> [ComparisonTable] {
    func cells(_ entry: Entry) -> [String?] {
      entry.versions.enumerated().map { index, version in
        version.flatMap { detail?(entry.name, index) ?? $0 }
      }
    }
    let shared = entries.filter { $0.holders > 1 }
    let other = shared.count { $0.difference == .value }
    let all = count == 2 ? "both" : "several"
    var tables = [
      ComparisonTable(
        title: "packages in \(all): \(shared.count)"
          + (other > 0 ? ", \(other) of different versions" : ""), heads: [],
        rows: shared.map {
          ComparisonTable.Row($0.name, cells($0), $0.holders < count ? .value : $0.difference)
        })
    ]
    for (index, head) in heads.enumerated() {
      let own = entries.filter { $0.holders == 1 && $0.versions[index] != nil }
      tables.append(
        ComparisonTable(
          title: "only in \(head): \(own.count)", heads: [],
          rows: own.map { entry in
            ComparisonTable.Row(entry.name, cells(entry).map { $0 ?? "" }, differs: false)
          }))
    }
    return tables
  }
}
