import OCIImage

extension Image {
  /// The largest layer that is read, packed, in bytes.
  private static let layerLimit: Int64 = 2 << 30

  /// Hands each entry of a layer to `body`, with the reader that gives its bytes.
  ///
  /// Throws ``ComposeError`` or `OCIError` where the layer cannot be read.
  func forEachEntry(
    of layer: Descriptor,
    _ body: (ArchiveEntry, borrowing ArchiveReader) throws(ComposeError) -> Void
  ) throws {
    guard layer.size <= Self.layerLimit else {
      throw ComposeError(
        .limitExceeded, layer.digest.description, "is over 2 GiB; expected a smaller layer")
    }
    var bytes = [UInt8]()
    bytes.reserveCapacity(Int(layer.size))
    try readBlob(layer) { (chunk) throws(OCIError) in bytes += chunk }
    try CharacterLocale.withUTF8 { () throws(ComposeError) in
      try ArchiveReader.readLayer(bytes, subject: layer.digest.description) {
        (reader) throws(ComposeError) in
        while let entry = try reader.next() { try body(entry, reader) }
      }
    }
  }
}
