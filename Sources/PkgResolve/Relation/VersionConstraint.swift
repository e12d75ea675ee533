/// A version that a relation demands: `(>= 2.38)`.
///
/// Source: Debian Policy §7.1.
public struct VersionConstraint: Sendable, Equatable, CustomStringConvertible {
  public enum Operator: String, Sendable {
    case earlier = "<<"
    case earlierOrEqual = "<="
    case equal = "="
    case laterOrEqual = ">="
    case later = ">>"
  }

  public let relation: Operator
  public let version: DebianVersion

  public init(_ relation: Operator, _ version: DebianVersion) {
    self.relation = relation
    self.version = version
  }

  public func allows(_ candidate: DebianVersion) -> Bool {
    switch relation {
    case .earlier: candidate < version
    case .earlierOrEqual: candidate <= version
    case .equal: candidate == version
    case .laterOrEqual: candidate >= version
    case .later: candidate > version
    }
  }

  public var description: String { "(\(relation.rawValue) \(version))" }
}
