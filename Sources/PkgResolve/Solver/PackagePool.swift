/// All packages that may be chosen for one architecture, with dense ids.
///
/// Names are interned once; a solver sees ids only.
public struct PackagePool: Sendable {
  /// Index of a record in ``records``.
  public typealias ID = Int32

  /// One name that a package answers to besides its own.
  struct Provider: Sendable {
    let package: ID
    let qualifier: String?
    let version: DebianVersion?
  }

  /// `amd64`: the architecture that is not `all`.
  public let architecture: String
  public let records: [PackageRecord]
  /// Names of the suites that the records come from, in the order of the indexes.
  public let suites: [String]
  /// By name: its packages, the preferred one first.
  private let named: [String: [ID]]
  private let providers: [String: [Provider]]

  /// Gathers the records of all suites. Records of other architectures are left out: a flat archive's index holds
  /// several.
  ///
  /// Throws ``ResolveError`` with code `invalidRelation` where a Provides field is malformed.
  public init(architecture: String, indexes: [[PackageRecord]]) throws(ResolveError) {
    var records = [PackageRecord]()
    var suites = [String]()
    var named = [String: [ID]](minimumCapacity: indexes.reduce(0) { $0 + $1.count })
    var providers = [String: [Provider]]()
    for index in indexes {
      for record in index where record.architecture == architecture || record.architecture == "all"
      {
        let id = ID(records.count)
        records.append(record)
        named[record.name, default: []].append(id)
        for provided in try record.provides {
          providers[provided.name, default: []].append(
            Provider(package: id, qualifier: provided.qualifier, version: provided.version))
        }
      }
      if let suite = index.first?.origin.suite, !suites.contains(suite) { suites.append(suite) }
    }
    for (name, ids) in named where ids.count > 1 {
      named[name] = ids.sorted { Self.isPreferred(records[Int($0)], $0, records[Int($1)], $1) }
    }
    let candidates = named
    for (name, list) in providers where list.count > 1 {
      providers[name] = list.sorted { left, right in
        Self.isPreferredProvider(left.package, right.package, records, candidates)
      }
    }
    self.architecture = architecture
    self.records = records
    self.suites = suites
    self.named = named
    self.providers = providers
  }

  /// How many packages there are: ids are below it.
  public var count: Int { records.count }

  public subscript(id: ID) -> PackageRecord { records[Int(id)] }

  /// The packages of a name, the preferred one first: by priority of the origin, then version, newest first, then the
  /// order of the indexes.
  public func candidates(named name: String) -> [ID] { named[name] ?? [] }

  /// The packages that provide a name, the preferred one first: essential ones, then by Priority, then by name.
  public func providers(of name: String) -> [ID] {
    var seen = Set<ID>()
    return (providers[name] ?? []).map(\.package).filter { seen.insert($0).inserted }
  }

  func provisions(of name: String) -> [Provider] { providers[name] ?? [] }

  /// Every name that a package has; in no order.
  var names: Dictionary<String, [ID]>.Keys { named.keys }

  /// Whether a package is the one that a bare request for its name would take.
  func isPreferredVersion(_ id: ID) -> Bool { named[self[id].name]?.first == id }

  private static func isPreferred(
    _ left: PackageRecord, _ leftID: ID, _ right: PackageRecord, _ rightID: ID
  ) -> Bool {
    if left.origin.priority != right.origin.priority {
      return left.origin.priority > right.origin.priority
    }
    if left.version != right.version { return left.version > right.version }
    return leftID < rightID
  }

  private static func isPreferredProvider(
    _ leftID: ID, _ rightID: ID, _ records: [PackageRecord], _ named: [String: [ID]]
  ) -> Bool {
    let left = records[Int(leftID)]
    let right = records[Int(rightID)]
    if left.isEssential != right.isEssential { return left.isEssential }
    if left.priority != right.priority { return left.priority < right.priority }
    if left.name != right.name { return left.name < right.name }
    let order = named[left.name] ?? []
    return (order.firstIndex(of: leftID) ?? 0) < (order.firstIndex(of: rightID) ?? 0)
  }
}
