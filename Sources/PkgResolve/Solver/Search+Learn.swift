extension Search {
  /// Learns from a clause that cannot hold, goes back to where what was learned settles something, and settles it.
  ///
  /// The clause learned is the one of the first unique implication point.
  func learn(from conflict: Int) {
    var seen = Set<PackageID>()
    var earlier = [Literal]()
    var antecedents = [conflict]
    var open = 0
    func include(_ literals: [Literal], except settled: PackageID?) {
      for literal in literals where literal.package != settled {
        let level = level(of: literal.package)
        guard level > 0, seen.insert(literal.package).inserted else { continue }
        if level == self.level { open += 1 } else { earlier.append(literal) }
      }
    }

    include(clauses[conflict].literals, except: nil)
    var position = trail.count - 1
    var point = trail[position]
    while true {
      while !seen.contains(trail[position].package) { position -= 1 }
      point = trail[position]
      position -= 1
      open -= 1
      guard open > 0, let reason = reason(of: point.package) else { break }
      antecedents.append(reason)
      include(clauses[reason].literals, except: point.package)
    }

    let target = earlier.map { level(of: $0.package) }.max() ?? 0
    backtrack(to: target)
    // The literal of the point is open now and all others have failed: adding the clause settles it.
    _ = add(Clause([point.negated] + earlier, .learned(antecedents)))
  }
}
