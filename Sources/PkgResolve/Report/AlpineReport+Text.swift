extension AlpineReport {
  /// nil where there is nothing to add to what was asked for.
  func text(of group: Group) -> String? {
    let packages = listing(group.packages)
    let isOne = group.packages.count == 1
    switch group.fact {
    case .request(let index):
      let need = closure.requests[index]
      if need.candidates.isEmpty {
        return "\(need.dependency) is asked for, but " + absence(of: need)
      }
      let others = need.candidates.filter { closure[$0.package].name != need.dependency.name }
      return others.isEmpty ? nil : "\(need.dependency) is asked for" + answers(to: need)
    case .requestedConflict(let index, _):
      return "\(rules.request.items[index].place) rules out \(packages)"
    case .dependency(_, let dependency):
      guard let need = need(of: group.fact) else { return nil }
      let line = "\(packages) \(isOne ? "needs" : "need") \(dependency)"
      return line + (need.candidates.isEmpty ? ", but " + absence(of: need) : answers(to: need))
    case .unsupported(let package, let dependency):
      guard let need = need(of: group.fact) else { return nil }
      let asker =
        package == nil
        ? "\(dependency) is asked for" : "\(packages) \(isOne ? "needs" : "need") \(dependency)"
      return asker + ", but " + absence(of: need)
    case .conflict(_, _, let dependency):
      return conflict(group, dependency)
    case .sameName(let left, let right, let name): return sameName(group, left, right, name)
    case .fault(let package):
      return "\(packages) \(closure.members[Int(package)].fault ?? "cannot be installed")"
    }
  }

  /// `, which libfoo-1 provides`, where the name alone does not tell.
  private func answers(to need: AlpineClosure.Need) -> String {
    let own = need.candidates.filter { closure[$0.package].name == need.dependency.name }
    let isPlain = own.count == need.candidates.count
    let comparison = need.dependency.constraint?.comparison ?? .equal
    if isPlain && comparison == .equal { return "" }
    let isOne = need.candidates.count == 1
    let verb = isPlain ? isOne ? "is" : "are" : isOne ? "provides" : "provide"
    return ", which \(listing(need.candidates.map(\.package))) \(verb)"
  }

  private func conflict(_ group: Group, _ dependency: AlpineDependency) -> String {
    let bare = AlpineDependency(name: dependency.name, constraint: dependency.constraint)
    let verb = group.packages.count == 1 ? "conflicts" : "conflict"
    let line = "\(listing(group.packages)) \(verb) with \(bare)"
    let providers = group.others.filter { closure[$0].name != bare.name }
    if providers.isEmpty && bare.constraint == nil { return line }
    let isOne = group.others.count == 1
    let remark = providers.isEmpty ? isOne ? "is" : "are" : isOne ? "provides" : "provide"
    return line + ", which \(listing(group.others)) \(remark)"
  }

  private func sameName(
    _ group: Group, _ left: PackageID, _ right: PackageID, _ name: AlpinePool.NameID
  ) -> String {
    var all = group.packages
    for other in group.others where !all.contains(other) { all.append(other) }
    if closure[left].name == closure[right].name {
      let versions = all.map { closure[$0].version.description }
      return "only one version of \(closure[left].name) can be installed, "
        + joined(versions, by: "or")
    }
    let text = pool.name(name)
    let own = all.filter { closure[$0].name == text }
    let providers = all.filter { closure[$0].name != text }
    let verb = providers.count == 1 ? "provides" : "provide"
    let who = "\(listing(providers)) \(verb) it"
    return "only one package can be \(text)"
      + (own.isEmpty ? ", and \(who)" : ", and \(who) besides \(listing(own))")
  }

  /// Why nothing answers to a need: `no package has or provides it`.
  private func absence(of need: AlpineClosure.Need) -> String {
    let providers = pool.providers(of: need.name)
    if providers.isEmpty {
      return pool.excludedProviders(of: need.name).isEmpty
        ? "no package has or provides it"
        : "the request excludes what has or provides it, and that in another version"
    }
    let matching = pool.matches(need.dependency)
    if matching.isEmpty { return otherVersions(providers, of: need.dependency.name) }
    if let names = virtualProviders(of: need) {
      return "it is a virtual name, which \(joined(names, by: "and")) "
        + (names.count == 1 ? "provides" : "provide") + " without a provider_priority"
    }
    let tags = tags(of: need.dependency).map { "@" + $0 }
    if tags.isEmpty { return "nothing else leads to what would meet it" }
    return "\(pool.describe(matching[0].package)) is in \(joined(tags, by: "and")) only, "
      + "which is not allowed here"
  }

  private func otherVersions(_ providers: [AlpinePool.Provider], of name: String) -> String {
    let have = providers.prefix(4).map { $0.version?.description ?? "none" }
    let more = providers.count > 4 ? " and \(providers.count - 4) more" : ""
    let isOwn = providers.contains { pool.package($0.package).name == name }
    return isOwn
      ? "the only \(name) is \(have.joined(separator: ", "))\(more)"
      : "it is provided in version \(have.joined(separator: ", "))\(more) only"
  }

  /// The tags of the repositories that alone have what meets a need; none where others have it too.
  func tags(of dependency: AlpineDependency) -> [String] {
    let packages = pool.matches(dependency).map { pool.package($0.package) }
    guard packages.allSatisfy({ $0.tags & 1 == 0 }) else { return [] }
    return pool.tags.indices.dropFirst().filter { bit in
      packages.contains { $0.tags & (1 << UInt64(bit)) != 0 }
    }.map { pool.tags[$0] }
  }

  /// The names of the packages that a virtual name stands for, where it may choose none of them.
  func virtualProviders(of need: AlpineClosure.Need) -> [String]? {
    let matching = pool.matches(need.dependency)
    guard !matching.isEmpty, !matching.contains(where: \.isSelectable) else { return nil }
    var names = [String]()
    for provider in matching {
      let name = pool.package(provider.package).name
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
    return joined(names, by: "and")
  }

  private func joined(_ words: [String], by conjunction: String) -> String {
    let shown = words.count > 5 ? Array(words.prefix(4)) + ["\(words.count - 4) others"] : words
    guard let last = shown.last, shown.count > 1 else { return shown.first ?? "" }
    return shown.dropLast().joined(separator: ", ") + " \(conjunction) \(last)"
  }
}
