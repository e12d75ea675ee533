/// A failure told as a chain that a person can follow, from what was asked for to what cannot be.
struct DebianReport {
  typealias Fact = DebianRules.Fact

  private let facts: [Fact]
  let rules: DebianRules
  var pool: PackagePool { rules.pool }
  /// More lines than this tell nobody anything.
  private static let lineLimit = 24

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
    let lines = self.lines()
    let more =
      lines.count > Self.lineLimit ? "\n  and \(lines.count - Self.lineLimit) more causes" : ""
    return ResolveError(
      .unsatisfiable, wanted.first?.subject ?? "",
      "cannot be installed\(together):\n  "
        + lines.prefix(Self.lineLimit).joined(separator: "\n  ") + more + "\n" + advice)
  }

  private var advice: String {
    let isMissing = facts.contains { fact in
      guard case .dependency(_, let dependency) = fact else { return false }
      return candidates(for: dependency).isEmpty
    }
    return isMissing
      ? "ask for another package or version, or add an archive that has what is missing"
      : "leave one of them out, or ask for other versions"
  }

  /// Dependencies from the request outward, so that what a line speaks of was named by a line before it; each
  /// exclusion as soon as both its packages have been named.
  private func lines() -> [String] {
    var reached = Set<PackageID>()
    for case .request(let index) in facts {
      reached.formUnion(rules.selection.wanted[index].candidates)
    }
    var lines = [String]()
    var pending = DebianReport.grouped(facts, in: pool)
    while let next = pending.firstIndex(where: { $0.isReady(reached) }) ?? pending.indices.first {
      let group = pending.remove(at: next)
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
    enum Kind: Equatable {
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
      if let index = groups.firstIndex(where: { $0.kind == group.kind }) {
        groups[index].packages += group.packages
        groups[index].others += group.others
      } else {
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
      let absence = candidates(for: dependency).isEmpty ? ", but " + absence(of: dependency) : ""
      return "\(subject) \(isOne ? "needs" : "need") \(dependency)\(absence)"
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
      let versions = words(group.packages + group.others)
      return "only one version of \(name) can be installed, \(Self.joined(versions, by: "or"))"
    }
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
