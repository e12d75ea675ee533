/// Walks over what is taken in, from the request along the dependencies, depth first and in the order written, as apt
/// does when it marks packages. It finds the next decision to make, and in the end the answer itself: what it has
/// not come by is not needed.
struct MarkingOrder: DecisionOrder {
  struct Step {
    let package: PackageID
    /// The clause that led to it.
    let clause: Int
  }

  /// The packages come by, in order.
  private(set) var steps = [Step]()
  private var marked = Set<PackageID>()
  private var expanded = Set<PackageID>()
  private var nextRequest = 0
  /// How many steps the request itself made: fewer than it has names where one package meets two.
  private var roots = 0
  private var nextRoot = 0
  /// Packages whose dependencies are being walked, with the position of the next.
  private var stack = [(package: PackageID, position: Int)]()

  mutating func next(in search: Search<DebianRules>) -> Literal? {
    while nextRequest < search.initialCount {
      if let open = follow(nextRequest, from: 0, in: search) { return open }
      nextRequest += 1
      roots = steps.count
    }
    while true {
      if let top = stack.last {
        guard let clause = dependency(top.position, of: top.package, in: search) else {
          stack.removeLast()
          continue
        }
        let depth = stack.count - 1
        let before = steps.count
        if let open = follow(clause, from: 1, in: search) { return open }
        stack[depth].position += 1
        if steps.count > before {
          expand(steps[before].package)
        } else {
          // What was asked for is marked before anything is walked; the sole way to meet a dependency is walked now.
          let literals = search.clauses[clause].literals
          if literals.count == 2 { expand(literals[1].package) }
        }
      } else if nextRoot < roots {
        expand(steps[nextRoot].package)
        nextRoot += 1
      } else {
        return nil
      }
    }
  }

  /// The clause of a package's dependency; nil after the last.
  private func dependency(
    _ position: Int, of package: PackageID, in search: Search<DebianRules>
  ) -> Int? {
    // The rules give the dependencies first, in the order written.
    guard let clauses = search.clauses(of: package), position < clauses.count,
      case .fact(.dependency) = search.clauses[clauses.lowerBound + position].cause
    else { return nil }
    return clauses.lowerBound + position
  }

  private mutating func expand(_ package: PackageID) {
    if expanded.insert(package).inserted { stack.append((package, 0)) }
  }

  /// Marks the package that meets a clause where none is marked yet; returns it where it is still open.
  private mutating func follow(
    _ clause: Int, from start: Int, in search: Search<DebianRules>
  ) -> Literal? {
    let candidates = search.clauses[clause].literals[start...]
    if candidates.contains(where: { marked.contains($0.package) }) { return nil }
    guard let choice = candidates.first(where: { search.value($0) >= 0 }) else { return nil }
    if search.value(choice) == 0 { return choice }
    marked.insert(choice.package)
    steps.append(Step(package: choice.package, clause: clause))
    return nil
  }
}
