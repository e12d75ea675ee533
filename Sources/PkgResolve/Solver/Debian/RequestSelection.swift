/// A request looked up in a pool: which packages would meet each name, and which names are never installed.
struct RequestSelection {
  struct Wanted {
    let name: String
    let items: [ResolutionRequest.Item]
    /// Any one of these meets all of them; the preferred one first.
    let candidates: [PackageID]

    /// As asked for: `curl`, or `curl, curl=8.14.1` where it was asked for twice.
    var description: String { items.map(\.request.description).joined(separator: ", ") }

    /// `curl (image.yaml:14:7)`: as asked for, and where.
    var place: String {
      items.map { item in
        "\(item.request)" + (item.location.map { " (\($0))" } ?? "")
      }.joined(separator: ", ")
    }

    /// What stands first in an error about it.
    var subject: String {
      guard let first = items.first else { return name }
      return first.location.map { "\($0): \(first.request)" } ?? first.request.description
    }
  }

  /// By name, in the order of the request.
  private(set) var wanted = [Wanted]()
  /// What was asked for, as asked, with its index in ``wanted``.
  private(set) var items = [(item: ResolutionRequest.Item, wanted: Int)]()
  /// Every `!name`, in the order of the request.
  private(set) var exclusions = [ResolutionRequest.Item]()
  /// Names that `!name` names and nothing else asks for.
  private(set) var excluded = Set<String>()

  /// Throws all faults of the request at once.
  init(_ request: ResolutionRequest, in pool: PackagePool) throws(ResolveError) {
    var order = [String]()
    var places = [String: Int]()
    var byName = [String: [ResolutionRequest.Item]]()
    for item in request.items where !item.request.isExclusion {
      let place = places[item.request.name] ?? order.count
      if place == order.count { order.append(item.request.name) }
      places[item.request.name] = place
      items.append((item, place))
      byName[item.request.name, default: []].append(item)
    }
    // The published definitions hold both "!base-files" and "base-files": what is asked for is installed.
    exclusions = request.items.filter(\.request.isExclusion)
    for item in request.items where item.request.isExclusion && byName[item.request.name] == nil {
      excluded.insert(item.request.name)
    }

    var faults = [ResolveError]()
    let excluded = self.excluded
    for name in order {
      let items = byName[name] ?? []
      var common: [PackageID]?
      var isFaulty = false
      for item in items {
        do throws(ResolveError) {
          let found = try Self.candidates(for: item, in: pool, excluded)
          common = common.map { $0.filter(found.contains) } ?? found
        } catch {
          faults.append(error)
          isFaulty = true
        }
      }
      let entry = Wanted(name: name, items: items, candidates: common ?? [])
      if entry.candidates.isEmpty && !isFaulty {
        faults.append(
          ResolveError(
            .unsatisfiable, entry.subject,
            "no one version of \(name) is all of \(entry.description); ask for one of them"))
      }
      wanted.append(entry)
    }
    if let first = faults.first {
      let rest = faults.dropFirst().map { "\n\($0)" }.joined()
      throw ResolveError(first.code, first.subject, first.message + rest)
    }
  }

  private static func candidates(
    for item: ResolutionRequest.Item, in pool: PackagePool, _ excluded: Set<String>
  ) throws(ResolveError) -> [PackageID] {
    let request = item.request
    try checkArchitecture(of: item, in: pool)
    var found = pool.candidates(named: request.name)
    if found.isEmpty {
      found = try soleProvider(of: request, in: pool, excluded)
      guard found.isEmpty else { return found }
      throw unknownPackage(item, in: pool)
    }
    if request.architecture == "all" {
      found = found.filter { pool[$0].architecture == "all" }
      guard !found.isEmpty else {
        throw fault(
          .unknownPackage, item,
          "\(request.name) is there for \(pool.architecture), not as \"all\"; write \(request.name)"
        )
      }
    }
    if let suite = request.suite { return try from(suite, found, item, in: pool) }
    guard let text = request.version else { return found }
    let wanted = try DebianVersion(parsing: text)
    let graded = found.map { ($0, pool[$0].debianVersion.matches(requested: wanted)) }
    let best = graded.map(\.1).max() ?? .none
    guard best != .none else {
      if let barred = pool.barred(named: request.name).first(where: {
        $0.debianVersion.matches(requested: wanted) != .none
      }) {
        throw barredFault(.unknownVersion, item, barred)
      }
      throw fault(.unknownVersion, item, listing(found, in: pool))
    }
    return graded.filter { $0.1 == best }.map(\.0)
  }

