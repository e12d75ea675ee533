/// Chooses packages that meet a request.
public protocol DependencySolver: Sendable {
  /// A sound set: every request and dependency met, nothing excluded by a member, nothing in it that the request does
  /// not lead to.
  ///
  /// Throws ``ResolveError``: `unknownPackage` or `unknownVersion` with all such entries at once, `unsatisfiable` with
  /// the chain that makes it so, `invalidRelation` where a record that was considered is malformed.
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

/// The packages chosen and why.
public struct Resolution: Sendable {
  public struct Package: Sendable {
    public let record: PackageRecord
    /// `requested`, or `python3.13 depends on libc6 (>= 2.38)`.
    public let reason: String
  }

  /// A dependency that more than one package could have met.
  public struct Choice: Sendable {
    /// Name of the package whose dependency it is; nil for a request.
    public let package: String?
    /// `debconf (>= 0.5) | debconf-2.0`, or the request.
    public let relation: String
    /// Name of the package taken.
    public let chosen: String
    /// Names of the others that would have met it, the preferred one first.
    public let others: [String]
  }

  /// Sorted by name, then architecture.
  public let packages: [Package]
  /// In the order they were made.
  public let choices: [Choice]
  /// Dependencies that count as met because of a `!name`: `base-files depends on awk`. Sorted.
  public let waived: [String]
}
