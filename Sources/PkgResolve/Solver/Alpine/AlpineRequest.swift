/// What is asked for: the world, as apk calls it.
public struct AlpineRequest: Sendable {
  public struct Item: Sendable {
    public var dependency: AlpineDependency
    /// Where it was asked for, to stand first in errors: `nginx.yaml:14:7`.
    public var location: String?
    /// True for a constraint that stood before, rather than one that is added now; apk settles added names last.
    public var isStanding: Bool

    public init(_ dependency: AlpineDependency, location: String? = nil, isStanding: Bool = false) {
      self.dependency = dependency
      self.location = location
      self.isStanding = isStanding
    }

    /// What stands first in an error about it.
    var subject: String { location.map { "\($0): \(dependency)" } ?? dependency.description }

    /// `curl (image.yaml:14:7)`: as asked for, and where.
    var place: String { "\(dependency)" + (location.map { " (\($0))" } ?? "") }
  }

  public var items: [Item]
  /// Packages that a recipe leaves out; the pool is to be made with ``excludedNames``.
  public var exclusions: [Exclusion] = []
  /// By tag, without the `@`: a repository that has the tag and no index for the architecture.
  public var unservedTags: [String: String] = [:]

  public init(_ items: [Item] = []) { self.items = items }
}
