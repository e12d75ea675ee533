/// The state of one conflict-driven search: what is decided, what follows from it, and why.
///
/// The rules turn a package's relations into clauses when it is first taken in. The method is that of Silva and
/// Sakallah's GRASP with the watched literals of Chaff; there are no restarts and no activity heuristics, because the
/// order of decisions carries the preferences.
final class Search<Rules: SolverRules> {
  private(set) var rules: Rules

  /// By package: 1 in, -1 out, 0 open.
  private var values: [Int8]
  private var levels: [Int32]
  /// By package: the clause that settled it; -1 where it was decided.
  private var reasons: [Int32]
  private(set) var trail = [Literal]()
  private var levelStarts = [Int]()
  private var head = 0
  private(set) var clauses = [Clause<Rules.Fact>]()
  /// By literal's code: the clauses that watch it.
  private var watchers: [[Int32]]
  /// By package: the clauses that its rules gave when it was first taken in.
  private var encoded = [PackageID: Range<Int>]()
  /// How many clauses hold from the start.
  private(set) var initialCount = 0

  init(_ rules: Rules) {
    self.rules = rules
    let count = rules.packageCount
    values = Array(repeating: 0, count: count)
    levels = Array(repeating: 0, count: count)
    reasons = Array(repeating: -1, count: count)
    watchers = Array(repeating: [], count: 2 * count)
  }

  var level: Int { levelStarts.count }

  func level(of package: PackageID) -> Int { Int(levels[Int(package)]) }

  func reason(of package: PackageID) -> Int? {
    let reason = reasons[Int(package)]
    return reason < 0 ? nil : Int(reason)
  }

  /// The clauses that the rules gave for a package; nil where it was never in.
  func clauses(of package: PackageID) -> Range<Int>? { encoded[package] }

  /// 1 where the literal holds, -1 where it does not, 0 where its package is open.
  func value(_ literal: Literal) -> Int8 {
    let value = values[Int(literal.package)]
    return literal.isIn ? value : -value
  }

  /// Opens a level and settles a literal in it.
  func decide(_ literal: Literal) {
    levelStarts.append(trail.count)
    settle(literal, reason: -1)
  }

  private func settle(_ literal: Literal, reason: Int) {
    let package = Int(literal.package)
    values[package] = literal.isIn ? 1 : -1
    levels[package] = Int32(level)
    reasons[package] = Int32(reason)
    trail.append(literal)
  }

  /// Takes back everything settled after a level.
  func backtrack(to target: Int) {
    guard target < level else { return }
    let start = levelStarts[target]
    for literal in trail[start...] {
      values[Int(literal.package)] = 0
      reasons[Int(literal.package)] = -1
    }
    trail.removeSubrange(start...)
    levelStarts.removeSubrange(target...)
    head = start
  }

  /// Adds a clause, settles what follows from it, and returns its index where it cannot hold.
  ///
  /// A clause added in mid-search has a literal that was settled at the present level or is open, so that whatever
  /// follows from it is taken back with that level.
  func add(_ clause: Clause<Rules.Fact>) -> Int? {
    let index = clauses.count
    clauses.append(clause)
    let literals = clause.literals
    guard literals.count > 1 else {
      guard let only = literals.first, value(only) >= 0 else { return index }
      if value(only) == 0 { settle(only, reason: index) }
      return nil
    }
    var best = 0
    var second = 1
    if standing(literals[1]) > standing(literals[0]) { swap(&best, &second) }
    for position in 2..<max(2, literals.count) {
      if standing(literals[position]) > standing(literals[best]) {
        second = best
        best = position
      } else if standing(literals[position]) > standing(literals[second]) {
        second = position
      }
    }
    clauses[index].watched = (best, second)
    watchers[Int(literals[best].code)].append(Int32(index))
    watchers[Int(literals[second].code)].append(Int32(index))
    if value(literals[best]) < 0 { return index }
    if value(literals[best]) == 0 && value(literals[second]) < 0 {
      settle(literals[best], reason: index)
    }
    return nil
  }

  /// How good a literal is to watch: one that holds, then an open one, then the one that failed last.
  private func standing(_ literal: Literal) -> Int {
    switch value(literal) {
    case 1: Int.max
    case 0: Int.max - 1
    default: level(of: literal.package)
    }
  }

  /// Settles all that follows; returns the index of a clause that cannot hold.
  func propagate() throws(ResolveError) -> Int? {
    while head < trail.count {
      let literal = trail[head]
      head += 1
      if literal.isIn && encoded[literal.package] == nil {
        if let conflict = try encode(literal.package) { return conflict }
      }
      if let conflict = visitWatchers(of: literal.negated) { return conflict }
    }
    return nil
  }

  /// Adds what holds from the start; returns the index of a clause that cannot hold.
  func encodeRequest() throws(ResolveError) -> Int? {
    let conflict = add(try rules.initialClauses())
    initialCount = clauses.count
    return conflict
  }

  private func encode(_ package: PackageID) throws(ResolveError) -> Int? {
    let start = clauses.count
    let conflict = add(try rules.clauses(of: package))
    encoded[package] = start..<clauses.count
    return conflict
  }

  /// Adds all clauses even after one has failed, for they are given once.
  private func add(_ clauses: [Clause<Rules.Fact>]) -> Int? {
    var conflict: Int?
    for clause in clauses {
      let failed = add(clause)
      conflict = conflict ?? failed
    }
    return conflict
  }

  private func visitWatchers(of failed: Literal) -> Int? {
    let visited = watchers[Int(failed.code)]
    var kept = [Int32]()
    kept.reserveCapacity(visited.count)
    for (position, number) in visited.enumerated() {
      let index = Int(number)
      if clauses[index].literals[clauses[index].watched.0] != failed {
        let watched = clauses[index].watched
        clauses[index].watched = (watched.1, watched.0)
      }
      let other = clauses[index].literals[clauses[index].watched.1]
      if value(other) > 0 {
        kept.append(number)
        continue
      }
      if let replacement = replacementWatch(of: index) {
        clauses[index].watched.0 = replacement
        watchers[Int(clauses[index].literals[replacement].code)].append(number)
        continue
      }
      kept.append(number)
      if value(other) < 0 {
        watchers[Int(failed.code)] = kept + visited[(position + 1)...]
        return index
      }
      settle(other, reason: index)
    }
    watchers[Int(failed.code)] = kept
    return nil
  }

  private func replacementWatch(of index: Int) -> Int? {
    let literals = clauses[index].literals
    let watched = clauses[index].watched
    return literals.indices.first {
      $0 != watched.0 && $0 != watched.1 && value(literals[$0]) >= 0
    }
  }
}
