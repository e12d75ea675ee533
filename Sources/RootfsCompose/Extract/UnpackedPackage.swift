import PkgResolve

/// A binary package, unpacked as a value.
public struct UnpackedPackage: Sendable {
  /// From the control stanza's `Package`, checked to be a package name.
  public let name: String
  public let version: String
  /// `amd64`, `all`.
  public let architecture: String
  /// The stanza in the control archive's `control`.
  public let control: ControlStanza
  /// The control archive's other members by name: `preinst`, `postinst`, `conffiles`, `triggers`, `md5sums`…
  public let scripts: [String: [UInt8]]
  /// When the package was built, in seconds since 1970: the time of the `debian-binary` member.
  public let timestamp: Int64
  /// What the package ships, in the archive's order, at the paths the package says.
  public let entries: [(path: TreePath, entry: FileEntry)]

  public init(
    name: String, version: String, architecture: String, control: ControlStanza,
    scripts: [String: [UInt8]], timestamp: Int64, entries: [(path: TreePath, entry: FileEntry)]
  ) {
    self.name = name
    self.version = version
    self.architecture = architecture
    self.control = control
    self.scripts = scripts
    self.timestamp = timestamp
    self.entries = entries
  }

  /// A control member as UTF-8 text, invalid sequences replaced; nil where there is none.
  public func script(_ name: String) -> String? {
    scripts[name].map { String(decoding: $0, as: UTF8.self) }
  }
}
