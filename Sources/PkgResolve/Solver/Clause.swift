/// "This package is in" or "this package is not in".
struct Literal: Hashable {
  let code: Int32

  init(in package: PackagePool.ID) { code = package << 1 }
  init(out package: PackagePool.ID) { code = package << 1 | 1 }
  private init(code: Int32) { self.code = code }

  var package: PackagePool.ID { code >> 1 }
  var isIn: Bool { code & 1 == 0 }
  var negated: Literal { Literal(code: code ^ 1) }
}

/// Literals of which at least one must hold.
struct Clause {
  /// Why a clause must hold.
  enum Cause {
    /// Index of the name in the request.
    case request(Int)
    case dependency(PackagePool.ID, Dependency)
    case exclusion(PackagePool.ID, PackagePool.ID, verb: String, Alternative)
    /// Two versions of one package.
    case sibling(PackagePool.ID, PackagePool.ID)
    /// Follows from these clauses.
    case learned([Int])
  }

  /// Of a dependency, the package's own first, then the candidates in order of preference.
  let literals: [Literal]
  let cause: Cause
  /// Positions of the two literals that are watched; a clause of one literal has none.
  var watched: (Int, Int) = (0, 0)

  init(_ literals: [Literal], _ cause: Cause) {
    self.literals = literals
    self.cause = cause
  }
}
