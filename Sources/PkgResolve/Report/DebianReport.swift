/// A failure told as a chain that a person can follow, from what was asked for to what cannot be.
struct DebianReport {
  typealias Fact = DebianRules.Fact

  private let facts: [Fact]
  let rules: DebianRules
  var pool: PackagePool { rules.pool }
  init(_ facts: [Fact], _ rules: DebianRules) {
    self.facts = facts
    self.rules = rules
  }

  var error: ResolveError {
    let wanted = facts.compactMap { fact -> RequestSelection.Wanted? in
      guard case .request(let index) = fact else { return nil }
      return rules.selection.wanted[index]
    }
    let others = wanted.dropFirst().map(\.place)
    let together = others.isEmpty ? "" : " together with \(others.joined(separator: ", "))"
    return ResolveError(
      .unsatisfiable, wanted.first?.subject ?? "",
      "cannot be installed\(together):\n" + causeList(lines()) + advice)
  }

  private var advice: String {
    let isMissing = facts.contains { fact in
      guard case .dependency(_, let dependency) = fact else { return false }
      return candidates(for: dependency).isEmpty
    }
    if isMissing {
      return "ask for another package or version, or add an archive that has what is missing"
    }
    let requests = facts.count { fact in
      if case .request = fact { true } else { false }
    }
    return requests > 1
      ? "leave one of them out, or ask for other versions"
      : "ask for another package or version"
  }

  /// Dependencies from the request outward, so that what a line speaks of was named by a line before it; each
  /// exclusion as soon as both its packages have been named.
  private func lines() -> [String] {
    var reached = Set<PackageID>()
    for case .request(let index) in facts {
      reached.formUnion(rules.selection.wanted[index].candidates)
    }
    var lines = [String]()
    var pending = PendingCauses(DebianReport.grouped(facts, in: pool))
    while let group = pending.next(where: { $0.isReady(reached) }) {
      lines.append(text(of: group))
      if case .dependency(_, let dependency) = group.kind {
        reached.formUnion(candidates(for: dependency))
      }
    }
    return lines
  }

  private func candidates(for dependency: Dependency) -> [PackageID] {
    dependency.alternatives.flatMap(pool.matches)
  }
}

extension DebianReport {
  /// Facts that differ in the version of a package alone, told in one line.
  fileprivate struct Group {
    enum Kind: Hashable {
      case dependency(name: String, Dependency)
      case exclusion(name: String, verb: String, Alternative)
      case sibling(name: String)
    }

    let kind: Kind
    var packages: [PackageID]
    /// Of an exclusion, the packages excluded.
    var others: [PackageID] = []

    /// Whether the packages it speaks of have been named.
    func isReady(_ reached: Set<PackageID>) -> Bool {
      switch kind {
      case .dependency: packages.contains(where: reached.contains)
      case .exclusion, .sibling:
        packages.contains(where: reached.contains) && others.contains(where: reached.contains)
      }
    }
  }

  fileprivate static func grouped(_ facts: [Fact], in pool: PackagePool) -> [Group] {
    var groups = [Group]()
    var places = [Group.Kind: Int]()
    for fact in facts {
      let group: Group
      switch fact {
      case .request: continue
      case .dependency(let package, let dependency):
        group = Group(
          kind: .dependency(name: pool[package].name, dependency), packages: [package])
      case .exclusion(let package, let other, let verb, let relation):
        group = Group(
          kind: .exclusion(name: pool[package].name, verb: verb, relation), packages: [package],
          others: [other])
      case .sibling(let package, let other):
        group = Group(
          kind: .sibling(name: pool[package].name), packages: [package], others: [other])
      }
      if let index = places[group.kind] {
        groups[index].packages += group.packages
        groups[index].others += group.others
      } else {
        places[group.kind] = groups.count
        groups.append(group)
      }
    }
    return groups
  }

  fileprivate func text(of group: Group) -> String {
    let subjects = words(group.packages)
    let isOne = subjects.count == 1
    let subject = Self.joined(subjects, by: "and")
    switch group.kind {
    case .dependency(_, let dependency):
      let line = "\(subject) \(isOne ? "needs" : "need") \(dependency)"
      if candidates(for: dependency).isEmpty { return line + ", but " + absence(of: dependency) }
      return line + providers(for: dependency) + exclusions(of: dependency) + gaps(in: dependency)
    case .exclusion(_, let verb, let relation):
      let verb = isOne ? verb : verb == "breaks" ? "break" : "conflict with"
      let others = words(group.others.filter { pool[$0].name == relation.name })
      let providers = words(group.others.filter { pool[$0].name != relation.name })
      var line = "\(subject) \(verb) \(relation)"
      if !others.isEmpty && relation.constraint != nil {
        line += ", which \(Self.joined(others, by: "and")) \(others.count == 1 ? "is" : "are")"
      }
      if !providers.isEmpty {
        let provide = providers.count == 1 ? "provides" : "provide"
        line += ", which \(Self.joined(providers, by: "and")) \(provide)"
      }
      return line
    case .sibling(let name):
      let all = group.packages + group.others
      var versions = words(all)
      // Two archives may hold different packages of one version.
      if versions.count == 1 { versions = all.map { "\(pool[$0]) from \(pool[$0].origin.place)" } }
      return "only one version of \(name) can be installed, \(Self.joined(versions, by: "or"))"
    }
  }

  /// `, which mawk 1.3 provides`, where the names alone do not tell.
  private func providers(for dependency: Dependency) -> String {
    let names = dependency.alternatives.map(\.name)
    let found = words(
      candidates(for: dependency).filter {
        !names.contains(pool[$0].name) && !rules.selection.excluded.contains(pool[$0].name)
      })
    guard !found.isEmpty else { return "" }
    return ", which \(Self.joined(found, by: "and")) \(found.count == 1 ? "provides" : "provide")"
  }

  /// `; no package is called gone or provides it`: why some of the alternatives are no choice at all.
  private func gaps(in dependency: Dependency) -> String {
    dependency.alternatives.filter { pool.matches($0).isEmpty }.map { "; " + absence(of: $0) }
      .joined()
  }

  /// `, and !mawk keeps out mawk`, where that leaves fewer to choose from.
  private func exclusions(of dependency: Dependency) -> String {
    var names = [String]()
    for candidate in candidates(for: dependency) {
      let name = pool[candidate].name
      if rules.selection.excluded.contains(name), !names.contains(name) { names.append(name) }
    }
    guard !names.isEmpty else { return "" }
    let signs = Self.joined(names.map { "!" + $0 }, by: "and")
    return ", and \(signs) \(names.count == 1 ? "keeps" : "keep") out "
      + Self.joined(names, by: "and")
  }

  /// `libc6 2.36-9` for each, once where two archives have the same.
  private func words(_ packages: [PackageID]) -> [String] {
    var words = [String]()
    for package in packages where !words.contains(pool[package].description) {
      words.append(pool[package].description)
    }
    return words
  }

  private static func joined(_ words: [String], by conjunction: String) -> String {
    let shown = words.count > 5 ? Array(words.prefix(4)) + ["\(words.count - 4) others"] : words
    guard let last = shown.last, shown.count > 1 else { return shown.first ?? "" }
    return shown.dropLast().joined(separator: ", ") + " \(conjunction) \(last)"
  }
}
