/// Chooses packages.
public protocol DependencySolver: Sendable {
  /// A sound set that holds the request, or ``ResolveError`` (`unknownPackage`, `unknownVersion`, `unsatisfiable`).
  func solve(
    _ requests: [PackageRequest], in pool: PackagePool
  ) throws(ResolveError) -> Resolution
}

/// A sound set of packages.
public struct Resolution: Sendable {
  public struct Choice: Sendable {
    public let package: PackageRecord
    /// `requested`, or `NAME depends on …`.
    public let reason: String
  }

  /// Sorted by name.
  public let packages: [Choice]

  public init(packages: [Choice]) { self.packages = packages }
}
