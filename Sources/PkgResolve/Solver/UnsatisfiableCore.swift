/// Facts of which none can be left out without the rest becoming possible, as far as that is found with little work.
struct UnsatisfiableCore<Fact> {
  /// In the order the search came by them.
  let facts: [Fact]

  /// How many clauses are looked at, once more after each conflict, before the rest is left as it is: a matter of a
  /// second.
  private static var workLimit: Int { 1_000_000 }

  init(_ found: [(literals: [Literal], fact: Fact)]) throws(ResolveError) {
    let clauses = Self.dense(found.map(\.literals))
    var kept = Array(found.indices)
    // What lies far from the request is tried first, so that of two reasons the nearer one stays.
    var position = kept.count
    var work = 0
    while position > 0, work < Self.workLimit {
      position -= 1
      var trial = kept
      trial.remove(at: position)
      let search = Search(FixedClauses(trial.map { clauses[$0] }))
      let outcome = try search.run(conflictLimit: 1000, order: FirstOpen.init)
      work += trial.count * (1 + search.clauses.count - search.initialCount)
      guard case .impossible(let conflict) = outcome else { continue }
      // The proof may do without more than the one that was left out.
      let needed = Set(search.facts(behind: conflict).map(\.fact))
      position = (0..<position).count { needed.contains($0) }
      kept = trial.indices.filter(needed.contains).map { trial[$0] }
    }
    facts = kept.map { found[$0].fact }
  }

  /// The same clauses over ids without gaps: the packages of a core are few among those of the pool.
  private static func dense(_ clauses: [[Literal]]) -> [[Literal]] {
    var ids = [PackageID: PackageID]()
    return clauses.map { literals in
      literals.map { literal in
        let id = ids[literal.package] ?? PackageID(ids.count)
        ids[literal.package] = id
        return literal.isIn ? Literal(in: id) : Literal(out: id)
      }
    }
  }
}

/// Clauses that are all known from the start; a fact is a clause's position.
private struct FixedClauses: SolverRules {
  let packageCount: Int
  private let clauses: [Clause<Int>]

  init(_ literals: [[Literal]]) {
    clauses = literals.enumerated().map { Clause($1, $0) }
    packageCount = literals.joined().reduce(0) { max($0, Int($1.package) + 1) }
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
