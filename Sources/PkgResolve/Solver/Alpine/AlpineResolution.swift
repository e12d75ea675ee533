/// Turns what a search took in into an answer that says why.
struct AlpineResolution {
  private let membership: AlpineMembership
  private let preference: AlpinePreference
  private let search: Search<AlpineRules>
  private let closure: AlpineClosure
  /// The packages chosen, in the answer's order.
  private let chosen: [PackageID]
  /// By package: its place in the answer.
  private let places: [PackageID: Int]

  init(
    _ membership: AlpineMembership, _ preference: AlpinePreference, in search: Search<AlpineRules>
  ) {
    self.membership = membership
    self.preference = preference
    self.search = search
    let closure = search.rules.closure
    self.closure = closure
    chosen = membership.members.sorted { closure[$0].name < closure[$1].name }
    places = Dictionary(
      chosen.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  func resolution() -> Resolution {
    let packages = chosen.map { package in
      Resolution.Package(
        record: closure.pool[closure.members[Int(package)].id], reason: reason(of: package),
        requirements: requirements(of: package))
    }
    let waived = chosen.flatMap { package in
      waivedNeeds(of: package).map { (package: package, dependency: $0) }
    }
    return Resolution(
      packages: packages, requests: requests(), choices: choices(),
      waived: Set(
        waived.map { "\(closure[$0.package].name) depends on \($0.dependency)" }
      ).sorted(),
      warnings: search.rules.request.warnings(
        in: closure.pool, waived: Set(waived.map(\.dependency.name)))
        + SourceVersions.warnings(packages.map(\.record)))
  }

  private func waivedNeeds(of package: PackageID) -> [AlpineDependency] {
    closure.pool.waivedDepends(of: closure.members[Int(package)].id)
  }

  private func reason(of package: PackageID) -> String {
    switch membership.reasons[Int(package)] {
    case .dependency(let dependent, let dependency):
      return "\(closure[dependent].name) depends on \(dependency)"
    case .installIf:
      let conditions = closure.members[Int(package)].installIf.map(\.dependency)
      let present = conditions.filter { !$0.isConflict }.map(\.description)
      let absent = conditions.filter(\.isConflict).map { String($0.description.dropFirst()) }
      let verb = present.count == 1 ? "is" : "are"
      let rest = absent.isEmpty ? "" : " and \(absent.joined(separator: ", ")) is not"
      return "install_if: \(present.joined(separator: ", ")) \(verb) there\(rest)"
    case .request, nil: return "requested"
    }
  }

  /// What a package needs and, where an install_if brought it in, what that rests on: each an edge to what meets it.
  /// To nothing, where an exclusion counts it as met.
  private func requirements(of package: PackageID) -> [Resolution.Requirement] {
    let member = closure.members[Int(package)]
    var requirements = member.needs.map { need in
      Resolution.Requirement(relation: need.dependency.description, packages: places(of: need))
    }
    for dependency in waivedNeeds(of: package) {
      requirements.append(
        Resolution.Requirement(relation: dependency.description, packages: []))
    }
    if !membership.isRequired[Int(package)] {
      for condition in member.installIf where !condition.dependency.isConflict {
        requirements.append(
          Resolution.Requirement(
            relation: "install_if \(condition.dependency)", packages: places(of: condition)))
      }
    }
    return requirements
  }

  private func places(of need: AlpineClosure.Need) -> [Int] {
    var found = [Int]()
    for candidate in need.candidates {
      if let place = places[candidate.package], !found.contains(place) { found.append(place) }
    }
    return found
  }

  private func requests() -> [Resolution.Request] {
    zip(search.rules.request.items, closure.requests).compactMap { item, need in
      guard !item.dependency.isConflict else { return nil }
      return Resolution.Request(
        text: item.dependency.description, location: item.location, packages: places(of: need))
    }
  }

  /// The needs that packages of more than one name could have met; each once.
  private func choices() -> [Resolution.Choice] {
    var choices = [Resolution.Choice]()
    for need in closure.requests where !need.dependency.isConflict {
      if let choice = choice(need, of: nil) { choices.append(choice) }
    }
    for package in membership.members {
      for need in closure.members[Int(package)].needs {
        if let choice = choice(need, of: package) { choices.append(choice) }
      }
    }
    return choices
  }

  private func choice(_ need: AlpineClosure.Need, of package: PackageID?) -> Resolution.Choice? {
    let members = need.candidates.filter { membership.isMember[Int($0.package)] }
    guard let taken = preference.best(members) else { return nil }
    let name = closure[taken.package].name
    var others = [AlpineClosure.Candidate]()
    var names = [String]()
    for candidate in need.candidates where closure[candidate.package].name != name {
      others.append(candidate)
      let other = closure[candidate.package].name
      if !names.contains(other) { names.append(other) }
    }
    guard let rival = preference.best(others) else { return nil }
    return Resolution.Choice(
      package: package.map { closure[$0].name }, relation: need.dependency.description,
      chosen: name, others: names, reason: reason(taken, over: rival, for: need, of: package))
  }

  private func reason(
    _ taken: AlpineClosure.Candidate, over rival: AlpineClosure.Candidate,
    for need: AlpineClosure.Need, of package: PackageID?
  ) -> String {
    let (left, right) = (closure[taken.package], closure[rival.package])
    switch membership.reasons[Int(taken.package)] {
    case .request(let index) where closure.requests[index].dependency.name == left.name:
      return "\(left.name) was asked for by name"
    case .dependency(let other, let dependency) where dependency.name != need.dependency.name:
      return "\(closure[other].name) depends on \(dependency)"
    case .installIf: return "its install_if brings \(left.name) in"
    default: break
    }
    let (isBefore, ground) = preference.compare(taken, rival)
    guard isBefore || ground == .name else {
      return obstacle(to: rival.package) ?? "\(right.name) does not go with the other packages"
    }
    switch ground {
    case .tag: return "its repository comes before that of \(right.name), which has a tag"
    case .versionOfName:
      guard let version = taken.version else { break }
      guard let other = rival.version else {
        return "it provides \(need.dependency.name) in a version, \(right.name) without one"
      }
      let verb = left.name == need.dependency.name ? "is" : "provides"
      return "it \(verb) \(need.dependency.name) \(version), newer than \(other) of \(right.name)"
    case .priority:
      return "provider_priority \(left.priority) before \(right.priority) of \(right.name)"
    case .index: return "its repository comes before that of \(right.name)"
    case .version, .name: break
    }
    return "the first by name of those with the same provider_priority"
  }

  /// What bars a package that would have come before the one chosen.
  private func obstacle(to package: PackageID) -> String? {
    let name = closure[package].name
    guard let reason = search.reason(of: package),
      case .fact(let fact) = search.clauses[reason].cause
    else { return nil }
    switch fact {
    case .requestedConflict(let index, _):
      return "\(closure.requests[index].dependency) rules out \(name)"
    case .dependency(let own, let dependency) where own == package:
      return "\(name) needs \(dependency), which cannot be met here"
    case .conflict(let own, let other, let dependency):
      let bare = AlpineDependency(name: dependency.name, constraint: dependency.constraint)
      return own == package
        ? "\(name) conflicts with \(closure[other].name)"
        : "\(closure[own].name) conflicts with \(bare)"
    case .sameName(let left, let right, let shared):
      let other = left == package ? right : left
      return "\(closure[other].name) and \(name) cannot both be \(closure.pool.name(shared))"
    case .fault: return "\(name) \(closure.members[Int(package)].fault ?? "")"
    default: return nil
    }
  }
}
