extension Search {
  enum Outcome<Order> {
    /// The order that found nothing more to decide.
    case found(Order)
    /// Index of a clause that no decision can satisfy.
    case impossible(Int)
    /// Given up.
    case exhausted
  }

  /// Searches until all that is needed is there, or nothing can be, or `conflictLimit` conflicts have come up.
  ///
  /// Asks at every decision whether to go on; throws ``ResolveError`` with code `cancelled` where not.
  func run<Order: DecisionOrder<Rules>>(
    conflictLimit: Int, isCancelled: () -> Bool = { false }, order makeOrder: () -> Order
  ) throws(ResolveError) -> Outcome<Order> {
    if let conflict = try encodeRequest() { return .impossible(conflict) }
    var order = makeOrder()
    var conflicts = 0
    while true {
      guard !isCancelled() else { throw ResolveError(.cancelled, "", "cancelled") }
      if let conflict = try propagate() {
        guard level > 0 else { return .impossible(conflict) }
        conflicts += 1
        guard conflicts <= conflictLimit else { return .exhausted }
        learn(from: conflict)
        order = makeOrder()
      } else if let literal = order.next(in: self) {
        decide(literal)
      } else if let clause = order.objection(in: self) {
        if let conflict = raise(clause) {
          guard level > 0 else { return .impossible(conflict) }
          conflicts += 1
          guard conflicts <= conflictLimit else { return .exhausted }
          learn(from: conflict)
        }
        order = makeOrder()
      } else {
        return .found(order)
      }
    }
  }

  /// Goes back to where a clause that does not hold was broken, and adds it; returns its index where it cannot hold.
  private func raise(_ clause: Clause<Rules.Fact>) -> Int? {
    let failed = clause.literals.filter { value($0) < 0 }
    backtrack(to: failed.map { level(of: $0.package) }.max() ?? 0)
    return add(clause)
  }

  /// The facts that a clause which cannot hold at the start follows from, in the order they were added.
  func facts(behind conflict: Int) -> [(literals: [Literal], fact: Rules.Fact)] {
    var open = [conflict]
    var seen = Set(open)
    var originals = [Int]()
    while let index = open.popLast() {
      let clause = clauses[index]
      var next = [Int]()
      if case .learned(let antecedents) = clause.cause {
        next = antecedents
      } else {
        originals.append(index)
      }
      for literal in clause.literals
      where value(literal) < 0 && level(of: literal.package) == 0 {
        if let reason = reason(of: literal.package) { next.append(reason) }
      }
      for index in next where seen.insert(index).inserted { open.append(index) }
    }
    return originals.sorted().compactMap { index in
      guard case .fact(let fact) = clauses[index].cause else { return nil }
      return (clauses[index].literals, fact)
    }
  }
}
