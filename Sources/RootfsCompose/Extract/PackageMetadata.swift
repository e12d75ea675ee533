import PkgResolve

/// What a package's archive says of it, in its distribution's own form.
public enum PackageMetadata: Sendable {
  /// The stanza in the control archive's `control`.
  case debian(ControlStanza)
  case alpine(ApkMetadata)
}

/// What an Alpine package says of itself: `.PKGINFO`, and the checksums that apk keeps of what it ships.
///
/// Source: apk-package(5); the format of version 2 packages.
public struct ApkMetadata: Sendable, Equatable {
  /// One line of `.PKGINFO`, `name = value`.
  public struct Field: Sendable, Equatable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// In the file's order. Some names stand several times: `depend`, `provides`, `replaces`, `triggers`.
  public let fields: [Field]
  /// The package's identity, as the index's `C:`: `Q1` and the SHA-1 of the compressed control member in base64.
  public let checksum: String
  /// Of the package file, in bytes.
  public let size: Int64
  /// SHA-1 of the content of each regular file, and of the target of each symbolic link, by path.
  public let checksums: [TreePath: [UInt8]]
  /// The owners of entries by name, where a name may stand for another number than the entry has.
  public let owners: [TreePath: OwnerNames]

  public init(
    fields: [Field], checksum: String, size: Int64, checksums: [TreePath: [UInt8]],
    owners: [TreePath: OwnerNames] = [:]
  ) {
    self.fields = fields
    self.checksum = checksum
    self.size = size
    self.checksums = checksums
    self.owners = owners
  }

  /// The values of a field, in order.
  public func values(_ name: String) -> [String] {
    fields.filter { $0.name == name }.map(\.value)
  }

  /// The first value of a field; nil where there is none.
  public subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

  /// The paths, with patterns, whose change runs the package's trigger: `/bin`, `/lib/modules/*`.
  ///
  /// As apk reads them, each line takes the place of the one before.
  public var triggers: [String] {
    (values("triggers").last ?? "").split(separator: " ").map(String.init)
  }
}

/// The owner and the group of an entry as an archive names them; empty where it names none.
public struct OwnerNames: Sendable, Hashable {
  /// At most 32 bytes each.
  public let user: String
  public let group: String

  public init(user: String, group: String) {
    self.user = user
    self.group = group
  }

  /// Whether the names may stand for other numbers than these: root is 0 everywhere.
  func sayMore(than uid: UInt32, _ gid: UInt32) -> Bool {
    !(user.isEmpty || user == "root" && uid == 0)
      || !(group.isEmpty || group == "root" && gid == 0)
  }
}
