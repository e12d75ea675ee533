/// Chooses packages that meet a request.
public protocol DependencySolver: Sendable {
  /// A sound set: every request and dependency met, nothing excluded by a member, nothing in it that the request does
  /// not lead to.
  ///
  /// Throws ``ResolveError``: `unknownPackage` or `unknownVersion` with all such entries at once, `unsatisfiable` with
  /// the chain that makes it so, `exhausted` where the search was given up, `cancelled`, and `invalidRelation` where a
  /// record that was considered is malformed.
  func solve(_ request: ResolutionRequest, in pool: PackagePool) throws(ResolveError) -> Resolution
}

/// What is asked for.
public struct ResolutionRequest: Sendable {
  public struct Item: Sendable {
    public var request: PackageRequest
    /// Where it was asked for, to stand first in errors: `python.yaml:14:7`.
    public var location: String?

    public init(_ request: PackageRequest, location: String? = nil) {
      self.request = request
      self.location = location
    }
  }

  public var items: [Item]

  public init(_ items: [Item]) { self.items = items }
}
