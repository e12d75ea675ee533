/// The packages that a request could lead to by any choice at all, with what each needs, excludes and follows from.
///
/// A package that is not among them could never be in an answer. Ids are dense among them.
struct AlpineClosure {
  /// A package that would meet a need.
  struct Candidate {
    let package: PackageID
    /// In which it has or provides the name; nil without one.
    let version: AlpineVersion?
    /// Whether the need by itself may bring it in.
    let isSelectable: Bool
  }

  /// A dependency, a request or a condition of an install_if.
  struct Need {
    let dependency: AlpineDependency
    let name: AlpinePool.NameID
    var candidates = [Candidate]()
    /// How many packages of the pool answer to the name, whether they may be chosen or not.
    let providerCount: Int
  }

  struct Member {
    let id: AlpinePool.ID
    let package: AlpinePool.Package
    var needs = [Need]()
    var conflicts = [Need]()
    var installIf = [Need]()
    /// Why it cannot be installed.
    var fault: String?
  }

  let pool: AlpinePool
  private(set) var members = [Member]()
  /// By item of the request.
  private(set) var requests = [Need]()
  /// By member: those whose install_if a name of it is part of.
  private(set) var triggered = [[PackageID]]()
  private var local = [AlpinePool.ID: PackageID]()
  /// The names that members answer to.
  private var names = Set<String>()

  init(_ request: AlpineRequest, in pool: AlpinePool) {
    self.pool = pool
    requests = request.items.map { need($0.dependency) }
    for request in requests where !request.dependency.isConflict { include(request) }
    var next = 0
    while next < members.count {
      expand(PackageID(next))
      next += 1
    }
    link()
  }

  subscript(package: PackageID) -> AlpinePool.Package { members[Int(package)].package }

  func describe(_ package: PackageID) -> String { self[package].description }

  private func need(_ dependency: AlpineDependency) -> Need {
    let name = pool.id(ofName: dependency.name)
    return Need(
      dependency: dependency, name: name, providerCount: pool.providers(of: name).count)
  }

  private mutating func include(_ need: Need) {
    for provider in pool.providers(of: need.name)
    where need.dependency.matches(provider.version) && provider.isSelectable {
      include(provider.package)
    }
  }

  private mutating func include(_ id: AlpinePool.ID) {
    guard local[id] == nil else { return }
    local[id] = PackageID(members.count)
    var member = Member(id: id, package: pool.package(id))
    member.fault = member.package.fault
    for (name, _) in member.package.names { names.insert(pool.name(name)) }
    if member.fault == nil {
      do throws(ResolveError) {
        for dependency in try pool.depends(of: id) {
          if dependency.isConflict {
            member.conflicts.append(need(dependency))
          } else {
            member.needs.append(need(dependency))
          }
        }
      } catch {
        member.fault = "has dependencies that cannot be read (\(error.message))"
      }
    }
    member.installIf = pool.installIf(of: id).map(need)
    members.append(member)
  }

  private mutating func expand(_ package: PackageID) {
    let member = members[Int(package)]
    guard member.fault == nil else { return }
    for need in member.needs { include(need) }
    for (name, _) in member.package.names {
      for trigger in pool.triggers(naming: name, among: names) where local[trigger] == nil {
        let conditions = pool.installIf(of: trigger)
        if !conditions.isEmpty && conditions.allSatisfy(couldHold) { include(trigger) }
      }
    }
  }

  private func couldHold(_ condition: AlpineDependency) -> Bool {
    condition.isConflict || pool.matches(condition).contains { local[$0.package] != nil }
  }

  /// Names the candidates of each need, now that all members are known.
  private mutating func link() {
    // Taken out while they change: as a part of `self` each change would copy them all.
    var members = self.members
    self.members = []
    triggered = Array(repeating: [], count: members.count)
    for index in requests.indices { requests[index].candidates = candidates(for: requests[index]) }
    for index in members.indices {
      for position in members[index].needs.indices {
        members[index].needs[position].candidates = candidates(for: members[index].needs[position])
      }
      for position in members[index].conflicts.indices {
        members[index].conflicts[position].candidates = candidates(
          for: members[index].conflicts[position])
      }
      for position in members[index].installIf.indices {
        let candidates = candidates(for: members[index].installIf[position])
        members[index].installIf[position].candidates = candidates
        for candidate in candidates {
          let place = Int(candidate.package)
          if triggered[place].last != PackageID(index) { triggered[place].append(PackageID(index)) }
        }
      }
    }
    self.members = members
  }

  private func candidates(for need: Need) -> [Candidate] {
    pool.providers(of: need.name).compactMap { provider in
      guard need.dependency.matches(provider.version), let package = local[provider.package]
      else { return nil }
      return Candidate(
        package: package, version: provider.version, isSelectable: provider.isSelectable)
    }
  }

  /// The members that answer to a name.
  func members(named name: AlpinePool.NameID) -> [(package: PackageID, version: AlpineVersion?)] {
    pool.providers(of: name).compactMap { provider in
      local[provider.package].map { ($0, provider.version) }
    }
  }
}
