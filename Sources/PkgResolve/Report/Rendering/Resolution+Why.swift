extension Resolution {
  /// The shortest way from a request to a package, line by line: the request with its place, each dependency on the
  /// way, then the package and who else needs it. nil where no package of that name was chosen.
  ///
  /// Of several ways of one length, the one whose request, and then whose dependency, comes first.
  public func whyText(_ name: String, style: TextStyle = .plain) -> String? {
    guard let target = packages.firstIndex(where: { $0.record.name == name }) else { return nil }
    let package = packages[target]
    var lines = [String]()
    let chain = chain(to: target)
    if let request = chain?.request {
      let place = request.location.map { $0 + ": " } ?? ""
      lines.append(style.strong(printable(place + request.text)))
      if chain?.links.isEmpty == true, request.text != name { lines.append("  takes \(name)") }
    } else {
      lines.append(printable("no dependency leads to it: \(package.reason)"))
    }
    for link in chain?.links ?? [] { lines.append("  " + sentence(link)) }
    let used = chain?.links.last?.from
    lines.append(
      style.strong(package.label) + ", " + package.sizeText
        + printable(others(needing: target, besides: used)))
    return lines.map { $0 + "\n" }.joined()
  }
}

extension Resolution {
  /// Where another package was taken instead of one: `app depends on awk, and mawk was taken: it is essential`.
  public func rejections(of name: String) -> [String] {
    choices.filter { $0.others.contains(name) }.map { choice in
      let wish = choice.package.map { "\($0) depends on" } ?? "the request is"
      return printable(
        "\(wish) \(choice.relation), and \(choice.chosen) was taken: \(choice.reason)")
    }
  }

  /// The names of chosen packages closest to one that is not among them, the closest first.
  public func nearNames(of name: String) -> [String] {
    PkgResolve.nearNames(of: name, among: packages.map(\.record.name))
  }
}

/// A dependency of one chosen package that another meets, or a condition that it meets of another's install_if.
private struct Link {
  let from: Int
  /// nil where an install_if brought the other in.
  let requirement: Int?
  let to: Int
}

extension Resolution {
  private func chain(to target: Int) -> (request: Request, links: [Link])? {
    // By the packages that dependencies brought in; else by all that meet one.
    chain(to: target, by: { $0.packages.prefix(1) })
      ?? chain(to: target, by: { $0.packages[...] })
  }

  /// Breadth first, requests and dependencies in their order.
  private func chain(
    to target: Int, by members: (Requirement) -> ArraySlice<Int>
  ) -> (request: Request, links: [Link])? {
    var origin = [Int: Int]()
    var arrival = [Int: Link]()
    var queue = [Int]()
    let brought = broughtByConditions()
    for (index, request) in requests.enumerated() {
      for package in request.packages where origin[package] == nil {
        origin[package] = index
        queue.append(package)
      }
    }
    var next = 0
    while next < queue.count, origin[target] == nil {
      let package = queue[next]
      next += 1
      func arrive(_ member: Int, requirement: Int?) {
        guard origin[member] == nil else { return }
        origin[member] = origin[package]
        arrival[member] = Link(from: package, requirement: requirement, to: member)
        queue.append(member)
      }
      for (index, requirement) in packages[package].requirements.enumerated()
      where !requirement.isCondition {
        for member in members(requirement) { arrive(member, requirement: index) }
      }
      for member in brought[package] ?? [] { arrive(member, requirement: nil) }
    }
    guard let request = origin[target] else { return nil }
    var links = [Link]()
    var package = target
    while let link = arrival[package] {
      links.append(link)
      package = link.from
    }
    return (requests[request], links.reversed())
  }

  /// By package: those whose install_if it is a condition of.
  private func broughtByConditions() -> [Int: [Int]] {
    var brought = [Int: [Int]]()
    for (index, package) in packages.enumerated() {
      for requirement in package.requirements where requirement.isCondition {
        for member in requirement.packages { brought[member, default: []].append(index) }
      }
    }
    return brought
  }

  private func sentence(_ link: Link) -> String {
    guard let requirement = link.requirement else {
      let package = packages[link.to]
      return printable("\(package.record.name) comes in by its \(package.reason)")
    }
    let from = packages[link.from].record
    let to = packages[link.to].record
    let relation = packages[link.from].requirements[requirement].relation
    var text = "\(from.name) \(from.version) depends on \(relation)"
    if !names(in: relation).contains(to.name) { text += ", which \(to.name) provides" }
    let choice = choices.first {
      $0.package == from.name && $0.relation == relation && $0.chosen == to.name
    }
    if let choice, !choice.others.isEmpty {
      let shown = choice.others.prefix(4).joined(separator: ", ")
      let more = choice.others.count > 4 ? " and \(choice.others.count - 4) more" : ""
      text += " (\(to.name) over \(shown)\(more): \(choice.reason))"
    }
    return printable(text)
  }

  /// The words of a relation that may be package names.
  private func names(in relation: String) -> Set<String> {
    Set(
      relation.utf8.split { !isNameByte($0) }.map { String(decoding: $0, as: UTF8.self) })
  }

  private func others(needing target: Int, besides used: Int?) -> String {
    let names = packages.indices.filter { index in
      index != used && index != target
        && packages[index].requirements.contains {
          !$0.isCondition && $0.packages.contains(target)
        }
    }.map { packages[$0].record.name }
    guard !names.isEmpty else { return "" }
    let shown = names.prefix(6).joined(separator: ", ")
    let more = names.count > 6 ? ", …" : ""
    return names.count == 1
      ? "; 1 other package needs it: \(shown)"
      : "; \(names.count) other packages need it: \(shown)\(more)"
  }
}
