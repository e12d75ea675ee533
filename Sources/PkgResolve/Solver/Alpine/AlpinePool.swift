import Synchronization

/// All packages that may be chosen for one architecture, with dense ids, and which of them answers to which name.
///
/// Names are looked up in the tables when they are asked for, and what was found is kept.
public final class AlpinePool: Sendable {
  /// The index of one repository.
  public struct Index: Sendable {
    public var table: PackageTable
    /// Without the `@`; nil where the repository has none. Source: apk-repositories(5).
    public var tag: String?

    public init(_ table: PackageTable, tag: String? = nil) {
      self.table = table
      self.tag = tag
    }
  }

  /// Number of a record: its row, counted on from table to table.
  public typealias ID = Int32
  typealias NameID = Int32

  /// The architectures that Alpine's packages may be for; a record of any other cannot be installed anywhere.
  ///
  /// Source: apk-tools, "arch" in its build definitions.
  public static let architectures: Set<String> = [
    "aarch64", "arm", "armeb", "armel", "armhf", "armv7", "loongarch32", "loongarch64",
    "loongarchx32", "mips", "mips64", "mips64el", "mipsel", "ppc", "ppc64", "ppc64le", "riscv32",
    "riscv64", "s390x", "sh4", "x86", "x86_64",
  ]

  /// `x86_64`: the architecture that is not `noarch`.
  public let architecture: String
  public let indexes: [Index]
  /// Names of packages that are never installed.
  ///
  /// A dependency on such a name counts as met, and so does one that nothing but such packages would meet.
  public let excluded: Set<String>
  /// Ids are less than this; those of other records for the same package are never handed out.
  public let count: Int
  /// Names of the origins, in the order of the indexes.
  let origins: [String]
  /// Names of tags, by bit; the first stands for no tag.
  let tags: [String]

  /// Of each index, the id of its first record.
  private let bases: [Int]
  /// Records of a package that an earlier record is of as well.
  private let repeats: Set<ID>
  /// By package that more than one index has: the bits of the tags of all of them.
  private let sharedTags: [ID: UInt64]
  /// By name: the packages whose install_if names it.
  private let triggers: [String: [ID]]
  /// By package: the names that must be there for its install_if to hold.
  private let conditions: [ID: [String]]
  private let known = Mutex(Known())

  /// What was looked up before. It changes how long an answer takes, never the answer.
  private struct Known {
    var names = [String]()
    var nameIDs = [String: NameID]()
    var providers = [NameID: [Provider]]()
    /// By name: those that are never installed.
    var excludedProviders = [NameID: [Provider]]()
    var packages = [ID: Package]()
  }

  /// More tags than this are refused.
  private static let tagLimit = 62

  /// Throws ``ResolveError`` with code `invalidIndex` where there are too many packages or tags, or an index is not
  /// Alpine's.
  public init(
    architecture: String, indexes: [Index], excluding excluded: Set<String> = []
  ) throws(ResolveError) {
    var bases = [Int]()
    var tags = [""]
    var origins = [String]()
    var count = 0
    for index in indexes {
      let origin = index.table.origin.name
      guard index.table.format == .alpine else {
        throw ResolveError(.invalidIndex, origin, "is an index of Debian's; expected an APKINDEX")
      }
      bases.append(count)
      count += index.table.count
      if !origins.contains(origin) { origins.append(origin) }
      if let tag = index.tag, !tags.dropFirst().contains(tag) { tags.append(tag) }
    }
    guard count <= Int(ID.max) / 4, tags.count <= Self.tagLimit else {
      throw ResolveError(
        .invalidIndex, indexes.first?.table.origin.name ?? "",
        "there are \(count) packages and \(tags.count - 1) tags; expected at most \(ID.max / 4) and "
          + "\(Self.tagLimit - 1)")
    }
    var survey = AlpineSurvey(count: count)
    for (base, index) in zip(bases, indexes) {
      let place = index.tag.flatMap { tags.dropFirst().firstIndex(of: $0) } ?? 0
      survey.add(index.table, base: base, bit: 1 << UInt64(place))
    }
    self.architecture = architecture
    self.indexes = indexes
    self.excluded = excluded
    self.count = count
    self.bases = bases
    self.tags = tags
    self.origins = origins
    repeats = survey.repeats
    sharedTags = survey.sharedTags
    triggers = survey.triggers
    conditions = survey.conditions
  }

