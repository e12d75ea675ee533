import OCIImage
import PkgResolve
import RootfsCompose

/// Several locks side by side, as `show` prints them.
struct LockComparison {
  private let paths: [String]
  private let locks: [Lockfile]
  private let platforms: [String]

  /// - Parameter wanted: the platforms that are shown; those of any lock where nil.
  init(_ paths: [String], _ locks: [Lockfile], platforms wanted: [Platform]?) throws(ComposeError) {
    self.paths = paths
    self.locks = locks
    let there = Set(locks.flatMap(\.platforms.keys)).sorted()
    platforms = wanted?.map(\.description) ?? there
    if let missing = platforms.first(where: { !there.contains($0) }) {
      throw ComposeError(
        .notFound, paths.joined(separator: ", "), "none holds packages for \(missing)")
    }
  }

  private func packages(_ platform: String) -> [[Lockfile.Package]?] {
    locks.map { $0.platforms[platform]?.packages }
  }

  private func compared(_ platform: String) -> PackageComparison {
    PackageComparison(packages(platform).map { $0?.map { ($0.name, $0.version) } })
  }

  private var comparison: Comparison {
    Comparison(
      heads: Comparison.heads(paths), common: common,
      sections: platforms.map { platform in
        let packages = packages(platform)
        return Comparison.Section(
          platform: platform, holders: packages.indices.filter { packages[$0] != nil },
          rows: rows(platform), packages: compared(platform),
          detail: { name, column in
            let found = packages[column]?.filter { $0.name == name } ?? []
            return found.map { "\($0.version), \(byteText($0.size))" }.joined(separator: "; ")
          })
      })
  }

  private var common: [ComparisonTable.Row] {
    func row(_ label: String, _ text: (Lockfile) -> String) -> ComparisonTable.Row {
      ComparisonTable.Row(label, locks.map(text))
    }
    return [
      row("distribution") { $0.distribution },
      row("epoch") { ImageConfiguration.timestamp($0.epoch) },
      row("indexes") { lock in
        lock.indexes.map { "\($0.suite) of \($0.date)" }.joined(separator: "\n")
      },
      row("files") { $0.files.isEmpty ? "none" : $0.files.map(\.source).joined(separator: "\n") },
      row("image") { $0.image.map { "\($0.compression) by \($0.compressor)" } ?? "none" },
      row("by") { $0.tool },
    ]
  }

  private func rows(_ platform: String) -> [ComparisonTable.Row] {
    let packages = packages(platform)
    let counts = packages.map { $0.map { Int64($0.count) } }
    let sizes = packages.map { $0?.packedBytes }
    let manifests = locks.map { $0.image?.manifests[platform]?.manifest }
    let there = packages.map { $0 != nil }
    return [
      ComparisonTable.Row(
        "packages", Comparison.relative(counts) { "\($0)" }, of: counts, there: there),
      ComparisonTable.Row(
        "packed", Comparison.relative(sizes, byteText), of: sizes, there: there),
      ComparisonTable.Row(
        "manifest", manifests.map { $0.map { String($0.prefix(19)) + "…" } }, of: manifests,
        there: there),
    ]
  }

  func print() { comparison.print() }
}

extension LockComparison {
  /// What `show --json` prints of several locks.
  private struct Report: Encodable {
    struct Lock: Encodable {
      let path: String
      let lock: Lockfile
    }
    struct Platform: Encodable {
      let platform: String
      let differing: [String]
      let packages: PackageComparison
    }
    let locks: [Lock]
    let comparison: [Platform]
  }

  func json() throws -> String {
    let differing = comparison.differing
    return try JSONOutput.text(
      Report(
        locks: zip(paths, locks).map { Report.Lock(path: $0, lock: $1) },
        comparison: platforms.map { platform in
          Report.Platform(
            platform: platform, differing: differing[platform] ?? [],
            packages: compared(platform))
        }))
  }
}
