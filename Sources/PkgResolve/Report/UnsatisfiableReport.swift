/// The causes of a conflict that no decision avoids, as lines of prose.
struct UnsatisfiableReport {
  private let search: Search
  private var causes = [Clause.Cause]()
  private static let lineLimit = 16

  init(_ conflict: Int, in search: Search) {
    self.search = search
    var open = [conflict]
    var seen = Set(open)
    var originals = [Int]()
    while let index = open.popLast() {
      let clause = search.clauses[index]
      var next = [Int]()
      if case .learned(let antecedents) = clause.cause {
        next = antecedents
      } else {
        originals.append(index)
      }
      for literal in clause.literals
      where search.value(literal) < 0 && search.level(of: literal.package) == 0 {
        if let reason = search.reason(of: literal.package) { next.append(reason) }
      }
      for index in next where seen.insert(index).inserted { open.append(index) }
    }
    causes = originals.sorted().map { search.clauses[$0].cause }
  }

  var error: ResolveError {
    let wanted = causes.compactMap { cause -> RequestSelection.Wanted? in
      guard case .request(let index) = cause else { return nil }
      return search.selection.wanted[index]
    }
    let others = wanted.dropFirst().map(\.description)
    let together = others.isEmpty ? "" : " together with \(others.joined(separator: ", "))"
    let lines = self.lines()
    let more =
      lines.count > Self.lineLimit ? "\n  and \(lines.count - Self.lineLimit) more causes" : ""
    return ResolveError(
      .unsatisfiable, wanted.first?.subject ?? "",
      "cannot be installed\(together):\n  "
        + lines.prefix(Self.lineLimit).joined(separator: "\n  ") + more
        + "\nask for another package or version, or add an archive that has what is missing")
  }

  /// From the request outward: what a line speaks of was named by a line before it.
  private func lines() -> [String] {
    let pool = search.pool
    var lines = [String]()
    var reached = Set<PackagePool.ID>()
    for case .request(let index) in causes {
      let wanted = search.selection.wanted[index]
      reached.formUnion(wanted.candidates)
    }
    var pending = causes
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      var rest = [Clause.Cause]()
      for cause in pending {
        guard case .dependency(let package, let dependency) = cause, reached.contains(package)
        else {
          rest.append(cause)
          continue
        }
        isGrowing = true
        let candidates = dependency.alternatives.flatMap(pool.matches)
        reached.formUnion(candidates)
        lines.append(
          "\(pool[package]) depends on \(dependency)"
            + (candidates.isEmpty ? missing(dependency) : ""))
      }
      pending = rest
    }
    for cause in pending {
      switch cause {
      case .exclusion(let package, let other, let verb, let relation):
        let name = pool[other].name == relation.name ? "" : ", which \(pool[other]) provides"
        lines.append("\(pool[package]) \(verb) \(relation)\(name)")
      case .sibling(let package, _):
        lines.append("only one version of \(pool[package].name) can be installed")
      default: break
      }
    }
    var seen = Set<String>()
    return lines.filter { seen.insert($0).inserted }
  }

  private func missing(_ dependency: Dependency) -> String {
    let known = dependency.alternatives.flatMap { search.pool.candidates(named: $0.name) }
    return known.isEmpty
      ? ", which no index has"
      : ", but " + RequestSelection.listing(known, in: search.pool)
  }
}
