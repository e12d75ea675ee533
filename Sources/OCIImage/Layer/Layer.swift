/// A finished layer, whose bytes are in a ``BlobStore``.
public struct Layer: Sendable, Hashable {
  /// Media type, digest and size of the packed bytes.
  public let descriptor: Descriptor
  /// Digest of the tar archive before packing: OCI image-spec, config.md, "Layer DiffID".
  public let diffID: Digest
  /// Size of the tar archive before packing, in bytes.
  public let uncompressedSize: Int64
}
