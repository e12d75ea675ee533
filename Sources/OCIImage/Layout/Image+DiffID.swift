extension Image {
  /// What a layer's bytes unpack to: its diff ID as it is, whatever a configuration says.
  ///
  /// Throws ``OCIError``: `notFound`, `inputUnreadable`, `storeUnreadable`, `digestMismatch` where the packed bytes are
  /// damaged, `invalidArchive` where they cannot be unpacked, `limitExceeded` over 64 GiB, and `unsupported` for a media
  /// type that is no layer's.
  ///
  /// Source: OCI image-spec, config.md, "Layer DiffID".
  public func diffID(of layer: Descriptor) throws(OCIError) -> Digest {
    guard let compression = LayerCompression(mediaType: layer.mediaType) else {
      throw OCIError(
        .unsupported, layer.digest.description,
        "is a layer of type \(layer.mediaType), which cannot be unpacked")
    }
    let decoder = try LayerDecoder(compression)
    let buffer = ByteBlock(size: 256 << 10)
    var hasher = SHA256Hasher()
    var size: Int64 = 0
    try readBlob(layer) { (packed) throws(OCIError) in
      try decoder.decode(packed, buffer: buffer.whole) { (bytes) throws(OCIError) in
        size += Int64(bytes.count)
        guard size <= Self.maximumUnpackedSize else {
          throw OCIError(
            .limitExceeded, layer.digest.description, "unpacks to more than 64 GiB")
        }
        hasher.update(bytes)
      }
    }
    return hasher.finish()
  }
}

extension LayerCompression {
  /// The packing of a layer that has been read; nil for a type that is no layer's.
  public init?(of layer: Descriptor) { self.init(mediaType: layer.mediaType) }
}
