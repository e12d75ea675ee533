/// Settles names as apk does: by turns the highest in ``AlpineNameOrder`` of those that are needed or that an
/// install_if has come true for.
struct AlpineOrder: DecisionOrder {
  private let names: AlpineNameOrder
  private let preference: AlpinePreference
  /// What is in with a reason; of the last propagation.
  private(set) var membership: AlpineMembership
  private var violated: Clause<AlpineRules.Fact>?
  /// By package: the tags that any unmet need lets it come from, whichever need is settled first.
  private var tags = [PackageID: UInt64]()

  init(_ names: AlpineNameOrder, _ preference: AlpinePreference, in search: Search<AlpineRules>) {
    self.names = names
    self.preference = preference
    membership = AlpineMembership(in: search)
  }

  /// A need that no member meets.
  struct Unmet {
    /// nil for the request.
    let package: PackageID?
    let need: AlpineClosure.Need
    let tags: UInt64
  }

  mutating func next(in search: Search<AlpineRules>) -> Literal? {
    membership = AlpineMembership(in: search)
    violated = nil
    let unmet = Self.unmet(membership, in: search)
    tags = Self.inherited(unmet)
    if let package = highest(unmet, in: search) { return Literal(in: package) }
    if let trigger = trigger(withExclusion: true, in: search)?.package {
      return Literal(in: trigger)
    }
    guard !unmet.isEmpty else { return nil }
    let support = AlpineSupport(membership, in: search)
    var open: PackageID?
    for unmet in unmet {
      switch support.explain(unmet) {
      case .open(let package): open = open ?? package
      case .clause(let clause):
        violated = clause
        return nil
      }
    }
    if let open { return Literal(in: open) }
    return nil
  }

  func objection(in search: Search<AlpineRules>) -> Clause<AlpineRules.Fact>? { violated }

  private static func unmet(
    _ membership: AlpineMembership, in search: Search<AlpineRules>
  ) -> [Unmet] {
    let closure = search.rules.closure
    var unmet = [Unmet]()
    for need in closure.requests
    where !need.dependency.isConflict && membership.answers(to: need).isEmpty {
      unmet.append(
        Unmet(
          package: nil, need: need, tags: closure.pool.bit(ofTag: need.dependency.tag) ?? 1))
    }
    for package in membership.members {
      for need in closure.members[Int(package)].needs
      where !need.candidates.contains(where: { $0.package == package })
        && membership.answers(to: need).isEmpty
      {
        unmet.append(Unmet(package: package, need: need, tags: membership.tags[Int(package)]))
      }
    }
    return unmet
  }

  private static func inherited(_ unmet: [Unmet]) -> [PackageID: UInt64] {
    var tags = [PackageID: UInt64]()
    // Untagged repositories need no permission.
    for item in unmet where item.tags != 1 {
      for candidate in item.need.candidates { tags[candidate.package, default: 0] |= item.tags }
    }
    return tags
  }

  /// The package to take in for the name that is settled next; nil where no name can be.
  private func highest(_ unmet: [Unmet], in search: Search<AlpineRules>) -> PackageID? {
    var best: (rank: UInt32, unmet: [Unmet])?
    for item in unmet {
      guard !options([item], in: search).isEmpty else { continue }
      let rank = names.rank(item.need.name)
      if best == nil || rank > (best?.rank ?? 0) {
        best = (rank, [item])
      } else if rank == best?.rank {
        best?.unmet.append(item)
      }
    }
    let trigger = trigger(withExclusion: false, in: search)
    guard let best, best.rank >= trigger?.rank ?? 0 else { return trigger?.package }
    let common = options(best.unmet, in: search)
    return preference.best(common.isEmpty ? options([best.unmet[0]], in: search) : common)?.package
  }

  /// The open packages that may be taken in for all of some needs of one name.
  private func options(
    _ unmet: [Unmet], in search: Search<AlpineRules>
  ) -> [AlpineClosure.Candidate] {
    guard let first = unmet.first else { return [] }
    let closure = search.rules.closure
    // A package that is in without a reason has the name already, or will be found wanting.
    if first.need.candidates.contains(where: { search.value(Literal(in: $0.package)) > 0 }) {
      return []
    }
    let common = unmet.reduce(0) { $0 | $1.tags }
    return first.need.candidates.filter { candidate in
      guard candidate.isSelectable, search.value(Literal(in: candidate.package)) == 0 else {
        return false
      }
      return closure[candidate.package].isAllowed(tags: common | (tags[candidate.package] ?? 0))
        && unmet.dropFirst().allSatisfy { item in
          item.need.candidates.contains { $0.package == candidate.package }
        }
    }
  }

  /// The open package of the highest rank whose install_if has come true.
  private func trigger(
    withExclusion: Bool, in search: Search<AlpineRules>
  ) -> (rank: UInt32, package: PackageID)? {
    let closure = search.rules.closure
    var best: (rank: UInt32, package: PackageID)?
    for member in membership.members {
      for package in closure.triggered[Int(member)]
      where search.value(Literal(in: package)) == 0
        && membership.hasExclusion(package) == withExclusion
      {
        let rank = names.rank(closure[package].nameID)
        if let best, best.rank > rank || (best.rank == rank && best.package <= package) { continue }
        guard membership.holds(package),
          closure[package].isAllowed(tags: membership.tagsOfConditions(package))
        else { continue }
        best = (rank, package)
      }
    }
    return best
  }
}
