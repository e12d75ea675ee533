/// Explains why nothing that would meet a need may be taken in, as a clause to learn from.
///
/// A package is in an answer only if a chain of packages leads to it from the request, by names that may bring
/// packages in and under the tags that its repository asks for. Where the chain is broken, one of the packages that
/// could mend it must be in.
struct AlpineSupport {
  enum Explanation {
    /// The clause does not hold yet: this package, which is open, would make it hold.
    case open(PackageID)
    case clause(Clause<AlpineRules.Fact>)
  }

  private struct Goal: Hashable {
    let package: PackageID
    /// The tag that must lead to the package; nil where any reason to be there will do.
    var tag: UInt64?
    /// Whether an install_if alone is no reason.
    var isStrict = false
  }

  private let membership: AlpineMembership
  private let search: Search<AlpineRules>
  private let closure: AlpineClosure
  /// By package: those that need a name which it answers to, and whether that need may bring it in.
  private let parents: [[(package: PackageID, isSelectable: Bool)]]

  init(_ membership: AlpineMembership, in search: Search<AlpineRules>) {
    self.membership = membership
    self.search = search
    let closure = search.rules.closure
    self.closure = closure
    var parents = [[(package: PackageID, isSelectable: Bool)]](
      repeating: [], count: closure.members.count)
    for (index, member) in closure.members.enumerated() where member.fault == nil {
      for candidate in member.needs.flatMap(\.candidates) {
        parents[Int(candidate.package)].append((PackageID(index), candidate.isSelectable))
      }
    }
    self.parents = parents
  }

  func explain(_ unmet: AlpineOrder.Unmet) -> Explanation {
    var literals = Set<Literal>()
    var seen = Set<Goal>()
    var open = unmet.need.candidates.flatMap { goals(of: $0, of: unmet, &literals) }
    while let goal = open.popLast() {
      guard seen.insert(goal).inserted else { continue }
      switch search.value(Literal(in: goal.package)) {
      case -1: literals.insert(Literal(in: goal.package))
      case 0 where isLed(goal): literals.insert(Literal(in: goal.package))
      default: open += leads(to: goal, &literals)
      }
    }
    let ordered = literals.sorted { $0.code < $1.code }
    if let literal = ordered.first(where: { search.value($0) == 0 }) {
      return .open(literal.package)
    }
    let own = unmet.package.map { [Literal(out: $0)] } ?? []
    return .clause(
      Clause(
        own + ordered.filter { !own.contains($0) },
        .unsupported(unmet.package, unmet.need.dependency)))
  }

  /// What is wanting for a package that would meet the need.
  private func goals(
    of candidate: AlpineClosure.Candidate, of unmet: AlpineOrder.Unmet,
    _ literals: inout Set<Literal>
  ) -> [Goal] {
    let package = candidate.package
    var goals = [Goal]()
    if search.value(Literal(in: package)) >= 0 {
      if !candidate.isSelectable {
        goals.append(Goal(package: package, isStrict: unmet.need.providerCount == 1))
      }
      let tags = membership.tags[Int(package)] | unmet.tags
      if !closure[package].isAllowed(tags: tags) {
        goals += tagGoals(package)
      }
    }
    if goals.isEmpty { literals.insert(Literal(in: package)) }
    return goals
  }

  private func tagGoals(_ package: PackageID) -> [Goal] {
    let tags = closure[package].tags
    return (1..<max(1, closure.pool.tags.count)).compactMap { bit in
      tags & (1 << UInt64(bit)) == 0 ? nil : Goal(package: package, tag: 1 << UInt64(bit))
    }
  }

  /// Whether what is there already leads to an open package as the goal asks.
  private func isLed(_ goal: Goal) -> Bool {
    for need in closure.requests where !need.dependency.isConflict {
      let tags = closure.pool.bit(ofTag: need.dependency.tag) ?? 1
      for candidate in need.candidates where candidate.package == goal.package {
        if goal.tag.map({ tags & $0 != 0 }) ?? candidate.isSelectable { return true }
      }
    }
    return parents[Int(goal.package)].contains { parent in
      guard membership.isMember[Int(parent.package)] else { return false }
      guard let tag = goal.tag else { return parent.isSelectable }
      return membership.tags[Int(parent.package)] & tag != 0
    }
  }

  /// The packages of which one must lead to another.
  private func leads(to goal: Goal, _ literals: inout Set<Literal>) -> [Goal] {
    var goals = [Goal]()
    for parent in parents[Int(goal.package)] where parent.isSelectable || goal.tag != nil {
      goals.append(Goal(package: parent.package, tag: goal.tag))
    }
    guard !goal.isStrict else { return goals }
    for condition in closure.members[Int(goal.package)].installIf {
      for candidate in condition.candidates {
        if !condition.dependency.isConflict {
          goals.append(Goal(package: candidate.package, tag: goal.tag))
        } else if search.value(Literal(in: candidate.package)) > 0 {
          literals.insert(Literal(out: candidate.package))
        }
      }
    }
    return goals
  }
}
