/// A failure told as a chain that a person can follow, from what was asked for to what cannot be.
struct AlpineReport {
  typealias Fact = AlpineRules.Fact

  private let facts: [Fact]
  private let rules: AlpineRules
  private var closure: AlpineClosure { rules.closure }
  private var pool: AlpinePool { rules.closure.pool }
  /// More lines than this tell nobody anything.
  private static let lineLimit = 24

  init(_ facts: [Fact], _ rules: AlpineRules) {
    self.facts = facts
    self.rules = rules
  }

  var error: ResolveError {
    var items = [Int]()
    for fact in facts {
      switch fact {
      case .request(let index), .requestedConflict(let index, _):
        if !items.contains(index) { items.append(index) }
      default: break
      }
    }
    let asked = items.map { rules.request.items[$0] }
    let others = asked.dropFirst().map(\.place)
    let together = others.isEmpty ? "" : " together with \(others.joined(separator: ", "))"
    let lines = self.lines()
    let more =
      lines.count > Self.lineLimit ? "\n  and \(lines.count - Self.lineLimit) more causes" : ""
    return ResolveError(
      .unsatisfiable, asked.first?.subject ?? "",
      "cannot be installed\(together):\n  "
        + lines.prefix(Self.lineLimit).joined(separator: "\n  ") + more + "\n" + advice)
  }

  private var advice: String {
    for fact in facts {
      if let names = virtualProviders(of: fact), let first = names.first {
        return "ask for one of these packages by name, such as \(first)"
      }
    }
    return
      "leave one of them out, ask for other versions, or add a repository that has what is missing"
  }

  /// From the request outward: what a line speaks of was named by a line before it.
  private func lines() -> [String] {
    var reached = Set<PackageID>()
    var lines = [String]()
    var pending = facts
    func isReady(_ fact: Fact) -> Bool {
      switch fact {
      case .request, .unsupported(nil, _): true
      case .dependency(let package, _), .fault(let package), .unsupported(let package?, _),
        .requestedConflict(_, let package):
        reached.contains(package)
      case .conflict(let left, let right, _), .sameName(let left, let right, _):
        reached.contains(left) && reached.contains(right)
      }
    }
    while let next = pending.firstIndex(where: isReady) ?? pending.indices.first {
      let fact = pending.remove(at: next)
      if let line = text(of: fact), !lines.contains(line) { lines.append(line) }
      reached.formUnion(candidates(of: fact))
    }
    return lines
  }

  private func candidates(of fact: Fact) -> [PackageID] {
    need(of: fact)?.candidates.map(\.package) ?? []
  }

  private func need(of fact: Fact) -> AlpineClosure.Need? {
    switch fact {
    case .request(let index): return closure.requests[index]
    case .dependency(let package, let dependency), .unsupported(let package?, let dependency):
      return closure.members[Int(package)].needs.first { $0.dependency == dependency }
    case .unsupported(nil, let dependency):
      return closure.requests.first { $0.dependency == dependency }
    default: return nil
    }
  }

  /// nil where there is nothing to add to what was asked for.
  private func text(of fact: Fact) -> String? {
    switch fact {
    case .request(let index):
      let need = closure.requests[index]
      if need.candidates.isEmpty { return "\(need.dependency) is asked for; " + absence(fact) }
      let others = need.candidates.filter { closure[$0.package].name != need.dependency.name }
      guard !others.isEmpty else { return nil }
      return "\(need.dependency) is asked for, which \(listing(need.candidates.map(\.package))) "
        + (need.candidates.count == 1 ? "provides" : "provide")
    case .requestedConflict(let index, let package):
      let item = rules.request.items[index]
      let name = closure[package].name == item.dependency.name ? "is" : "provides"
      return "\(item.place) rules out what \(closure.describe(package)) \(name)"
    case .dependency(let package, let dependency):
      guard let need = need(of: fact) else { return nil }
      let line = "\(closure.describe(package)) needs \(dependency)"
      if need.candidates.isEmpty { return line + "; " + absence(fact) }
      let isPlain = need.candidates.allSatisfy { closure[$0.package].name == dependency.name }
      if isPlain && dependency.constraint == nil { return line }
      let names = listing(need.candidates.map(\.package))
      let isOne = need.candidates.count == 1
      return line + ", which \(names) "
        + (isPlain ? isOne ? "is" : "are" : isOne ? "provides" : "provide")
    case .conflict(let package, let other, let dependency):
      let isOwn = closure[other].name == dependency.name
      let line = "\(closure.describe(package)) conflicts with \(bare(dependency))"
      if isOwn && dependency.constraint == nil { return line }
      return line + ", which \(closure.describe(other)) \(isOwn ? "is" : "provides")"
    case .sameName(let left, let right, let name):
      return sameName(left, right, pool.name(name))
    case .fault(let package):
      return "\(closure.describe(package)) \(closure.members[Int(package)].fault ?? "")"
    case .unsupported(let package, let dependency):
      let asker =
        package.map { closure.describe($0) + " needs \(dependency)" }
        ?? "\(dependency) is asked for"
      return asker + "; " + absence(fact)
    }
  }

