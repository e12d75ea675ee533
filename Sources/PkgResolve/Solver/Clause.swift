/// "This package is in" or "this package is not in".
struct Literal: Hashable, Sendable {
  let code: Int32

  init(in package: PackageID) { code = package << 1 }
  init(out package: PackageID) { code = package << 1 | 1 }
  private init(code: Int32) { self.code = code }

  var package: PackageID { code >> 1 }
  var isIn: Bool { code & 1 == 0 }
  var negated: Literal { Literal(code: code ^ 1) }
}

/// Index of a package in the pool that a search is over.
typealias PackageID = Int32

/// Literals of which at least one must hold.
struct Clause<Fact> {
  /// Why a clause must hold.
  enum Cause {
    /// A distribution's rules say so.
    case fact(Fact)
    /// Follows from these clauses.
    case learned([Int])
  }

  /// Of a requirement, the package's own first, then the candidates in order of preference.
  let literals: [Literal]
  let cause: Cause
  /// Positions of the two literals that are watched; a clause of one literal has none.
  var watched: (Int, Int) = (0, 0)

  init(_ literals: [Literal], _ cause: Cause) {
    self.literals = literals
    self.cause = cause
  }

  init(_ literals: [Literal], _ fact: Fact) { self.init(literals, .fact(fact)) }
}
