/// Keeps the packed members of layers, so that what was packed once is not packed again.
///
/// A gzip file may consist of members, a zstd file of frames (RFC 1952, 2.2; RFC 8878, 3.1): a layer is packed in parts
/// that depend on nothing but their own bytes. A cache saves time and nothing else; what it returns is trusted to be what
/// ``keep(_:of:compressor:)`` was given, so that it must check for damage itself.
public protocol LayerMemberCache: Sendable {
  /// The packed form of the bytes with this SHA-256, as this compressor makes it; nil where it is not kept.
  ///
  /// `compressor` names library, version and level.
  func member(of digest: Digest, compressor: String) -> [UInt8]?

  /// Keeps a packed form, where it can.
  func keep(_ packed: UnsafeRawBufferPointer, of digest: Digest, compressor: String)
}
