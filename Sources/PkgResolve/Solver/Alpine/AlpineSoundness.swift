/// Judges a set of packages without regard to how it was found.
struct AlpineSoundness {
  private let request: AlpineRequest
  private let pool: AlpinePool
  private let packages: [AlpinePool.ID]
  private let members: Set<AlpinePool.ID>

  init(_ packages: [AlpinePool.ID], _ request: AlpineRequest, in pool: AlpinePool) {
    self.request = request
    self.pool = pool
    self.packages = packages
    members = Set(packages)
  }

  /// Throws ``ResolveError`` with code `internalFault` where the set is unsound or not what the request leads to.
  func verify() throws(ResolveError) {
    let faults = try faults()
    guard faults.isEmpty else {
      throw ResolveError(
        .internalFault, request.items.first?.subject ?? "",
        "the solver's answer is unsound (\(faults.prefix(5).joined(separator: "; "))); this is a fault of the "
          + "program: please report it")
    }
  }

  /// What is wrong with the set; empty where it is sound.
  func faults() throws(ResolveError) -> [String] {
    var faults = [String]()
    for item in request.items {
      let isThere = pool.matches(item.dependency).contains { members.contains($0.package) }
      if isThere == item.dependency.isConflict { faults.append("\(item.dependency) does not hold") }
    }
    for package in packages {
      if let fault = pool.package(package).fault {
        faults.append("\(pool.describe(package)) \(fault)")
      }
      for dependency in try pool.depends(of: package) where !holds(dependency, for: package) {
        faults.append("\(pool.describe(package)) needs \(dependency), which does not hold")
      }
      faults += rivals(of: package).map {
        "\(pool.describe(package)) and \(pool.describe($0)) have one name"
      }
    }
    return faults + (try unreached()) + (try omitted())
  }

  private func holds(_ dependency: AlpineDependency, for package: AlpinePool.ID) -> Bool {
    let found = pool.matches(dependency).map(\.package)
    if dependency.isConflict { return !found.contains { members.contains($0) && $0 != package } }
    return found.contains { members.contains($0) || $0 == package }
  }

  /// Other members that have or provide one of a package's names, where that excludes either.
  private func rivals(of package: AlpinePool.ID) -> [AlpinePool.ID] {
    var found = [AlpinePool.ID]()
    for (name, _) in pool.package(package).names {
      let providers = pool.providers(of: name)
      let isVersioned = providers.contains { $0.package == package && $0.version != nil }
      for provider in providers
      where provider.package != package && members.contains(provider.package)
        && (isVersioned || provider.version != nil)
      {
        found.append(provider.package)
      }
    }
    return found
  }

  /// Members that nothing leads to.
  private func unreached() throws(ResolveError) -> [String] {
    var reached = [AlpinePool.ID: UInt64]()
    var tags = [AlpinePool.ID: UInt64]()
    var isGrowing = true
    func lead(_ dependency: AlpineDependency, _ bits: UInt64) {
      for provider in pool.matches(dependency) where members.contains(provider.package) {
        tags[provider.package, default: 0] |= bits
        if provider.isSelectable { grant(provider.package) }
      }
    }
    func grant(_ package: AlpinePool.ID) {
      let bits = tags[package] ?? 0
      guard pool.package(package).isAllowed(tags: bits), reached[package] != bits else { return }
      reached[package] = bits
      isGrowing = true
    }
    while isGrowing {
      isGrowing = false
      for item in request.items where !item.dependency.isConflict {
        lead(item.dependency, pool.bit(ofTag: item.dependency.tag) ?? 1)
      }
      for package in packages {
        if let bits = reached[package] {
          for dependency in try pool.depends(of: package) where !dependency.isConflict {
            lead(dependency, bits)
          }
        }
        if let bits = conditions(of: package, among: reached) {
          tags[package, default: 0] |= bits
          grant(package)
        }
      }
    }
    return packages.filter { reached[$0] == nil }.map { "nothing leads to \(pool.describe($0))" }
  }

  /// The tags under which the conditions of an install_if were reached; nil where they do not hold.
  private func conditions(
    of package: AlpinePool.ID, among reached: [AlpinePool.ID: UInt64]
  ) -> UInt64? {
    let conditions = pool.installIf(of: package)
    guard !conditions.isEmpty else { return nil }
    var bits: UInt64 = 1
    for condition in conditions where !condition.isConflict {
      let found = pool.matches(condition).compactMap { reached[$0.package] }
      if found.isEmpty { return nil }
      bits |= found.reduce(0, |)
    }
    return bits
  }

  /// Packages whose install_if holds, and that could be added as they are.
  private func omitted() throws(ResolveError) -> [String] {
    var faults = [String]()
    var seen = Set<AlpinePool.ID>()
    var names = Set<String>()
    for package in packages {
      for (name, _) in pool.package(package).names { names.insert(pool.name(name)) }
    }
    let all = Dictionary(uniqueKeysWithValues: packages.map { ($0, UInt64(1)) })
    for package in packages {
      for (name, _) in pool.package(package).names {
        for trigger in pool.triggers(naming: name, among: names)
        where !members.contains(trigger) && seen.insert(trigger).inserted {
          let exclusions = pool.installIf(of: trigger).filter(\.isConflict)
          if conditions(of: trigger, among: all) != nil,
            exclusions.allSatisfy({ holds($0, for: trigger) }), try couldBeAdded(trigger)
          {
            faults.append("\(pool.describe(trigger)) is absent in spite of its install_if")
          }
        }
      }
    }
    return faults
  }

  private func couldBeAdded(_ package: AlpinePool.ID) throws(ResolveError) -> Bool {
    guard pool.package(package).fault == nil, pool.package(package).isAllowed(tags: 0),
      rivals(of: package).isEmpty, let depends = try? pool.depends(of: package)
    else { return false }
    var standing = request.items.map(\.dependency)
    for member in packages { standing += try pool.depends(of: member) }
    for dependency in standing
    where dependency.isConflict
      && pool.matches(dependency).contains(where: { $0.package == package })
    {
      return false
    }
    return depends.allSatisfy { holds($0, for: package) }
  }
}
