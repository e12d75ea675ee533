/// Takes the choices that apt takes, and others where these lead nowhere.
///
/// Leftmost alternative first, newest version first, a real package before a provider; depth first, in the order of the
/// fields. Choices are revised from the last one backwards, at most ``limit`` times.
public struct BacktrackingSolver: DependencySolver {
  /// Choices revised before the search gives up.
  let limit: Int

  public init(limit: Int = 50_000) { self.limit = limit }

  public func solve(
    _ requests: [PackageRequest], in pool: PackagePool
  ) throws(ResolveError) -> Resolution {
    let demands = try Demands(requests, pool: pool)
    var search = Search(pool: pool, excluded: demands.excluded, budget: limit)
    var selection = Selection()
    guard let found = search.extend(&selection, demands.goals[...]) else {
      throw search.explanation
    }
    try Soundness.check(found, in: pool, excluded: demands.excluded)
    return found.resolution(pool)
  }
}

/// Something that must be met, and for whom.
struct Goal {
  let dependency: Dependency
  /// The versions that meet it, in the order they are tried.
  let candidates: [Int]
  /// The record that depends on it; nil for a request.
  let dependent: Int?
  let location: String?

  var reason: (PackagePool) -> String {
    { pool in
      guard let dependent else { return "requested" }
      return "\(pool.records[dependent].name) depends on \(dependency)"
    }
  }
}

/// What a request asks for, checked against what there is.
struct Demands {
  var goals: [Goal] = []
  var excluded: Set<String> = []

  init(_ requests: [PackageRequest], pool: PackagePool) throws(ResolveError) {
    var faults = [ResolveError]()
    let wanted = Set(requests.filter { $0.kind == .install }.map(\.name))
    excluded = Set(requests.filter { $0.kind == .exclude }.map(\.name)).subtracting(wanted)
    var candidates: [String: [Int]] = [:]
    var order = [PackageRequest]()
    for request in requests where request.kind == .install {
      if let fault = Self.fault(of: request, pool: pool) {
        faults.append(fault)
        continue
      }
      let matching = Self.matching(request, pool: pool)
      if let earlier = candidates[request.name] {
        candidates[request.name] = earlier.filter(matching.contains)
      } else {
        candidates[request.name] = matching
        order.append(request)
      }
    }
    guard faults.isEmpty else { throw Self.combined(faults) }
    for request in order {
      let alternative = Alternative(
        name: request.name, architecture: request.architecture, constraint: nil)
      goals.append(
        Goal(
          dependency: Dependency(alternatives: [alternative]),
          candidates: candidates[request.name] ?? [], dependent: nil, location: request.location))
    }
  }

  /// The versions that a request means, newest first; where one is exactly what it says, that one alone.
  private static func matching(_ request: PackageRequest, pool: PackagePool) -> [Int] {
    let ids = pool.versionIDs(of: request.name).filter { id in
      let record = pool.records[id]
      return (request.suite == nil || record.origin.suite == request.suite)
        && (request.architecture == nil || record.admits(qualifier: request.architecture))
    }
    guard let version = request.version else { return ids }
    let exact = ids.filter { pool.records[$0].version == version }
    return exact.isEmpty
      ? ids.filter { pool.records[$0].version.satisfies(requested: version) } : exact
  }

  private static func fault(of request: PackageRequest, pool: PackagePool) -> ResolveError? {
    let subject = request.location.map { "\($0): \(request)" } ?? request.description
    let versions = pool.versions(of: request.name)
    if let architecture = request.architecture, architecture != pool.architecture,
      architecture != "all", architecture != "any"
    {
      return ResolveError(
        .unknownPackage, subject,
        "asks for \(architecture), and this image is for \(pool.architecture); drop the architecture"
      )
    }
    guard !versions.isEmpty else {
      let providers = pool.providers(of: request.name)
      if !providers.isEmpty {
        return ResolveError(
          .unknownPackage, subject,
          "is a virtual package; name one that provides it: \(providers.prefix(8).joined(separator: ", "))"
        )
      }
      let near = NearNames.of(request.name, in: pool.names)
      let hint =
        near.isEmpty
        ? "check its spelling and the suites" : "near names: \(near.joined(separator: ", "))"
      return ResolveError(
        .unknownPackage, subject, "no such package for \(pool.architecture); \(hint)")
    }
    guard matching(request, pool: pool).isEmpty else { return nil }
    let there = versions.map { "\($0.version) (\($0.origin.suite))" }.joined(separator: ", ")
    return ResolveError(
      .unknownVersion, subject,
      "no such version for \(pool.architecture); the archives have \(there)")
  }

  /// All faults in one error, one a line.
  private static func combined(_ faults: [ResolveError]) -> ResolveError {
    guard faults.count > 1, let first = faults.first else { return faults[0] }
    let rest = faults.dropFirst().map { "\n  \($0)" }.joined()
    return ResolveError(first.code, first.subject, first.message + rest)
  }
}
