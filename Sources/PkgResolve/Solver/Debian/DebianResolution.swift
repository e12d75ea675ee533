/// Turns what a search took in into an answer that says why.
struct DebianResolution {
  private let steps: [MarkingOrder.Step]
  private let search: Search<DebianRules>
  private let pool: PackagePool
  /// The packages chosen, in the answer's order.
  private let chosen: [MarkingOrder.Step]
  /// By package: its place in the answer.
  private let places: [PackageID: Int]

  init(_ steps: [MarkingOrder.Step], in search: Search<DebianRules>) {
    self.steps = steps
    self.search = search
    let pool = search.rules.pool
    self.pool = pool
    chosen = steps.sorted {
      let (left, right) = (pool[$0.package], pool[$1.package])
      return (left.name, left.architecture) < (right.name, right.architecture)
    }
    places = Dictionary(
      chosen.enumerated().map { ($1.package, $0) }, uniquingKeysWith: { first, _ in first })
  }

  func resolution() throws(ResolveError) -> Resolution {
    var packages = [Resolution.Package]()
    for step in chosen {
      packages.append(
        Resolution.Package(
          record: pool[step.package], reason: reason(of: step),
          requirements: try requirements(of: step.package)))
    }
    return Resolution(
      packages: packages, requests: requests(), choices: providers() + steps.compactMap(choice),
      waived: waived(),
      warnings: exclusionWarnings() + SourceVersions.warnings(packages.map(\.record)))
  }

  private func reason(of step: MarkingOrder.Step) -> String {
    guard case .fact(.dependency(let dependent, let dependency)) = search.clauses[step.clause].cause
    else { return "requested" }
    return "\(pool[dependent].name) depends on \(dependency)"
  }

  private func requirements(
    of package: PackageID
  ) throws(ResolveError) -> [Resolution.Requirement] {
    var requirements = [Resolution.Requirement]()
    for dependency in try pool[package].requirements {
      var members = [Int]()
      for alternative in dependency.alternatives {
        for candidate in pool.matches(alternative) {
          if let place = places[candidate], !members.contains(place) { members.append(place) }
        }
      }
      requirements.append(
        Resolution.Requirement(relation: dependency.description, packages: members))
    }
    return requirements
  }

  private func requests() -> [Resolution.Request] {
    search.rules.selection.items.map { item, wanted in
      let members = search.rules.selection.wanted[wanted].candidates.compactMap { places[$0] }
      return Resolution.Request(
        text: item.request.description, location: item.location, packages: members)
    }
  }

  /// A `!name` that keeps nothing out: most often it is misspelt.
  private func exclusionWarnings() -> [String] {
    let selection = search.rules.selection
    let waivedNames = Set(
      search.rules.waived.values.joined().flatMap { $0.alternatives.map(\.name) })
    return selection.exclusions.compactMap { item in
      let name = item.request.name
      let subject = item.location.map { "\($0): !\(name)" } ?? "!\(name)"
      guard selection.excluded.contains(name) else {
        return "\(subject): is asked for as well, and so it is installed"
      }
      guard pool.candidates(named: name).isEmpty, pool.provisions(of: name).isEmpty,
        !waivedNames.contains(name)
      else { return nil }
      let near = nearNames(of: name, among: pool.names)
      return "\(subject): excludes nothing, for no package has this name"
        + (near.isEmpty ? "" : "; near names: \(near.joined(separator: ", "))")
    }
  }

  private func waived() -> [String] {
    var texts = Set<String>()
    for step in steps {
      for dependency in search.rules.waived[step.package] ?? [] {
        texts.insert("\(pool[step.package].name) depends on \(dependency)")
      }
    }
    return texts.sorted()
  }

  /// The requests for a virtual package that one package alone provides.
  private func providers() -> [Resolution.Choice] {
    search.rules.selection.items.compactMap { item, wanted in
      let members = search.rules.selection.wanted[wanted].candidates.filter { places[$0] != nil }
      guard let chosen = members.first.map({ pool[$0].name }), chosen != item.request.name
      else { return nil }
      return Resolution.Choice(
        package: nil, relation: item.request.description, chosen: chosen, others: [],
        reason: "the only package that provides \(item.request.name)")
    }
  }

