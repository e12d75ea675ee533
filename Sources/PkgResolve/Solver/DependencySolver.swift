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
    public let requirements: [Requirement]
  }

  public struct Requirement: Sendable {
    public let relation: String
    public let packages: [Int]
  }

  public struct Request: Sendable {
    public let text: String
    public let location: String?
    public let packages: [Int]
  }

  /// A dependency that more than one package could have met.
  public struct Choice: Sendable {
    public let package: String?
    public let relation: String
    public let chosen: String
    public let others: [String]
    public let reason: String
  }

  public let packages: [Package]
  public let requests: [Request]
  public let choices: [Choice]
  public let waived: [String]
  public let warnings: [String]
}

extension PackageRecord {
  var digest: String? { "sha256:" + sha256 }
}
