/// Bounds on what one package may unpack to.
public struct UnpackLimits: Sendable {
  /// Entries of the data member.
  public var entries = 1_000_000
  /// Bytes of all regular files together, holes counted.
  public var unpackedBytes: Int64 = 16 << 30
  /// Unpacked bytes for one packed byte, looked at once more than ``ratioFloor`` bytes are unpacked.
  public var ratio: Int64 = 1000
  /// In bytes.
  public var ratioFloor: Int64 = 256 << 20
  /// Bytes of all control members together.
  public var controlBytes = 64 << 20
  /// Members of the control archive.
  public var controlMembers = 1000
  /// Bytes of one entry's extended attributes together, names included (Linux's XATTR_SIZE_MAX).
  public var attributeBytes = 64 << 10

  public init() {}

  public static let standard = UnpackLimits()
}
