/// One entry of a package's dependencies, of its install_if, or of the world: `[!]name[@tag][sign version]`.
///
/// Source: apk-world(5), "package specification"; apk-package(5), "depends".
public struct AlpineDependency: Sendable, Hashable, CustomStringConvertible {
  /// `bash`, `so:libz.so.1`, `cmd:curl`, `/bin/sh`.
  public let name: String
  /// Name of the tagged repositories that may be used besides the others; only in the world.
  public let tag: String?
  public let constraint: AlpineConstraint?
  /// True for `!name`: nothing that matches may be installed.
  public let isConflict: Bool

  public init(
    name: String, tag: String? = nil, constraint: AlpineConstraint? = nil, isConflict: Bool = false
  ) {
    self.name = name
    self.tag = tag
    self.constraint = constraint
    self.isConflict = isConflict
  }

  /// Whether a package or provided name of that version, or of none, is what this asks for; the sign `!` aside.
  ///
  /// As for apk 3, a name that is provided without a version is older than any version: it meets `<` and `<=` only.
  public func matches(_ version: AlpineVersion?) -> Bool {
    guard let constraint else { return true }
    return constraint.allows(version ?? .absent)
  }

  public var description: String {
    (isConflict ? "!" : "") + name + (tag.map { "@" + $0 } ?? "")
      + (constraint?.description ?? "")
  }
}

/// A name that a package answers to besides its own: `so:libz.so.1=1.3.1`, or `mail-reader`.
///
/// With a version it acts as a package of that name, and excludes all others that do. Without one it is virtual.
/// Source: apk-package(5), "provides".
public struct AlpineProvides: Sendable, Hashable, CustomStringConvertible {
  public let name: String
  public let version: AlpineVersion?

  public init(name: String, version: AlpineVersion? = nil) {
    self.name = name
    self.version = version
  }

  public var description: String { name + (version.map { "=\($0)" } ?? "") }
}
