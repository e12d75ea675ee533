/// Where an index came from.
public struct PackageOrigin: Sendable, Hashable {
  /// Base URL that `Filename` is relative to, without a final slash.
  public let url: String
  public let suite: String
  public let component: String

  public init(url: String, suite: String, component: String) {
    self.url = url
    self.suite = suite
    self.component = component
  }
}

/// One package version of an index.
///
/// Source: deb-control(5), Debian repository format, "Packages Indices".
public struct PackageRecord: Sendable {
  public var name = ""
  public var version: DebianVersion
  /// `amd64`, `all`.
  public var architecture = ""
  /// `same`, `foreign`, `allowed`; nil where the package says nothing or `no`.
  public var multiArch: String?
  /// `required`, `important`, `standard`, `optional`, `extra`.
  public var priority = "optional"
  public var isEssential = false
  /// `Source`: name and, where it differs, version in brackets; the package's own name where missing.
  public var source = ""
  /// Path below the origin's URL.
  public var filename = ""
  /// In bytes.
  public var size: Int64 = 0
  /// 64 hexadecimal digits.
  public var sha256 = ""
  /// In KiB, as the packager estimated it.
  public var installedSize: Int64?
  public var preDepends: [Dependency] = []
  public var depends: [Dependency] = []
  public var conflicts: [Dependency] = []
  public var breaks: [Dependency] = []
  public var provides: [ProvidedName] = []
  public var origin: PackageOrigin

  /// `libc6=2.41-12`.
  public var label: String { "\(name)=\(version)" }

  /// Whether this version meets one alternative, by its name or by what it provides.
  ///
  /// An unversioned `Provides` never meets a versioned relation. Source: Debian Policy §7.5.
  func meets(_ alternative: Alternative) -> Bool {
    if name == alternative.name { return alternative.constraint?.allows(version) ?? true }
    return provides.contains { provided in
      guard provided.name == alternative.name else { return false }
      guard let constraint = alternative.constraint else { return true }
      return provided.version.map(constraint.allows) ?? false
    }
  }

  /// Whether the architecture qualifier of a relation admits this package. Source: multiarch specification.
  func admits(qualifier: String?) -> Bool {
    switch qualifier {
    case nil, architecture: true
    case "any": multiArch == "allowed"
    case "native": architecture != "all"
    default: false
    }
  }
}
