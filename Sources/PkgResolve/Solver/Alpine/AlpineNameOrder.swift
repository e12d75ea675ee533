/// The order in which apk settles names: those that lead to others first, names that packages have before names that
/// are provided only, and names that are being added last of all.
///
/// Source: how apk 3 discovers names from the world; where apk follows the order of an index, names are sorted here.
struct AlpineNameOrder {
  private var ranks = [AlpinePool.NameID: UInt32]()

  init(_ request: AlpineRequest, _ closure: AlpineClosure) {
    var discovery = Discovery(closure)
    let world = zip(request.items, closure.requests).sorted { left, right in
      let (a, b) = (left.0.dependency.name, right.0.dependency.name)
      return (a.lowercased(), a) < (b.lowercased(), b)
    }
    var added = Set<AlpinePool.NameID>()
    for (item, need) in world {
      if !item.isStanding { added.insert(need.name) }
      discovery.visit(need.name)
    }
    for (position, name) in discovery.order.enumerated() {
      var rank = UInt32(position)
      if !added.contains(name) { rank |= 1 << 31 }
      let isOwn = closure.pool.providers(of: name).contains {
        closure.pool.package($0.package).nameID == name
      }
      if isOwn { rank |= 1 << 30 }
      ranks[name] = rank
    }
  }

  /// The name with the highest is settled first.
  func rank(_ name: AlpinePool.NameID) -> UInt32 { ranks[name] ?? 0 }

  private struct Discovery {
    private enum Task {
      case name(AlpinePool.NameID)
      case dependencies(PackageID)
      case place(AlpinePool.NameID)
    }

    private let closure: AlpineClosure
    /// What was discovered, dependencies before what needs them.
    private(set) var order = [AlpinePool.NameID]()
    private var seenNames = Set<AlpinePool.NameID>()
    private var seenPackages = Set<PackageID>()

    init(_ closure: AlpineClosure) { self.closure = closure }

    /// Keeps its own stack: chains of dependencies may be of any length.
    mutating func visit(_ name: AlpinePool.NameID) {
      var stack = [Task.name(name)]
      while let task = stack.popLast() {
        switch task {
        case .name(let name):
          guard seenNames.insert(name).inserted else { continue }
          stack += steps(name).reversed()
        case .dependencies(let package):
          guard seenPackages.insert(package).inserted else { continue }
          let member = closure.members[Int(package)]
          stack += names(member.needs + member.conflicts).reversed()
        case .place(let name): order.append(name)
        }
      }
    }

    private func steps(_ name: AlpinePool.NameID) -> [Task] {
      let packages = closure.members(named: name).map(\.package)
      var steps = packages.map(Task.dependencies)
      for package in packages {
        for trigger in closure.triggered[Int(package)] {
          steps.append(.name(closure[trigger].nameID))
        }
        steps += closure[package].provides.map { Task.name($0.name) }
      }
      steps.append(.place(name))
      for package in packages { steps += names(closure.members[Int(package)].installIf) }
      return steps
    }

    private func names(_ needs: [AlpineClosure.Need]) -> [Task] {
      needs.map { Task.name($0.name) }
    }
  }
}
