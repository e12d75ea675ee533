/// A failure told as a chain that a person can follow, from what was asked for to what cannot be.
struct AlpineReport {
  typealias Fact = AlpineRules.Fact

  private let facts: [Fact]
  let rules: AlpineRules
  var closure: AlpineClosure { rules.closure }
  var pool: AlpinePool { rules.closure.pool }
  init(_ facts: [Fact], _ rules: AlpineRules) {
    self.facts = facts
    self.rules = rules
  }

  var error: ResolveError {
    var items = [Int]()
    for fact in facts {
      if let item = item(of: fact), !items.contains(item) { items.append(item) }
    }
    let asked = items.sorted().map { rules.request.items[$0] }
    let others = asked.dropFirst().map(\.place)
    let together = others.isEmpty ? "" : " together with \(others.joined(separator: ", "))"
    return ResolveError(
      .unsatisfiable, asked.first?.subject ?? "",
      "cannot be installed\(together):\n" + causeList(lines()) + advice)
  }

  /// The item of the request that a fact speaks of.
  private func item(of fact: Fact) -> Int? {
    switch fact {
    case .request(let index), .requestedConflict(let index, _): index
    case .unsupported(nil, let dependency):
      rules.request.items.firstIndex { $0.dependency == dependency }
    default: nil
    }
  }

  private var advice: String {
    for fact in facts {
      guard let need = need(of: fact) else { continue }
      if let names = virtualProviders(of: need) {
        return "ask for one of these by name: \(names.joined(separator: ", "))"
      }
      if case .unsupported(nil, let dependency) = fact, let tag = tags(of: dependency).first {
        return "ask for it with its tag, as in \(dependency.name)@\(tag)"
      }
    }
    let isMissing = facts.contains { need(of: $0)?.candidates.isEmpty ?? false }
    if isMissing {
      return "ask for another package or version, or add a repository that has what is missing"
    }
    return Set(facts.compactMap(item)).count > 1
      ? "leave one of them out, or ask for other versions"
      : "ask for another package or version"
  }

  /// What is needed, for a fact that says so.
  func need(of fact: Fact) -> AlpineClosure.Need? {
    switch fact {
    case .request(let index): closure.requests[index]
    case .dependency(let package, let dependency), .unsupported(let package?, let dependency):
      closure.members[Int(package)].needs.first { $0.dependency == dependency }
    case .unsupported(nil, let dependency):
      closure.requests.first { $0.dependency == dependency }
    default: nil
    }
  }

  /// From the request outward, so that what a line speaks of was named by a line before it.
  private func lines() -> [String] {
    var reached = Set<PackageID>()
    for case .request(let index) in facts {
      reached.formUnion(closure.requests[index].candidates.map(\.package))
    }
    var lines = [String]()
    var told = Set<String>()
    var pending = PendingCauses(grouped(facts))
    while let group = pending.next(where: { $0.isReady(reached) }) {
      if let line = text(of: group), told.insert(line).inserted { lines.append(line) }
      if let need = need(of: group.fact) { reached.formUnion(need.candidates.map(\.package)) }
    }
    return lines
  }
}

extension AlpineReport {
  /// Facts that differ in the version of a package alone, told in one line.
  struct Group {
    /// The first of them.
    let fact: Fact
    let key: String
    var packages: [PackageID]
    /// Of an exclusion, the packages excluded.
    var others: [PackageID] = []

    /// Whether the packages it speaks of have been named.
    func isReady(_ reached: Set<PackageID>) -> Bool {
      (packages.isEmpty || packages.contains(where: reached.contains))
        && (others.isEmpty || others.contains(where: reached.contains))
    }
  }

  private func grouped(_ facts: [Fact]) -> [Group] {
    var groups = [Group]()
    var places = [String: Int]()
    for fact in facts {
      let group = group(fact)
      if let index = places[group.key] {
        for id in group.packages where !groups[index].packages.contains(id) {
          groups[index].packages.append(id)
        }
        for id in group.others where !groups[index].others.contains(id) {
          groups[index].others.append(id)
        }
      } else {
        places[group.key] = groups.count
        groups.append(group)
      }
    }
    return groups
  }

  private func group(_ fact: Fact) -> Group {
    switch fact {
    case .request(let index): return Group(fact: fact, key: "request \(index)", packages: [])
    case .requestedConflict(let index, let package):
      return Group(fact: fact, key: "ruled out \(index)", packages: [package])
    case .dependency(let package, let dependency):
      return Group(
        fact: fact, key: "\(closure[package].name) needs \(dependency)", packages: [package])
    case .conflict(let package, let other, let dependency):
      return Group(
        fact: fact, key: "\(closure[package].name) excludes \(dependency)", packages: [package],
        others: [other])
    case .sameName(let left, let right, let name):
      let names = [closure[left].name, closure[right].name].sorted()
      let isOne = names[0] == names[1]
      // Of packages that share several names, one is enough.
      return Group(
        fact: fact, key: "one of \(names)" + (isOne ? "" : " is \(pool.name(name))"),
        packages: [left], others: [right])
    case .fault(let package):
      return Group(fact: fact, key: "fault \(package)", packages: [package])
    case .unsupported(let package, let dependency):
      let name = package.map { closure[$0].name } ?? ""
      return Group(
        fact: fact, key: "\(name) lacks \(dependency)", packages: package.map { [$0] } ?? [])
    }
  }
}
