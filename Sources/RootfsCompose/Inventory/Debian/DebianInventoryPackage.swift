import PkgResolve

/// What the inventory needs of one installed Debian package.
public struct DebianInventoryPackage: Sendable {
  public var name: String
  public var control: ControlStanza
  /// The control member `md5sums`; nil where the package has none.
  public var md5sums: [UInt8]?
  /// The control member `conffiles`; nil where the package has none.
  public var conffiles: [UInt8]?
  /// Other control members (`postinst`, `triggers`, `symbols`…) by name, for images that keep dpkg.
  public var members: [String: [UInt8]]

  public init(
    name: String, control: ControlStanza, md5sums: [UInt8]?, conffiles: [UInt8]?,
    members: [String: [UInt8]] = [:]
  ) {
    self.name = name
    self.control = control
    self.md5sums = md5sums
    self.conffiles = conffiles
    self.members = members
  }

  /// What the inventory needs of an unpacked package; nil where it is not Debian's.
  public init?(_ package: UnpackedPackage) {
    guard let control = package.control else { return nil }
    var members = package.scripts
    let md5sums = members.removeValue(forKey: "md5sums")
    let conffiles = members.removeValue(forKey: "conffiles")
    self.init(
      name: package.name, control: control, md5sums: md5sums, conffiles: conffiles,
      members: members)
  }
}
