/// What Alpine's fields mean for a set of packages.
///
/// Source: apk-package(5), apk-world(5).
struct AlpineRules: SolverRules {
  enum Fact {
    /// Index of the request's item.
    case request(Int)
    case requestedConflict(Int, PackageID)
    case dependency(PackageID, AlpineDependency)
    case conflict(PackageID, PackageID, AlpineDependency)
    /// Both have the name or provide it, at least one of them with a version.
    case sameName(PackageID, PackageID, AlpinePool.NameID)
    /// The package cannot be installed at all.
    case fault(PackageID)
    /// Nothing but a virtual name, or a tag that is not allowed there, leads to a package that would meet a need: of
    /// a package, or of the request where that is nil.
    case unsupported(PackageID?, AlpineDependency)
  }

  let request: AlpineRequest
  let closure: AlpineClosure
  private var encoded = Set<PackageID>()

  init(_ request: AlpineRequest, in pool: AlpinePool) {
    self.request = request
    closure = AlpineClosure(request, in: pool)
  }

  var packageCount: Int { closure.members.count }

  /// The request, and what each package could need: so that one whose needs cannot be met is never tried.
  func initialClauses() -> [Clause<Fact>] {
    var clauses = [Clause<Fact>]()
    for (index, need) in closure.requests.enumerated() {
      if need.dependency.isConflict {
        for candidate in need.candidates {
          clauses.append(
            Clause(
              [Literal(out: candidate.package)], .requestedConflict(index, candidate.package)))
        }
      } else {
        clauses.append(Clause(literals(of: need), .request(index)))
      }
    }
    for (index, member) in closure.members.enumerated() {
      let package = PackageID(index)
      if member.fault != nil {
        clauses.append(Clause([Literal(out: package)], .fault(package)))
        continue
      }
      for need in member.needs where !need.candidates.contains(where: { $0.package == package }) {
        clauses.append(
          Clause(
            [Literal(out: package)] + literals(of: need), .dependency(package, need.dependency)))
      }
    }
    return clauses
  }

  private func literals(of need: AlpineClosure.Need) -> [Literal] {
    var seen = Set<PackageID>()
    return need.candidates.compactMap {
      seen.insert($0.package).inserted ? Literal(in: $0.package) : nil
    }
  }

  mutating func clauses(of package: PackageID) -> [Clause<Fact>] {
    encoded.insert(package)
    let member = closure.members[Int(package)]
    let out = Literal(out: package)
    var clauses = [Clause<Fact>]()
    for (name, version) in member.package.names {
      for other in closure.members(named: name)
      where other.package != package && (version != nil || other.version != nil)
        && !encoded.contains(other.package)
      {
        clauses.append(
          Clause([out, Literal(out: other.package)], .sameName(package, other.package, name)))
      }
    }
    for need in member.conflicts {
      for candidate in need.candidates where candidate.package != package {
        clauses.append(
          Clause(
            [out, Literal(out: candidate.package)],
            .conflict(package, candidate.package, need.dependency)))
      }
    }
    return clauses
  }
}
