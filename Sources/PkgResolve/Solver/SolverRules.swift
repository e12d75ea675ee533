/// What a distribution's relations say, as clauses over the packages of its pool.
protocol SolverRules {
  /// What a clause rests on: a request, a dependency, a conflict.
  associatedtype Fact

  /// Packages have the ids below this.
  var packageCount: Int { get }

  /// What holds from the start: the request, in its order.
  mutating func initialClauses() throws(ResolveError) -> [Clause<Fact>]

  /// What holds of a package once it is taken in. Asked for once for each package, so that only what the request leads
  /// to is ever parsed.
  mutating func clauses(of package: PackageID) throws(ResolveError) -> [Clause<Fact>]
}

/// Which open literal to settle next: it carries a distribution's preferences.
///
/// One is made anew after each time the search went back.
protocol DecisionOrder<Rules> {
  associatedtype Rules: SolverRules

  /// An open literal, or nil where all that is needed is there. Called after a propagation without conflict.
  mutating func next(in search: Search<Rules>) -> Literal?

  /// A clause that must hold and does not, although there is nothing more to decide; nil where the answer stands.
  ///
  /// Rules that are no matter of clauses alone speak here: that nothing is there without a reason.
  mutating func objection(in search: Search<Rules>) -> Clause<Rules.Fact>?
}

extension DecisionOrder {
  mutating func objection(in search: Search<Rules>) -> Clause<Rules.Fact>? { nil }
}
