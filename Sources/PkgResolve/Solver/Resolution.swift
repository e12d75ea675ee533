/// The packages chosen and why.
public struct Resolution: Sendable {
  public struct Package: Sendable {
    public let record: PackageRecord
    /// `requested`, or `python3.13 depends on libc6 (>= 2.38)`.
    public let reason: String
    /// What it needs, in the order written; Pre-Depends first.
    public let requirements: [Requirement]
  }

  /// One group of a dependency and what meets it.
  public struct Requirement: Sendable {
    /// `debconf (>= 0.5) | debconf-2.0`; `install_if app` is a condition of what an install_if brought in.
    public let relation: String
    /// Indexes of all the packages that meet it, the preferred one first; empty where it counts as met because of a
    /// `!name`.
    public let packages: [Int]
  }

  /// What was asked for and what answers to it.
  public struct Request: Sendable {
    /// As written.
    public let text: String
    /// `python.yaml:14:7`; nil where it was not asked for in a file.
    public let location: String?
    /// Indexes of the packages that answer to it.
    public let packages: [Int]
  }

  /// A dependency that more than one package could have met, or a request for a virtual package.
  public struct Choice: Sendable, Equatable {
    /// Name of the package whose dependency it is; nil for a request.
    public let package: String?
    /// `debconf (>= 0.5) | debconf-2.0`, or the request.
    public let relation: String
    /// Name of the package taken.
    public let chosen: String
    /// Names of the others that would have met it, the preferred one first.
    public let others: [String]
    /// Why this one: `the first alternative`, `gawk conflicts with mawk`.
    public let reason: String
  }

  /// Sorted by name, then architecture.
  public let packages: [Package]
  /// In the order they were asked for.
  public let requests: [Request]
  /// In the order they were made.
  public let choices: [Choice]
  /// Dependencies that count as met because of a `!name`: `base-files depends on awk`. Sorted.
  public let waived: [String]
  /// For the user to see: packages of one source in different versions.
  public let warnings: [String]
}
