/// One entry of a ``FileTree``: what stands at a path.
public struct FileEntry: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    case directory
    /// A regular file. Entries with one link group are one file under several names (hard links).
    case regular(Content, linkGroup: LinkGroup?)
    case symlink(target: [UInt8])
    case characterDevice(major: UInt32, minor: UInt32)
    case blockDevice(major: UInt32, minor: UInt32)
    case fifo
  }

  /// Names a set of hard links: the package that ships them and a number within it.
  public struct LinkGroup: Hashable, Sendable {
    public let package: String
    public let number: Int
    public init(package: String, number: Int) {
      self.package = package
      self.number = number
    }
  }

  public var kind: Kind
  /// Permission bits with set-user-ID, set-group-ID and sticky: at most 0o7777.
  public var mode: UInt16
  public var uid: UInt32
  public var gid: UInt32
  /// Modification time, in whole seconds since 1970. The layer clamps it to the image's epoch.
  public var mtime: Int64
  /// Extended attributes by full name (`security.capability`).
  public var xattrs: [String: [UInt8]]

  /// The time of entries that no package shipped: whatever the image's epoch is.
  public static let atEpoch = Int64.max

  public init(
    kind: Kind, mode: UInt16, uid: UInt32 = 0, gid: UInt32 = 0,
    mtime: Int64 = FileEntry.atEpoch,
    xattrs: [String: [UInt8]] = [:]
  ) {
    self.kind = kind
    self.mode = mode
    self.uid = uid
    self.gid = gid
    self.mtime = mtime
    self.xattrs = xattrs
  }

  public static func directory(mode: UInt16 = 0o755, uid: UInt32 = 0, gid: UInt32 = 0) -> FileEntry
  {
    FileEntry(kind: .directory, mode: mode, uid: uid, gid: gid)
  }

  public static func file(
    _ content: Content, mode: UInt16 = 0o644, uid: UInt32 = 0, gid: UInt32 = 0
  ) -> FileEntry {
    FileEntry(kind: .regular(content, linkGroup: nil), mode: mode, uid: uid, gid: gid)
  }

  public static func file(_ text: String, mode: UInt16 = 0o644) -> FileEntry {
    file(Content(Array(text.utf8)), mode: mode)
  }

  public static func symlink(to target: String) -> FileEntry {
    FileEntry(kind: .symlink(target: Array(target.utf8)), mode: 0o777)
  }

  public var isDirectory: Bool {
    if case .directory = kind { true } else { false }
  }

  public var isRegular: Bool {
    if case .regular = kind { true } else { false }
  }

  public var isSymlink: Bool {
    if case .symlink = kind { true } else { false }
  }

  /// The content of a regular file; nil for any other kind.
  public var content: Content? {
    if case .regular(let content, _) = kind { content } else { nil }
  }

  /// The target of a symbolic link; nil for any other kind.
  public var linkTarget: [UInt8]? {
    if case .symlink(let target) = kind { target } else { nil }
  }
}
