/// A complete solver that learns from conflicts and prefers what apt would choose: the leftmost alternative, the newest
/// version, a real package before one that provides the name.
///
/// It finds a set wherever there is one. The same request over the same pool gives the same answer.
public struct ConflictDrivenSolver: DependencySolver {
  /// Conflicts after which the search is given up.
  public var conflictLimit: Int

  public init(conflictLimit: Int = 100_000) { self.conflictLimit = conflictLimit }

  public func solve(
    _ request: ResolutionRequest, in pool: PackagePool
  ) throws(ResolveError) -> Resolution {
    let search = Search(try RequestSelection(request, in: pool), in: pool)
    if let conflict = search.encodeRequest() {
      throw UnsatisfiableReport(conflict, in: search).error
    }
    var walk = Walk()
    var conflicts = 0
    while true {
      if let conflict = try search.propagate() {
        guard search.level > 0 else { throw UnsatisfiableReport(conflict, in: search).error }
        conflicts += 1
        guard conflicts <= conflictLimit else {
          throw ResolveError(
            .unsatisfiable, search.selection.wanted.first?.subject ?? "",
            "no answer found after \(conflictLimit) conflicts; ask for fewer packages or name versions"
          )
        }
        search.learn(from: conflict)
        walk = Walk()
      } else if let open = walk.next(in: search) {
        search.decide(Literal(in: open))
      } else {
        let resolution = search.resolution(walk.steps)
        try SoundnessCheck(search.selection, in: pool).verify(walk.steps.map(\.package))
        return resolution
      }
    }
  }
}

extension Search {
  fileprivate func resolution(_ steps: [Walk.Step]) -> Resolution {
    var packages = [Resolution.Package]()
    var choices = [Resolution.Choice]()
    var waivedTexts = Set<String>()
    for step in steps {
      let record = pool[step.package]
      let clause = clauses[step.clause]
      var names = [String]()
      for literal in clause.literals where literal.isIn {
        let name = pool[literal.package].name
        if name != record.name && !names.contains(name) { names.append(name) }
      }
      switch clause.cause {
      case .dependency(let dependent, let dependency):
        let name = pool[dependent].name
        packages.append(
          Resolution.Package(record: record, reason: "\(name) depends on \(dependency)"))
        if !names.isEmpty {
          choices.append(
            Resolution.Choice(
              package: name, relation: dependency.description, chosen: record.name, others: names))
        }
      default:
        packages.append(Resolution.Package(record: record, reason: "requested"))
      }
      for dependency in waived[step.package] ?? [] {
        waivedTexts.insert("\(record.name) depends on \(dependency)")
      }
    }
    packages.sort {
      ($0.record.name, $0.record.architecture) < ($1.record.name, $1.record.architecture)
    }
    return Resolution(packages: packages, choices: choices, waived: waivedTexts.sorted())
  }
}
