/// What Debian's relationship fields mean for a set of packages of one architecture.
///
/// Source: Debian Policy §7, deb-control(5).
struct DebianRules: SolverRules {
  enum Fact {
    /// Index among the names wanted.
    case request(Int)
    case dependency(PackageID, Dependency)
    case exclusion(PackageID, PackageID, verb: String, Alternative)
    /// Two versions of one package.
    case sibling(PackageID, PackageID)
  }

  let pool: PackagePool
  let selection: RequestSelection
  /// By package: dependencies that count as met because of a `!name`.
  private(set) var waived = [PackageID: [Dependency]]()
  private var encoded = Set<PackageID>()

  init(_ selection: RequestSelection, in pool: PackagePool) {
    self.pool = pool
    self.selection = selection
  }

  var packageCount: Int { pool.count }

  func initialClauses() -> [Clause<Fact>] {
    selection.wanted.enumerated().map { index, wanted in
      Clause(wanted.candidates.map(Literal.init(in:)), .request(index))
    }
  }

  mutating func clauses(of package: PackageID) throws(ResolveError) -> [Clause<Fact>] {
    encoded.insert(package)
    let record = pool[package]
    let out = Literal(out: package)
    var clauses = [Clause<Fact>]()
    for dependency in try record.requirements {
      switch candidates(for: dependency, of: package) {
      case .met: continue
      case .waived: waived[package, default: []].append(dependency)
      case .oneOf(let candidates):
        clauses.append(
          Clause([out] + candidates.map(Literal.init(in:)), .dependency(package, dependency)))
      }
    }
    for other in pool.candidates(named: record.name) where !encoded.contains(other) {
      clauses.append(Clause([out, Literal(out: other)], .sibling(package, other)))
    }
    for (verb, relations) in [
      ("conflicts with", try record.conflicts), ("breaks", try record.breaks),
    ] {
      for relation in relations {
        for other in pool.excluded(by: relation, of: package) {
          clauses.append(
            Clause(
              [out, Literal(out: other)],
              .exclusion(package, other, verb: verb, relation)))
        }
      }
    }
    return clauses
  }

  private enum Candidates {
    /// The package meets its own dependency.
    case met
    /// `!name` makes it count as met.
    case waived
    case oneOf([PackageID])
  }

  /// As apt does, every alternative is first tried with the version that a bare request would take, from left to
  /// right; other versions come after all of these.
  private func candidates(for dependency: Dependency, of package: PackageID) -> Candidates {
    if dependency.alternatives.contains(where: { selection.excluded.contains($0.name) }) {
      return .waived
    }
    var preferred = [PackageID]()
    var others = [PackageID]()
    var seen = Set<PackageID>()
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
