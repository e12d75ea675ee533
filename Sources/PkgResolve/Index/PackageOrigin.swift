/// Where an index came from.
public struct PackageOrigin: Sendable, Hashable {
  /// What messages call the index: `trixie-security main`, or a file's path.
  public var name: String
  /// The URL that `Filename` is relative to.
  public var url: String
  public var suite: String
  public var component: String
  /// Records of a higher priority are preferred even where they are older; 500 is usual, as in apt_preferences(5).
  public var priority: Int

  public init(name: String, url: String, suite: String, component: String, priority: Int = 500) {
    self.name = name
    self.url = url
    self.suite = suite
    self.component = component
    self.priority = priority
  }

  /// What messages call where a package is from: `trixie/main`.
  public var place: String {
    suite.isEmpty ? name : component.isEmpty ? suite : suite + "/" + component
  }
}