  private static func checkArchitecture(
    of item: ResolutionRequest.Item, in pool: PackagePool
  ) throws(ResolveError) {
    guard let architecture = item.request.architecture,
      ![pool.architecture, "all", "native"].contains(architecture)
    else { return }
    throw fault(
      .unknownPackage, item,
      "\(architecture) is a foreign architecture; this image is for \(pool.architecture), and packages of one "
        + "architecture only (and \"all\") can be in it")
  }

  private static func from(
    _ suite: String, _ found: [PackageID], _ item: ResolutionRequest.Item, in pool: PackagePool
  ) throws(ResolveError) -> [PackageID] {
    let here = found.filter { pool[$0].origin.suite == suite }
    guard !here.isEmpty else {
      if let barred = pool.barred(named: item.request.name).first(where: {
        $0.origin.suite == suite
      }) {
        throw barredFault(.unknownVersion, item, barred)
      }
      let verb = pool.suites.count == 1 ? "is" : "are"
      throw fault(
        .unknownVersion, item,
        pool.suites.contains(suite)
          ? "\(suite) does not have it: \(listing(found, in: pool))"
          : "no suite \"\(suite)\"; there \(verb) \(pool.suites.joined(separator: ", "))")
    }
    return here
  }

  private static func barredFault(
    _ code: ResolveError.Code, _ item: ResolutionRequest.Item, _ barred: PackageRecord
  ) -> ResolveError {
    fault(
      code, item,
      "a pin keeps out \(barred) from \(barred.origin.place); give it a priority of 0 or more")
  }

  /// As apt does, a virtual package that one package alone provides stands for it: `default-mta`. A version asked for
  /// is the one provided.
  private static func soleProvider(
    of request: PackageRequest, in pool: PackagePool, _ excluded: Set<String>
  ) throws(ResolveError) -> [PackageID] {
    let wanted = try request.version.map(DebianVersion.init(parsing:))
    let alternative = Alternative(
      name: request.name, constraint: wanted.map { VersionConstraint(.equal, $0) })
    let providers = pool.matches(alternative).filter {
      request.suite == nil || pool[$0].origin.suite == request.suite
    }
    guard let first = providers.first, !excluded.contains(pool[first].name),
      providers.allSatisfy({ pool[$0].name == pool[first].name })
    else { return [] }
    return providers
  }

  private static func unknownPackage(
    _ item: ResolutionRequest.Item, in pool: PackagePool
  ) -> ResolveError {
    let name = item.request.name
    var providers = [String]()
    for id in pool.providers(of: name) where !providers.contains(pool[id].name) {
      providers.append(pool[id].name)
    }
    if !providers.isEmpty {
      let shown = providers.prefix(12).joined(separator: ", ")
      let more = providers.count > 12 ? ", and \(providers.count - 12) more" : ""
      return fault(
        .unknownPackage, item,
        "is a virtual package; ask for one that provides it: \(shown)\(more)")
    }
    if let barred = pool.barred(named: name).first {
      return barredFault(.unknownPackage, item, barred)
    }
    let near = nearNames(of: name, among: pool.names)
    return fault(
      .unknownPackage, item,
      "no such package for \(pool.architecture) in \(pool.suites.joined(separator: ", ")); "
        + (near.isEmpty ? "check its name" : "near names: \(near.joined(separator: ", "))"))
  }

  /// `trixie has 5.2.37-2+b5, 5.2.37-2; trixie-security has …`.
  static func listing(_ ids: [PackageID], in pool: PackagePool) -> String {
    pool.suites.compactMap { suite in
      var versions = [String]()
      for id in ids where pool[id].origin.suite == suite {
        let version = pool[id].version
        if !versions.contains(version) { versions.append(version) }
      }
      guard !versions.isEmpty else { return nil }
      let more = versions.count > 8 ? " and \(versions.count - 8) more" : ""
      return "\(suite) has \(versions.prefix(8).joined(separator: ", "))\(more)"
    }.joined(separator: "; ")
  }

  private static func fault(
    _ code: ResolveError.Code, _ item: ResolutionRequest.Item, _ message: String
  ) -> ResolveError {
    ResolveError(
      code, item.location.map { "\($0): \(item.request)" } ?? item.request.description, message)
  }
}
