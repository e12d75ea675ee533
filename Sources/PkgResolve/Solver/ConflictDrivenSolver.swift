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
    var choices = [Resolution.Choice]()
    var waivedTexts = Set<String>()
    let sorted = steps.sorted {
      (pool[$0.package].name, pool[$0.package].architecture) < (
        pool[$1.package].name, pool[$1.package].architecture
      )
    }
    let position = Dictionary(
      sorted.enumerated().map { ($1.package, $0) }, uniquingKeysWith: { a, _ in a })
    for step in steps {
      let record = pool[step.package]
      let clause = clauses[step.clause]
      var names = [String]()
      for literal in clause.literals where literal.isIn {
        let name = pool[literal.package].name
        if name != record.name && !names.contains(name) { names.append(name) }
      }
      if case .dependency(let dependent, let dependency) = clause.cause, !names.isEmpty {
        choices.append(
          Resolution.Choice(
            package: pool[dependent].name, relation: dependency.description, chosen: record.name,
            others: names, reason: "first alternative"))
      }
      for dependency in waived[step.package] ?? [] {
        waivedTexts.insert("\(record.name) depends on \(dependency)")
      }
    }
    let packages = sorted.map { step in
      let record = pool[step.package]
      var reason = "requested"
      if case .dependency(let dependent, let dependency) = clauses[step.clause].cause {
        reason = "\(pool[dependent].name) depends on \(dependency)"
      }
      let all = ((try? record.preDepends) ?? []) + ((try? record.depends) ?? [])
      return Resolution.Package(
        record: record, reason: reason,
        requirements: all.map { d in
          Resolution.Requirement(
            relation: d.description,
            packages: d.alternatives.flatMap(pool.matches).compactMap { position[$0] })
        })
    }
    let requests = selection.wanted.flatMap { wanted in
      wanted.items.map {
        Resolution.Request(
          text: $0.request.description, location: $0.location,
          packages: wanted.candidates.compactMap { position[$0] })
      }
    }
    return Resolution(
      packages: packages, requests: requests, choices: choices, waived: waivedTexts.sorted(),
      warnings: [])
  }
}
