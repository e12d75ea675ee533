/// One group of a relationship field: met where any of its alternatives is. `debconf (>= 0.5) | debconf-2.0`.
///
/// Source: Debian Policy §7.1, deb-control(5).
public struct Dependency: Sendable, Hashable, CustomStringConvertible {
  /// In the order written; the first is the preferred one. Never empty.
  public let alternatives: [Alternative]

  public init(alternatives: [Alternative]) { self.alternatives = alternatives }

  public var description: String {
    alternatives.map(\.description).joined(separator: " | ")
  }
}

/// A package or virtual package, in certain versions: `python3:any (>= 3.13)`.
public struct Alternative: Sendable, Hashable, CustomStringConvertible {
  public let name: String
  /// What follows the colon: `any`, `native` or an architecture.
  public let qualifier: String?
  public let constraint: VersionConstraint?

  public init(name: String, qualifier: String? = nil, constraint: VersionConstraint? = nil) {
    self.name = name
    self.qualifier = qualifier
    self.constraint = constraint
  }

  public var description: String {
    name + (qualifier.map { ":" + $0 } ?? "") + (constraint.map { " (\($0))" } ?? "")
  }
}

/// A name that a package answers to besides its own: `mail-transport-agent`, `libssl3 (= 3.5.1-1)`.
///
/// Source: Debian Policy §7.5.
public struct Provides: Sendable, Hashable, CustomStringConvertible {
  public let name: String
  public let qualifier: String?
  /// nil where none is given: then no relation that names a version is met.
  public let version: DebianVersion?

  public init(name: String, qualifier: String? = nil, version: DebianVersion? = nil) {
    self.name = name
    self.qualifier = qualifier
    self.version = version
  }

  public var description: String {
    name + (qualifier.map { ":" + $0 } ?? "") + (version.map { " (= \($0))" } ?? "")
  }
}
