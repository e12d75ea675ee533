/// What an Alpine dependency asks of a version: `>=1.2`, `~3.11`.
///
/// Source: apk-world(5), "package specification".
public struct AlpineConstraint: Sendable, Hashable, CustomStringConvertible {
  /// The signs that stand before a version, in any order.
  public struct Comparison: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let less = Comparison(rawValue: 1)
    public static let equal = Comparison(rawValue: 2)
    public static let greater = Comparison(rawValue: 4)
    /// A version that continues the one given is equal to it.
    public static let prefix = Comparison(rawValue: 8)
    /// The package's revision (`-r0`) does not count.
    public static let anyRevision = Comparison(rawValue: 16)
  }

  public let comparison: Comparison
  public let version: AlpineVersion

  public init(_ comparison: Comparison, _ version: AlpineVersion) {
    self.comparison = comparison
    self.version = version
  }

  /// Whether a version is one that is asked for.
  public func allows(_ other: AlpineVersion) -> Bool {
    let other = comparison.contains(.anyRevision) ? other.withoutRevision : other.description
    let order = AlpineVersionOrder(
      other, version.description, isPrefix: comparison.contains(.prefix))
    return switch order {
    case .less: comparison.contains(.less)
    case .equal: comparison.contains(.equal)
    case .greater: comparison.contains(.greater)
    }
  }

  public var description: String {
    var sign = ""
    if comparison.contains(.less) { sign += "<" }
    if comparison.contains(.greater) { sign += ">" }
    if comparison.contains(.prefix) {
      sign += "~"
    } else if comparison.contains(.equal) {
      sign += "="
    }
    return sign + version.description
  }
}
