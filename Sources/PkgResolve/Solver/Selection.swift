/// The packages chosen so far: at most one version of a name.
struct Selection {
  private(set) var byName: [String: Int] = [:]
  /// Why each record is there; keys are record ids.
  private(set) var goals: [Int: Goal] = [:]
  private(set) var order: [Int] = []
  /// Names that chosen packages provide.
  private var providers: [String: [Int]] = [:]
  /// What chosen packages exclude, by the name excluded.
  private var exclusions: [String: [(by: Int, what: Alternative, field: String)]] = [:]

  mutating func add(_ id: Int, for goal: Goal, in pool: PackagePool) {
    let record = pool.records[id]
    byName[record.name] = id
    goals[id] = goal
    order.append(id)
    for provided in record.provides { providers[provided.name, default: []].append(id) }
    for (field, relations) in [("conflicts with", record.conflicts), ("breaks", record.breaks)] {
      for alternative in relations.flatMap(\.alternatives) {
        exclusions[alternative.name, default: []].append((id, alternative, field))
      }
    }
  }

  /// Whether a chosen package meets an alternative.
  func meets(_ alternative: Alternative, in pool: PackagePool) -> Bool {
    let ids = (byName[alternative.name].map { [$0] } ?? []) + (providers[alternative.name] ?? [])
    return ids.contains { id in
      pool.records[id].meets(alternative)
        && pool.records[id].admits(qualifier: alternative.architecture)
    }
  }

  /// What keeps a record from joining the selection, for a person; nil where nothing does.
  func obstacle(to id: Int, in pool: PackagePool) -> String? {
    let record = pool.records[id]
    if let other = byName[record.name], other != id {
      return "\(pool.records[other].label) is already chosen, and only one version fits"
    }
    for name in [record.name] + record.provides.map(\.name) {
      for (by, what, field) in exclusions[name] ?? []
      where pool.records[by].name != record.name && Self.excludes(what, record) {
        return "\(pool.records[by].label), which is chosen, \(field) \(what)"
      }
    }
    for (field, relations) in [("conflicts with", record.conflicts), ("breaks", record.breaks)] {
      for alternative in relations.flatMap(\.alternatives) {
        let ids =
          (byName[alternative.name].map { [$0] } ?? []) + (providers[alternative.name] ?? [])
        for other in ids
        where pool.records[other].name != record.name
          && Self.excludes(alternative, pool.records[other])
        {
          return
            "\(record.label) \(field) \(alternative), and \(pool.records[other].label) is chosen"
        }
      }
    }
    return nil
  }

  /// Whether a conflict means a record. One qualified by another architecture does not.
  static func excludes(_ what: Alternative, _ record: PackageRecord) -> Bool {
    let qualifier = what.architecture
    let sameArchitecture =
      qualifier == nil || qualifier == "any" || qualifier == record.architecture
    return sameArchitecture && record.meets(what)
  }

  func resolution(_ pool: PackagePool) -> Resolution {
    let reached = reachable(pool)
    return Resolution(
      packages: order.filter(reached.contains)
        .map { id in
          Resolution.Choice(
            package: pool.records[id], reason: goals[id].map { $0.reason(pool) } ?? "requested")
        }
        .sorted { $0.package.name.utf8.lexicographicallyPrecedes($1.package.name.utf8) })
  }

  /// What requests lead to; a revised choice may leave others behind.
  private func reachable(_ pool: PackagePool) -> Set<Int> {
    var pending = order.filter { goals[$0]?.dependent == nil }
    var reached = Set(pending)
    while let id = pending.popLast() {
      for dependency in pool.records[id].preDepends + pool.records[id].depends {
        for alternative in dependency.alternatives {
          let ids =
            (byName[alternative.name].map { [$0] } ?? []) + (providers[alternative.name] ?? [])
          for other in ids where pool.records[other].meets(alternative) {
            if reached.insert(other).inserted { pending.append(other) }
          }
        }
      }
    }
    return reached
  }
}
