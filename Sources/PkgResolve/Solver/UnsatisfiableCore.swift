/// Facts of which none can be left out without the rest becoming possible.
struct UnsatisfiableCore<Fact> {
  /// In the order the search came by them.
  let facts: [Fact]

  /// A core larger than this is left as the search found it.
  private static var sizeLimit: Int { 4000 }

  init(_ found: [(literals: [Literal], fact: Fact)]) throws(ResolveError) {
    var kept = Array(found.indices)
    guard kept.count <= Self.sizeLimit else {
      facts = found.map(\.fact)
      return
    }
    // What lies far from the request is tried first, so that of two reasons the nearer one stays.
    var position = kept.count
    while position > 0 {
      position -= 1
      var trial = kept
      trial.remove(at: position)
      let search = Search(FixedClauses(trial.map { found[$0].literals }))
      guard
        case .impossible(let conflict) = try search.run(
          conflictLimit: 1000, order: FirstOpen.init)
      else { continue }
      // The proof may do without more than the one that was left out.
      let needed = Set(search.facts(behind: conflict).map(\.fact))
      position = (0..<position).count { needed.contains($0) }
      kept = trial.indices.filter(needed.contains).map { trial[$0] }
    }
    facts = kept.map { found[$0].fact }
  }
}

/// Clauses that are all known from the start; a fact is a clause's position.
private struct FixedClauses: SolverRules {
  let packageCount: Int
  private let clauses: [Clause<Int>]

  init(_ literals: [[Literal]]) {
    // Ids are made dense: the packages of a core are few among those of the pool.
    var ids = [PackageID: PackageID]()
    clauses = literals.enumerated().map { index, literals in
      let mapped = literals.map { literal in
        let next = PackageID(ids.count)
        let id = ids[literal.package] ?? next
        ids[literal.package] = id
        return literal.isIn ? Literal(in: id) : Literal(out: id)
      }
      return Clause(mapped, index)
    }
    packageCount = ids.count
  }

  func initialClauses() -> [Clause<Int>] { clauses }
  func clauses(of package: PackageID) -> [Clause<Int>] { [] }
}

private struct FirstOpen: DecisionOrder {
  func next(in search: Search<FixedClauses>) -> Literal? {
    for clause in search.clauses[..<search.initialCount]
    where !clause.literals.contains(where: { search.value($0) > 0 }) {
      if let open = clause.literals.first(where: { search.value($0) == 0 }) { return open }
    }
    return nil
  }
}
