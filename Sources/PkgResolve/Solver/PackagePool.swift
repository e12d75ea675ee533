/// All package versions that one platform can choose from.
public struct PackagePool: Sendable {
  public let architecture: String
  public private(set) var records: [PackageRecord] = []
  private var byName: [String: [Int]] = [:]
  private var byProvidedName: [String: [Int]] = [:]

  /// Takes the records of the architecture and of `all`. Of one version in several suites, the first given stays.
  public init(_ indexes: [[PackageRecord]], architecture: String) {
    self.architecture = architecture
    for record in indexes.joined() {
      guard record.architecture == architecture || record.architecture == "all" else { continue }
      let known = byName[record.name, default: []]
      if known.contains(where: { records[$0].version == record.version }) { continue }
      byName[record.name, default: []].append(records.count)
      for name in Set(record.provides.map(\.name)) {
        byProvidedName[name, default: []].append(records.count)
      }
      records.append(record)
    }
    for (name, indexes) in byName where indexes.count > 1 {
      byName[name] = indexes.sorted { records[$0].version > records[$1].version }
    }
  }

  /// The versions of a package, newest first.
  public func versions(of name: String) -> [PackageRecord] {
    versionIDs(of: name).map { records[$0] }
  }

  /// The names of packages that provide a name, sorted.
  public func providers(of name: String) -> [String] {
    Set((byProvidedName[name] ?? []).map { records[$0].name }).sorted()
  }

  public var names: [String] { byName.keys.sorted() }

  func versionIDs(of name: String) -> [Int] { byName[name] ?? [] }

  /// Every version that meets an alternative, in the order in which they are tried: the real package's, newest first;
  /// then providers', by Priority, then name, newest first.
  func candidates(for alternative: Alternative) -> [Int] {
    let real = versionIDs(of: alternative.name).filter { admits($0, alternative) }
    let providers = (byProvidedName[alternative.name] ?? [])
      .filter { records[$0].name != alternative.name && admits($0, alternative) }
      .sorted { left, right in
        let (left, right) = (records[left], records[right])
        let ranks = (Self.rank(left.priority), Self.rank(right.priority))
        if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
        if left.name != right.name { return left.name < right.name }
        return left.version > right.version
      }
    return real + providers
  }

  private func admits(_ id: Int, _ alternative: Alternative) -> Bool {
    records[id].meets(alternative) && records[id].admits(qualifier: alternative.architecture)
  }

  /// Source: Debian Policy §2.5.
  private static func rank(_ priority: String) -> Int {
    ["required", "important", "standard", "optional", "extra"].firstIndex(of: priority) ?? 5
  }
}
