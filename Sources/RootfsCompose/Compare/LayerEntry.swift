import OCIImage

/// One entry of a layer, as its tar header has it.
///
/// Source: POSIX pax interchange format; OCI image-spec, layer.md.
public struct LayerEntry: Sendable, Equatable {
  public enum Kind: String, Sendable, Codable {
    case file, directory, symlink
    case hardLink = "hard link"
    case characterDevice = "character device"
    case blockDevice = "block device"
    case fifo, unknown
  }

  public struct Device: Sendable, Equatable {
    public var major: UInt32
    public var minor: UInt32
  }

  public var path: TreePath
  public var kind: Kind
  /// Permission bits with set-user-ID, set-group-ID and sticky bit.
  public var mode: UInt16
  public var uid: Int64
  public var gid: Int64
  /// The owner's name in the header; empty where there is none, as in images made here.
  public var userName: String = ""
  public var groupName: String = ""
  /// Whole seconds since 1970, and the nanoseconds that a pax record adds.
  public var mtime: Int64
  public var nanoseconds: Int64 = 0
  /// Of a regular file, in bytes; nought for all else.
  public var size: Int64 = 0
  /// Bytes of a symbolic link's target, or of the path that a hard link names.
  public var linkTarget: [UInt8]?
  public var device: Device?
  /// By name. Capabilities are `security.capability`.
  public var xattrs: [String: [UInt8]] = [:]
  /// SHA-256 of a regular file's bytes; nil for all else.
  public var digest: Digest?

  /// What a whiteout's path hides of the layers below; an opaque one, all that a directory holds. nil for any other path.
  ///
  /// Source: OCI image-spec, layer.md, "Whiteouts".
  static func whiteout(_ path: TreePath) -> TreePath? {
    if isOpaque(path) { return path.parent }
    guard path.name.starts(with: ".wh.".utf8), let hidden = TreePath(path.name.dropFirst(4)),
      !hidden.isRoot
    else { return nil }
    return path.parent.appending(hidden)
  }

  /// Whether a path is an opaque whiteout, which hides what its directory holds, and not the directory.
  static func isOpaque(_ path: TreePath) -> Bool {
    path.name.elementsEqual(".wh..wh..opq".utf8)
  }
}

extension LayerEntry {
  /// nil where the entry's name is none that a path in an image can have.
  init?(_ entry: ArchiveEntry, attributeLimit: Int) {
    guard let path = entry.name.flatMap({ TreePath($0) }) else { return nil }
    self.path = path
    kind =
      switch entry.kind {
      case .regular: .file
      case .directory: .directory
      case .symlink: .symlink
      case .hardLink: .hardLink
      case .characterDevice: .characterDevice
      case .blockDevice: .blockDevice
      case .fifo: .fifo
      case .unknown: .unknown
      }
    mode = entry.mode
    uid = entry.uid
    gid = entry.gid
    userName = entry.userName
    groupName = entry.groupName
    mtime = entry.signedMtime
    nanoseconds = entry.nanoseconds
    linkTarget =
      switch kind {
      case .symlink: entry.linkTarget
      case .hardLink: entry.hardLinkTarget
      default: nil
      }
    if kind == .file { size = max(0, entry.size) }
    if kind == .characterDevice || kind == .blockDevice,
      let major = entry.deviceMajor, let minor = entry.deviceMinor
    {
      device = Device(major: major, minor: minor)
    }
    guard let xattrs = entry.attributes(limit: attributeLimit) else { return nil }
    self.xattrs = xattrs
  }
}
