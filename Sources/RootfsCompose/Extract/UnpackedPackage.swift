import PkgResolve

/// A binary package, unpacked as a value.
public struct UnpackedPackage: Sendable {
  /// From the control stanza's `Package` or from `pkgname`, checked to be a package name.
  public let name: String
  public let version: String
  /// `amd64`, `all`, `x86_64`, `noarch`.
  public let architecture: String
  public let metadata: PackageMetadata
  /// The control archive's other members by name: Debian's `preinst`, `postinst`, `conffiles`, `triggers`, `md5sums`…;
  /// Alpine's without their dot, `pre-install`, `post-install`, `trigger`…
  public let scripts: [String: [UInt8]]
  /// When the package was built, in seconds since 1970: the time of the `debian-binary` member, or `builddate`.
  public let timestamp: Int64
  /// What the package ships, in the archive's order, at the paths the package says.
  public let entries: [(path: TreePath, entry: FileEntry)]

  public init(
    name: String, version: String, architecture: String, metadata: PackageMetadata,
    scripts: [String: [UInt8]], timestamp: Int64, entries: [(path: TreePath, entry: FileEntry)]
  ) {
    self.name = name
    self.version = version
    self.architecture = architecture
    self.metadata = metadata
    self.scripts = scripts
    self.timestamp = timestamp
    self.entries = entries
  }

  /// The control stanza; nil of a package that is not Debian's.
  public var control: ControlStanza? {
    if case .debian(let stanza) = metadata { stanza } else { nil }
  }

  /// What an Alpine package says of itself; nil of any other.
  public var apk: ApkMetadata? {
    if case .alpine(let metadata) = metadata { metadata } else { nil }
  }

  /// The same package with each entry as `change` makes it.
  func changingEntries(_ change: (TreePath, inout FileEntry) -> Void) -> UnpackedPackage {
    UnpackedPackage(
      name: name, version: version, architecture: architecture, metadata: metadata,
      scripts: scripts, timestamp: timestamp,
      entries: entries.map { path, entry in
        var entry = entry
        change(path, &entry)
        return (path, entry)
      })
  }

  /// A control member as UTF-8 text, invalid sequences replaced; nil where there is none.
  public func script(_ name: String) -> String? {
    scripts[name].map { String(decoding: $0, as: UTF8.self) }
  }
}
