/// A complete solver for Alpine that learns from conflicts and prefers what apk 3 would choose.
///
/// It finds a set wherever there is one. The same request over the same packages gives the same answer, however the
/// records of an index are ordered.
public struct AlpineSolver: Sendable {
  /// Conflicts after which the search is given up.
  public var conflictLimit: Int
  /// Asked while the search goes on; once true, solving throws ``ResolveError`` with code `cancelled`.
  public var isCancelled: @Sendable () -> Bool

  public init(
    conflictLimit: Int = 100_000, isCancelled: @Sendable @escaping () -> Bool = { false }
  ) {
    self.conflictLimit = conflictLimit
    self.isCancelled = isCancelled
  }

  /// A sound set: every request and dependency met, nothing excluded by a member, everything there for a reason, and
  /// every install_if that has come true in it unless something excludes the package.
  ///
  /// Throws ``ResolveError``: `unknownPackage` or `unknownVersion` with all such entries at once, `invalidRequest` for
  /// a tag that no index has, `unsatisfiable` with the chain that makes it so, `exhausted` and `cancelled`.
  public func solve(
    _ request: AlpineRequest, in pool: AlpinePool
  ) throws(ResolveError) -> Resolution {
    try AlpineRequestCheck(request, in: pool).verify()
    let search = Search(AlpineRules(request, in: pool))
    let closure = search.rules.closure
    let names = AlpineNameOrder(request, closure)
    let preference = AlpinePreference(request, closure)
    let outcome = try search.run(conflictLimit: conflictLimit, isCancelled: isCancelled) {
      AlpineOrder(names, preference, in: search)
    }
    switch outcome {
    case .found(let order):
      let members = order.membership.members.map { closure.members[Int($0)].id }
      try AlpineSoundness(members, request, in: pool).verify()
      return AlpineResolution(order.membership, preference, in: search).resolution()
    case .impossible(let conflict):
      let core = try UnsatisfiableCore(search.facts(behind: conflict))
      throw AlpineReport(core.facts, search.rules).error
    case .exhausted:
      throw ResolveError(
        .exhausted, request.items.first?.subject ?? "",
        "no answer found after \(conflictLimit) conflicts; ask for fewer packages or name versions")
    }
  }
}
