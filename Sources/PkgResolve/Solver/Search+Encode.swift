extension Search {
  /// Turns the request into clauses; returns the index of one that cannot hold.
  func encodeRequest() -> Int? {
    for (index, wanted) in selection.wanted.enumerated() {
      let clause = Clause(wanted.candidates.map(Literal.init(in:)), .request(index))
      if let conflict = add(clause) { return conflict }
    }
    return nil
  }

  /// Turns the relations of a package that was just taken in into clauses; returns the index of one that cannot hold.
  ///
  /// All of them are added even after one has failed, for this is done once for each package.
  func encode(_ package: PackagePool.ID) throws(ResolveError) -> Int? {
    markEncoded(package)
    let record = pool[package]
    let out = Literal(out: package)
    var conflict: Int?
    func append(_ clause: Clause) {
      let failed = add(clause)
      conflict = conflict ?? failed
    }

    var groups = [Int]()
    for dependency in try record.requirements {
      switch candidates(for: dependency, of: package) {
      case .met: continue
      case .waived: waived[package, default: []].append(dependency)
      case .oneOf(let candidates):
        groups.append(clauses.count)
        append(
          Clause([out] + candidates.map(Literal.init(in:)), .dependency(package, dependency)))
      }
    }
    dependencyClauses[package] = groups

    for other in pool.candidates(named: record.name)
    where other != package && !hasBeenEncoded(other) {
      append(Clause([out, Literal(out: other)], .sibling(package, other)))
    }
    for relation in try record.conflicts {
      for other in pool.excluded(by: relation, of: package) {
        let cause = Clause.Cause.exclusion(package, other, verb: "conflicts with", relation)
        append(Clause([out, Literal(out: other)], cause))
      }
    }
    for relation in try record.breaks {
      for other in pool.excluded(by: relation, of: package) {
        let cause = Clause.Cause.exclusion(package, other, verb: "breaks", relation)
        append(Clause([out, Literal(out: other)], cause))
      }
    }
    return conflict
  }

  private enum Candidates {
    /// The package meets its own dependency.
    case met
    /// `!name` makes it count as met.
    case waived
    case oneOf([PackagePool.ID])
  }

  /// As apt does, every alternative is first tried with the version that a bare request would take, from left to
  /// right; other versions come after all of these.
  private func candidates(for dependency: Dependency, of package: PackagePool.ID) -> Candidates {
    if dependency.alternatives.contains(where: { selection.excluded.contains($0.name) }) {
      return .waived
    }
    var preferred = [PackagePool.ID]()
    var others = [PackagePool.ID]()
    var seen = Set<PackagePool.ID>()
    var hasExcluded = false
    for alternative in dependency.alternatives {
      for candidate in pool.matches(alternative) where seen.insert(candidate).inserted {
        if selection.excluded.contains(pool[candidate].name) {
          hasExcluded = true
        } else if pool.isPreferredVersion(candidate) {
          preferred.append(candidate)
        } else {
          others.append(candidate)
        }
      }
    }
    if seen.contains(package) { return .met }
    // "!mawk" and "!gawk" also stand for the "awk" that nothing else would provide.
    if preferred.isEmpty && others.isEmpty && hasExcluded { return .waived }
    return .oneOf(preferred + others)
  }
}
