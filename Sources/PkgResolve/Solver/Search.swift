/// The search itself: goals are met in order, each by the first candidate that leads to an end.
struct Search {
  let pool: PackagePool
  let excluded: Set<String>
  var budget: Int
  /// The first dead end, which is on the path that apt would take: the one a person wants to hear of.
  private var deadEnd: ResolveError?

  init(pool: PackagePool, excluded: Set<String>, budget: Int) {
    self.pool = pool
    self.excluded = excluded
    self.budget = budget
  }

  var explanation: ResolveError {
    deadEnd ?? ResolveError(.unsatisfiable, "request", "cannot be met")
  }

  /// The selection that meets all goals; nil where none was found.
  mutating func extend(_ selection: inout Selection, _ goals: ArraySlice<Goal>) -> Selection? {
    // Requests are chosen before anything they depend on, as apt does.
    var agenda = Array(goals.reversed())
    var deferred = [Int]()
    while let goal = agenda.popLast() {
      if goal.dependent != nil, isMet(goal, selection) { continue }
      let open = goal.candidates.filter { selection.obstacle(to: $0, in: pool) == nil }
      guard let first = open.first else {
        note(goal, selection)
        return nil
      }
      if open.count > 1 {
        return branch(goal, open, selection, agenda, deferred)
      }
      choose(first, goal, &selection, &agenda, &deferred)
    }
    return selection
  }

  private mutating func branch(
    _ goal: Goal, _ open: [Int], _ selection: Selection, _ agenda: [Goal], _ deferred: [Int]
  ) -> Selection? {
    for candidate in open {
      guard budget > 0 else { return nil }
      var selection = selection
      var agenda = agenda
      var deferred = deferred
      choose(candidate, goal, &selection, &agenda, &deferred)
      if let found = extend(&selection, agenda.reversed()[...]) { return found }
      budget -= 1
    }
    return nil
  }

  private func choose(
    _ id: Int, _ goal: Goal, _ selection: inout Selection, _ agenda: inout [Goal],
    _ deferred: inout [Int]
  ) {
    guard selection.goals[id] == nil else { return }
    selection.add(id, for: goal, in: pool)
    let goals = self.goals(of: id)
    if goal.dependent == nil {
      agenda.insert(contentsOf: goals.reversed(), at: 0)
    } else {
      agenda += goals.reversed()
    }
  }

  private func goals(of id: Int) -> [Goal] {
    let record = pool.records[id]
    return (record.preDepends + record.depends).compactMap { dependency in
      if dependency.alternatives.contains(where: { excluded.contains($0.name) }) { return nil }
      var seen = Set<Int>()
      let candidates = dependency.alternatives.flatMap { pool.candidates(for: $0) }
        .filter { !excluded.contains(pool.records[$0].name) && seen.insert($0).inserted }
      return Goal(dependency: dependency, candidates: candidates, dependent: id, location: nil)
    }
  }

  private func isMet(_ goal: Goal, _ selection: Selection) -> Bool {
    goal.dependency.alternatives.contains { selection.meets($0, in: pool) }
  }

  private mutating func note(_ goal: Goal, _ selection: Selection) {
    guard deadEnd == nil else { return }
    var chain = [String]()
    var location = goal.location
    var dependent = goal.dependent
    var reason: Dependency? = goal.dependency
    while let id = dependent {
      chain.append("\(pool.records[id].label) depends on \(reason?.description ?? "")")
      let above = selection.goals[id]
      reason = above?.dependency
      location = above?.location ?? location
      dependent = above?.dependent
    }
    let steps = chain.reversed().joined(separator: "; ")
    let subject = location ?? (reason?.description ?? goal.dependency.description)
    let message =
      (steps.isEmpty ? goal.dependency.description : steps) + "; " + why(goal, selection)
    deadEnd = ResolveError(.unsatisfiable, subject, message)
  }

  private func why(_ goal: Goal, _ selection: Selection) -> String {
    if let obstacle = goal.candidates.lazy.compactMap({ selection.obstacle(to: $0, in: pool) })
      .first
    {
      return "but " + obstacle
    }
    let there = goal.dependency.alternatives.flatMap { pool.versions(of: $0.name) }
      .map { "\($0.label) (\($0.origin.suite))" }
    return there.isEmpty
      ? "but no archive has it" : "but the archives have only \(there.joined(separator: ", "))"
  }
}

/// The last word on every answer: a set is sound where each dependency is met and nothing excludes anything.
enum Soundness {
  static func check(
    _ selection: Selection, in pool: PackagePool, excluded: Set<String>
  ) throws(ResolveError) {
    for id in selection.order {
      let record = pool.records[id]
      if let obstacle = selection.obstacle(to: id, in: pool) {
        throw ResolveError(.unsatisfiable, record.label, obstacle)
      }
      for dependency in record.preDepends + record.depends {
        let isMet = dependency.alternatives.contains { alternative in
          excluded.contains(alternative.name) || selection.meets(alternative, in: pool)
        }
        guard isMet else {
          throw ResolveError(
            .unsatisfiable, record.label, "depends on \(dependency), which is not met")
        }
      }
    }
  }
}
