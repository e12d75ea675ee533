/// One member of a tar archive, as the layer writer takes it.
public struct TarEntry: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    case directory
    /// A regular file of `size` bytes.
    case regular(size: Int64)
    case symlink(target: [UInt8])
    /// Another name of a member that stands earlier in the archive.
    case hardlink(target: [UInt8])
    case characterDevice(major: UInt32, minor: UInt32)
    case blockDevice(major: UInt32, minor: UInt32)
    case fifo
  }

  /// Relative to the root, without leading or trailing slash; empty for the root itself. Need not be UTF-8.
  public var path: [UInt8]
  public var kind: Kind
  /// Permission bits with set-user-ID, set-group-ID and sticky: at most 0o7777.
  public var mode: UInt16
  public var uid: UInt32
  public var gid: UInt32
  /// Modification time, in whole seconds since 1970.
  public var mtime: Int64
  /// Extended attributes by full name (`security.capability`).
  public var xattrs: [String: [UInt8]]

  public init(
    path: [UInt8], kind: Kind, mode: UInt16, uid: UInt32 = 0, gid: UInt32 = 0, mtime: Int64 = 0,
    xattrs: [String: [UInt8]] = [:]
  ) {
    self.path = path
    self.kind = kind
    self.mode = mode
    self.uid = uid
    self.gid = gid
    self.mtime = mtime
    self.xattrs = xattrs
  }

  /// Bytes of content that follow the header.
  public var size: Int64 {
    if case .regular(let size) = kind { size } else { 0 }
  }

  /// The path as messages show it.
  var subject: String { "/" + String(decoding: path, as: UTF8.self) }
}