  private func sameName(_ left: PackageID, _ right: PackageID, _ name: String) -> String {
    if closure[left].name == closure[right].name {
      let versions = "\(closure[left].version) or \(closure[right].version)"
      return "only one version of \(closure[left].name) can be installed, \(versions)"
    }
    func verb(_ package: PackageID) -> String {
      closure.describe(package) + (closure[package].name == name ? " is" : " provides")
    }
    return "only one package can be \(name): \(verb(left)) it, and \(verb(right)) it too"
  }

  /// `foo>2` for `!foo>2`.
  private func bare(_ dependency: AlpineDependency) -> AlpineDependency {
    AlpineDependency(name: dependency.name, constraint: dependency.constraint)
  }

  /// Why nothing answers to a need: `no package has or provides it`.
  private func absence(_ fact: Fact) -> String {
    guard let need = need(of: fact) else { return "" }
    let name = need.dependency.name
    let providers = pool.providers(of: name)
    if providers.isEmpty { return "no package has or provides it" }
    let matching = pool.matches(need.dependency)
    if matching.isEmpty {
      let have = providers.prefix(4).map { provider in
        provider.version?.description ?? "none"
      }
      let more = providers.count > 4 ? " and \(providers.count - 4) more" : ""
      let isOwn = providers.contains { pool[$0.package].name == name }
      return isOwn
        ? "the only \(name) is \(have.joined(separator: ", "))\(more)"
        : "it is provided in version \(have.joined(separator: ", "))\(more) only"
    }
    if let names = virtualProviders(of: fact) {
      return
        "it is a virtual name that \(joined(names)) \(names.count == 1 ? "provides" : "provide"), "
        + "without a provider_priority to choose by"
    }
    let tags = Set(matching.map(\.package)).sorted().flatMap { id in
      pool.tags.indices.dropFirst().filter { pool.package(id).tags & (1 << UInt64($0)) != 0 }
    }
    let tagged = Set(tags).sorted().map { "@" + pool.tags[$0] }
    if tagged.isEmpty { return "what would meet it is there for no other reason" }
    return
      "\(pool.describe(matching[0].package)) is in \(joined(tagged)) only, which is not allowed here"
  }

  /// The names of the packages that a virtual name stands for, where it may choose none of them.
  private func virtualProviders(of fact: Fact) -> [String]? {
    switch fact {
    case .request, .dependency, .unsupported: break
    default: return nil
    }
    guard let need = need(of: fact) else { return nil }
    let matching = pool.matches(need.dependency)
    guard !matching.isEmpty, !matching.contains(where: \.isSelectable) else { return nil }
    var names = [String]()
    for provider in matching {
      let name = pool[provider.package].name
      if !names.contains(name) { names.append(name) }
    }
    return names
  }

  private func listing(_ packages: [PackageID]) -> String {
    var names = [String]()
    for package in packages {
      let name = closure.describe(package)
      if !names.contains(name) { names.append(name) }
    }
    return joined(names)
  }

  private func joined(_ words: [String]) -> String {
    let shown = words.count > 5 ? Array(words.prefix(4)) + ["\(words.count - 4) others"] : words
    guard let last = shown.last, shown.count > 1 else { return shown.first ?? "" }
    return shown.dropLast().joined(separator: ", ") + " and \(last)"
  }
}
