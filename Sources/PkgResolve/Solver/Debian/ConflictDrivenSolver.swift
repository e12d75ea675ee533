/// A complete solver that learns from conflicts and prefers what apt would choose: the leftmost alternative, the newest
/// version, a real package before one that provides the name.
///
/// It finds a set wherever there is one. The same request over the same pool gives the same answer.
public struct ConflictDrivenSolver: DependencySolver {
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

  public func solve(
    _ request: ResolutionRequest, in pool: PackagePool
  ) throws(ResolveError) -> Resolution {
    let selection = try RequestSelection(request, in: pool)
    let search = Search(DebianRules(selection, in: pool))
    switch try search.run(
      conflictLimit: conflictLimit, isCancelled: isCancelled, order: MarkingOrder.init)
    {
    case .found(let order):
      try SoundnessCheck(selection, in: pool).verify(order.steps.map(\.package))
      return try DebianResolution(order.steps, in: search).resolution()
    case .impossible(let conflict):
      let core = try UnsatisfiableCore(search.facts(behind: conflict))
      throw DebianReport(core.facts, search.rules).error
    case .exhausted:
      throw ResolveError(
        .exhausted, selection.wanted.first?.subject ?? "",
        "no answer found after \(conflictLimit) conflicts; ask for fewer packages or name versions"
      )
    }
  }
}