  public subscript(id: ID) -> PackageRecord {
    let position = place(of: id)
    return indexes[position].table[Int(id) - bases[position]]
  }

  private func place(of id: ID) -> Int {
    // A pool has a handful of indexes.
    var position = bases.count - 1
    while bases[position] > Int(id) { position -= 1 }
    return position
  }

  /// Bit of a tag; nil where no index has it.
  func bit(ofTag tag: String?) -> UInt64? {
    guard let tag else { return 1 }
    return tags.dropFirst().firstIndex(of: tag).map { 1 << UInt64($0) }
  }

  func name(_ id: NameID) -> String { known.withLock { $0.names[Int(id)] } }

  func id(ofName name: String) -> NameID {
    known.withLock { known in
      if let id = known.nameIDs[name] { return id }
      let id = NameID(known.names.count)
      known.nameIDs[name] = id
      known.names.append(name)
      return id
    }
  }

  func providers(of name: NameID) -> [Provider] {
    if let found = known.withLock({ $0.providers[name] }) { return found }
    let all = lookUp(self.name(name))
    let found = excluded.isEmpty ? all : all.filter { !excluded.contains(self[$0.package].name) }
    known.withLock { known in
      known.providers[name] = found
      if found.count < all.count {
        known.excludedProviders[name] = all.filter { excluded.contains(self[$0.package].name) }
      }
    }
    return found
  }

  /// The packages that answer to a name and are never installed.
  func excludedProviders(of name: NameID) -> [Provider] {
    guard !excluded.isEmpty else { return [] }
    _ = providers(of: name)
    return known.withLock { $0.excludedProviders[name] ?? [] }
  }

  func providers(of name: String) -> [Provider] { providers(of: id(ofName: name)) }

  private func lookUp(_ name: String) -> [Provider] {
    var found = [Provider]()
    for (base, index) in zip(bases, indexes) {
      guard let symbol = index.table.symbol(of: name) else { continue }
      for row in index.table.rows(of: symbol) where !repeats.contains(ID(base + row)) {
        found.append(
          Provider(package: ID(base + row), version: version(of: ID(base + row)), priority: 0))
      }
      index.table.forEachProvision(of: symbol) { row, item in
        let id = ID(base + row)
        guard !repeats.contains(id), let provided = ProvidedName(item) else { return }
        found.append(
          Provider(
            package: id, version: provided.version, priority: self[id].providerPriority))
      }
    }
    guard found.count > 1 else { return found }
    let keyed = found.map { (provider: $0, key: package($0.package).key) }
    return keyed.sorted { $0.key < $1.key }.map(\.provider)
  }

  private func version(of id: ID) -> AlpineVersion { AlpineVersion(asWritten: self[id].version) }

  func package(_ id: ID) -> Package {
    if let found = known.withLock({ $0.packages[id] }) { return found }
    let position = place(of: id)
    let own = bit(ofTag: indexes[position].tag) ?? 1
    let package = Package(self[id], index: position, tags: sharedTags[id] ?? own, in: self)
    known.withLock { $0.packages[id] = package }
    return package
  }

  /// The packages whose install_if names a name and otherwise only names that are known; in one order, however the
  /// indexes are ordered.
  func triggers(naming name: NameID, among known: Set<String>) -> [ID] {
    let found = (triggers[self.name(name)] ?? []).filter { id in
      conditions[id]?.allSatisfy(known.contains) ?? false && !excluded.contains(self[id].name)
    }
    guard found.count > 1 else { return found }
    return found.map { (id: $0, key: package($0).key) }.sorted { $0.key < $1.key }.map(\.id)
  }

  /// Every name that a package has. Goes through all of them.
  var packageNames: [String] {
    var seen = Set<String>()
    for index in indexes { seen.formUnion(index.table.packageNames) }
    return seen.sorted()
  }
}
