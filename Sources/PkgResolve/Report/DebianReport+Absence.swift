extension DebianReport {
  /// Why no package meets a dependency: `the only libbar, 1.9-1 from trixie/main, is too old`.
  func absence(of dependency: Dependency) -> String {
    dependency.alternatives.map { absence(of: $0) }.joined(separator: "; ")
  }

  func absence(of alternative: Alternative) -> String {
    let name = alternative.name
    if let qualifier = alternative.qualifier,
      !["any", "native", pool.architecture].contains(qualifier)
    {
      return "packages of \(qualifier) cannot be in a set for \(pool.architecture)"
    }
    if let barred = pool.barred(by: alternative).first {
      return "a pin keeps out \(barred) from \(barred.origin.place)"
    }
    let packages = pool.candidates(named: name)
    if let first = packages.first {
      let fitting = packages.filter {
        alternative.constraint?.allows(pool[$0].debianVersion) ?? true
      }
      // Only ":any" keeps out a package of the right name and version.
      if let fit = fitting.first { return "\(described(fit)) is not marked Multi-Arch: allowed" }
      guard let constraint = alternative.constraint else { return described(first) }
      return mismatch(packages, constraint)
    }
    return unfit(pool.provisions(of: name), of: alternative)
  }

  /// Why those that provide a name do not meet a relation.
  private func unfit(_ providers: [PackagePool.Provider], of alternative: Alternative) -> String {
    guard let provider = providers.first else {
      return "no package is called \(alternative.name) or provides it"
    }
    if alternative.constraint == nil {
      return "\(described(provider.package)) is not marked Multi-Arch: allowed"
    }
    if providers.allSatisfy({ $0.version == nil }) {
      return
        "\(described(provider.package)) provides it without a version, which meets no relation that names one"
    }
    let shown = providers.prefix(3).map { provider in
      "\(described(provider.package)) provides it "
        + (provider.version.map { "in version \($0)" } ?? "without a version")
    }
    let more = providers.count > 3 ? ", and \(providers.count - 3) more do" : ""
    return shown.joined(separator: ", ") + more
  }

  private func mismatch(_ packages: [PackageID], _ constraint: VersionConstraint) -> String {
    let ordered = packages.sorted { pool[$0].debianVersion < pool[$1].debianVersion }
    guard let oldest = ordered.first, let newest = ordered.last else { return "" }
    let isOnly = ordered.count == 1
    // What fails a bound from below is too old however many versions there are, and the newest shows it.
    switch constraint.comparison {
    case .later, .laterOrEqual,
      .equal where pool[newest].debianVersion < constraint.version:
      return (isOnly ? "the only " : "the newest ") + described(newest, comma: true) + "is too old"
    case .earlier, .earlierOrEqual,
      .equal where pool[oldest].debianVersion > constraint.version:
      return (isOnly ? "the only " : "the oldest ") + described(oldest, comma: true) + "is too new"
    default: break
    }
    let shown = ordered.reversed().prefix(4).map {
      "\(pool[$0].version) (\(pool[$0].origin.place))"
    }
    let more = ordered.count > 4 ? " and \(ordered.count - 4) more" : ""
    return "there are only \(shown.joined(separator: ", "))\(more)"
  }

  /// `libbar 1.9-1 from trixie/main`, or `libbar, 1.9-1 from trixie/main, `.
  private func described(_ package: PackageID, comma: Bool = false) -> String {
    let record = pool[package]
    return comma
      ? "\(record.name), \(record.version) from \(record.origin.place), "
      : "\(record.name) \(record.version) from \(record.origin.place)"
  }
}
