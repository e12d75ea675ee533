/// What `os-release` says of a distribution where no package brings the file. Source: os-release(5).
public struct DistributionIdentity: Sendable, Equatable {
  /// `debian`.
  public var id: String
  /// `Debian GNU/Linux`.
  public var name: String
  /// `13`.
  public var versionID: String
  /// `trixie`; nil where the distribution has no code names.
  public var codename: String?

  public init(id: String, name: String, versionID: String, codename: String?) {
    self.id = id
    self.name = name
    self.versionID = versionID
    self.codename = codename
  }
}
