import Synchronization

/// All packages that may be chosen for one architecture, with dense ids.
///
/// Making one costs nothing: names are looked up in the tables when they are asked for, and what was found is kept.
public final class PackagePool: Sendable {
  /// Number of a record: its row, counted on from table to table.
  public typealias ID = Int32

  /// One name that a package answers to besides its own.
  struct Provider: Sendable {
    let package: ID
    let qualifier: String?
    let version: DebianVersion?
  }

  /// `amd64`: the architecture that is not `all`.
  public let architecture: String
  public let indexes: [PackageTable]
  /// Ids are less than this; those of records for other architectures are never handed out.
  public let count: Int
  /// Names of the suites that the records come from, in the order of the indexes.
  public let suites: [String]
  public let pins: PackagePins

  /// Of each index, the id of its first record.
  private let bases: [Int]
  private let known = Mutex(Known())

  /// What was looked up before. It changes how long an answer takes, never the answer.
  private struct Known {
    var candidates = [String: [ID]]()
    var provisions = [String: [Provider]]()
  }

  /// Gathers the records of all suites. Those of other architectures are left out: a flat archive's index holds
  /// several.
  ///
  /// Throws ``ResolveError`` with code `invalidIndex` where there are too many packages.
  public init(
    architecture: String, indexes: [PackageTable], pins: PackagePins = PackagePins()
  ) throws(ResolveError) {
    var bases = [Int]()
    var suites = [String]()
    var count = 0
    for index in indexes {
      bases.append(count)
      count += index.count
      let suite = index.origin.suite
      if !index.isEmpty && !suites.contains(suite) { suites.append(suite) }
    }
    guard count <= Int(ID.max) / 4 else {
      throw ResolveError(
        .invalidIndex, indexes.first?.origin.name ?? "",
        "has \(count) packages together with the other indexes; expected at most \(ID.max / 4)")
    }
    self.architecture = architecture
    self.pins = pins
    self.indexes = indexes
    self.bases = bases
    self.count = count
    self.suites = suites
  }

  public subscript(id: ID) -> PackageRecord {
    // A pool has a handful of indexes.
    var position = bases.count - 1
    while bases[position] > Int(id) { position -= 1 }
    return indexes[position][Int(id) - bases[position]]
  }

  /// The packages of a name, the preferred one first: by priority, then version, newest first, then the order of the
  /// indexes. Those of a priority below 0 are left out.
  public func candidates(named name: String) -> [ID] {
    if let found = known.withLock({ $0.candidates[name] }) { return found }
    var found = [(id: ID, priority: Int, version: DebianVersion)]()
    for (base, index) in zip(bases, indexes) {
      for row in index.rows(named: name) where isOfThisArchitecture(row, of: index) {
        let priority = pins.priority(of: name, from: index.origin)
        guard priority >= 0 else { continue }
        found.append((ID(base + row), priority, index[row].debianVersion))
      }
    }
    if found.count > 1 {
      found.sort { left, right in
        if left.priority != right.priority { return left.priority > right.priority }
        if left.version != right.version { return left.version > right.version }
        return comesFirst(left.id, right.id)
      }
    }
    let ids = found.map(\.id)
    known.withLock { $0.candidates[name] = ids }
    return ids
  }

  /// Of two records of one version: that of the earlier index; in one index, that of the smaller digest, so that the
  /// order of its stanzas does not matter.
  private func comesFirst(_ left: ID, _ right: ID) -> Bool {
    let (first, second) = (self[left], self[right])
    if first.table === second.table {
      let (mine, other) = (first.digest ?? "", second.digest ?? "")
      if mine != other { return mine < other }
      if first.architecture != second.architecture {
        return first.architecture < second.architecture
      }
    }
    return left < right
  }

  /// The packages that provide a name, the preferred one first: essential ones, then by Priority, then by name.
  public func providers(of name: String) -> [ID] {
    var seen = Set<ID>()
    return provisions(of: name).map(\.package).filter { seen.insert($0).inserted }
  }

  func provisions(of name: String) -> [Provider] {
    if let found = known.withLock({ $0.provisions[name] }) { return found }
    var found = [Provider]()
    for (base, index) in zip(bases, indexes) {
      guard let symbol = index.symbol(of: name) else { continue }
      index.forEachProvision(of: symbol) { row, item in
        guard isOfThisArchitecture(row, of: index), isAllowed(row, of: index) else { return }
        // The index was refused if any of them is malformed.
        var parser = RelationParser(Array(item)[...]) { index.origin.name }
        guard let provided = try? parser.provides().first else { return }
        found.append(
          Provider(
            package: ID(base + row), qualifier: provided.qualifier, version: provided.version))
      }
    }
    if found.count > 1 { sort(&found) }
    let result = found
    known.withLock { $0.provisions[name] = result }
    return found
  }

  private func sort(_ providers: inout [Provider]) {
    var keyed = providers.enumerated().map { position, provider in
      (position: position, provider: provider, record: self[provider.package])
    }
    keyed.sort { left, right in
      if left.record.isEssential != right.record.isEssential { return left.record.isEssential }
      let priorities = (left.record.priority, right.record.priority)
      if priorities.0 != priorities.1 { return priorities.0 < priorities.1 }
      let names = (left.record.name, right.record.name)
      if names.0 != names.1 { return names.0 < names.1 }
      if left.provider.package != right.provider.package {
        let order = candidates(named: names.0)
        return (order.firstIndex(of: left.provider.package) ?? 0)
          < (order.firstIndex(of: right.provider.package) ?? 0)
      }
      return left.position < right.position
    }
    providers = keyed.map(\.provider)
  }

  /// Every name that a package has, each once. Goes through all of them.
  var names: [String] {
    var names = [String]()
    var seen = Set<String>()
    for index in indexes {
      for name in index.packageNames where !seen.contains(name) {
        let rows = index.rows(named: name)
        guard
          rows.contains(where: { isOfThisArchitecture($0, of: index) && isAllowed($0, of: index) })
        else { continue }
        seen.insert(name)
        names.append(name)
      }
    }
    return names
  }

  /// Whether a package is the one that a bare request for its name would take.
  func isPreferredVersion(_ id: ID) -> Bool { candidates(named: self[id].name).first == id }

  /// The packages of a name that a pin keeps out.
  func barred(named name: String) -> [PackageRecord] {
    var found = [PackageRecord]()
    for index in indexes {
      for row in index.rows(named: name)
      where isOfThisArchitecture(row, of: index) && !isAllowed(row, of: index) {
        found.append(index[row])
      }
    }
    return found
  }

  /// The packages that would meet a relation by their name, were it not for a pin.
  func barred(by relation: Alternative) -> [PackageRecord] {
    barred(named: relation.name).filter {
      relation.constraint?.allows($0.debianVersion) ?? true
    }
  }

  private func isAllowed(_ row: Int, of index: PackageTable) -> Bool {
    pins.pins.isEmpty && index.origin.priority >= 0
      || pins.priority(of: index[row].name, from: index.origin) >= 0
  }

  private func isOfThisArchitecture(_ row: Int, of index: PackageTable) -> Bool {
    let own = index.text(.architecture, row: row)
    return own.elementsEqual("all".utf8) || own.elementsEqual(architecture.utf8)
  }
}
