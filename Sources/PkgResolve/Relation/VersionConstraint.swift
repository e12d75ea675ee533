/// What a relation asks of a version: `(>= 2.38)`.
///
/// Source: Debian Policy §7.1.
public struct VersionConstraint: Sendable, Hashable, CustomStringConvertible {
  public enum Comparison: String, Sendable {
    case earlier = "<<"
    case earlierOrEqual = "<="
    case equal = "="
    case laterOrEqual = ">="
    case later = ">>"
  }

  public let comparison: Comparison
  public let version: DebianVersion

  public init(_ comparison: Comparison, _ version: DebianVersion) {
    self.comparison = comparison
    self.version = version
  }

  public func allows(_ other: DebianVersion) -> Bool {
    switch comparison {
    case .earlier: other < version
    case .earlierOrEqual: other <= version
    case .equal: other == version
    case .laterOrEqual: other >= version
    case .later: other > version
    }
  }

  public var description: String { "\(comparison.rawValue) \(version)" }
}