  /// nil where no other package would have met what the package was taken in for.
  private func choice(_ step: MarkingOrder.Step) -> Resolution.Choice? {
    let record = pool[step.package]
    let clause = search.clauses[step.clause]
    let candidates = clause.literals.filter(\.isIn).map(\.package)
    var others = [String]()
    for candidate in candidates {
      let name = pool[candidate].name
      if name != record.name && !others.contains(name) { others.append(name) }
    }
    guard !others.isEmpty,
      case .fact(.dependency(let dependent, let dependency)) = clause.cause
    else { return nil }
    return Resolution.Choice(
      package: pool[dependent].name, relation: dependency.description, chosen: record.name,
      others: others, reason: reason(for: step.package, among: candidates, of: dependency))
  }

  private func reason(
    for package: PackageID, among candidates: [PackageID], of dependency: Dependency
  ) -> String {
    let before = candidates.prefix { $0 != package }
    var barred = [String]()
    for candidate in before where pool[candidate].name != pool[package].name {
      let text = obstacle(to: candidate, besides: package)
      if !barred.contains(text) { barred.append(text) }
    }
    if !barred.isEmpty { return barred.prefix(3).joined(separator: "; ") }
    guard
      let alternative = dependency.alternatives.first(where: {
        pool.matches($0).contains(package)
      })
    else { return "" }
    let rivals = pool.matches(alternative).filter {
      $0 != package && pool[$0].name != pool[package].name && candidates.contains($0)
    }
    guard let rival = rivals.first else { return "the first alternative" }
    return preference(pool[package], over: pool[rival], answering: alternative.name)
  }

  private func preference(
    _ record: PackageRecord, over rival: PackageRecord, answering name: String
  ) -> String {
    if record.name == name { return "the package of that name comes before those that provide it" }
    if record.isEssential != rival.isEssential { return "it is essential" }
    if record.priority != rival.priority {
      return "its priority is \(record.priority), that of \(rival.name) is \(rival.priority)"
    }
    return "the first by name of those with the priority \(record.priority)"
  }

  /// Why a package that came before the one chosen could not be taken.
  private func obstacle(to candidate: PackageID, besides chosen: PackageID) -> String {
    let name = pool[candidate].name
    let vague = "\(name) does not go with the other packages"
    guard let fact = fact(against: candidate) else { return vague }
    switch fact {
    case .exclusion(let package, let other, let verb, let relation):
      let rival = package == candidate ? other : package
      // "It conflicts with what was chosen" says nothing of why that was chosen.
      guard rival != chosen else { return needs(chosen).map { "\($0) needs it" } ?? vague }
      return package == candidate
        ? "\(name) \(verb) \(pool[other].name)" : "\(pool[package].name) \(verb) \(relation)"
    case .dependency(let package, let dependency) where package == candidate:
      return "\(name) needs \(dependency), which cannot be met here"
    case .sibling(let package, let other):
      let version = pool[package == candidate ? other : package].version
      return "\(name) is there in another version, \(version)"
    default: return vague
    }
  }

  /// What keeps a package out: what settled it or, where that was learned, what it was learned from and still stands.
  private func fact(against candidate: PackageID) -> DebianRules.Fact? {
    guard let reason = search.reason(of: candidate) else { return nil }
    if case .fact(let fact) = search.clauses[reason].cause { return fact }
    var open = [reason]
    var seen = Set(open)
    while let index = open.popLast() {
      switch search.clauses[index].cause {
      case .learned(let antecedents):
        open += antecedents.reversed().filter { seen.insert($0).inserted }
      case .fact(.exclusion(let left, let right, let verb, let relation))
      where left == candidate && places[right] != nil || right == candidate && places[left] != nil:
        return .exclusion(left, right, verb: verb, relation)
      default: break
      }
    }
    return nil
  }

  /// A package that leaves no other choice than this one.
  private func needs(_ package: PackageID) -> String? {
    guard let reason = search.reason(of: package),
      case .fact(.dependency(let dependent, _)) = search.clauses[reason].cause
    else { return nil }
    return pool[dependent].name
  }
}
