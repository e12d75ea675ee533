/// Writes one layer into a blob store as a stream: tar, diff ID, compressor, digest, file.
///
/// The bytes depend on the entries, their order and the compressor's version alone, not on how the content is cut
/// into pieces.
///
/// Sources: OCI image-spec, layer.md; config.md, "Layer DiffID".
public struct LayerWriter: ~Copyable {
  private let compression: LayerCompression
  private let encoder: LayerEncoder
  private var ingest: BlobIngest
  private var diffID: SHA256Hasher
  private var uncompressedSize: Int64 = 0
  private let block: ByteBlock
  private let output: ByteBlock
  private var isBroken = false

  /// What goes through the compressor in one piece. Always full but for the last: a compressor may pack the same
  /// bytes differently when it gets them in other pieces.
  private static let blockSize = 256 << 10

  /// Throws ``OCIError`` (`storeUnwritable`, `noSpace`, `compressorFailure`).
  public init(blobs: BlobStore, compression: LayerCompression) throws(OCIError) {
    let encoder = try LayerEncoder(compression)
    let ingest = try blobs.beginIngest()
    self.compression = compression
    self.encoder = encoder
    self.ingest = ingest
    diffID = SHA256Hasher()
    block = ByteBlock(size: Self.blockSize)
    output = ByteBlock(size: Self.blockSize)
  }

  /// Adds an entry that has no content: anything but a regular file, or an empty one.
  ///
  /// Throws ``OCIError``; the writer is of no more use then.
  public mutating func append(_ entry: TarEntry) throws(OCIError) {
    isBroken = true
    guard entry.size == 0 else {
      throw OCIError(
        .invalidEntry, entry.subject, "declared with \(entry.size) bytes, and no content was given")
    }
    let header = try TarHeader.encode(entry)
    try header.withBytes { (bytes) throws(OCIError) in try write(bytes) }
    isBroken = false
  }

  /// Adds an entry and the content that `content` hands to its argument, piece by piece.
  ///
  /// Throws ``OCIError`` (`invalidEntry` where the pieces sum up to another size than the entry's), and whatever
  /// `content` throws; the writer is of no more use then.
  public mutating func append(
    _ entry: TarEntry,
    content: (_ write: (UnsafeRawBufferPointer) throws(OCIError) -> Void) throws -> Void
  ) throws {
    isBroken = true
    let header = try TarHeader.encode(entry)
    try header.withBytes { (bytes) throws(OCIError) in try write(bytes) }
    var remaining = entry.size
    try content { (bytes) throws(OCIError) in
      remaining -= Int64(bytes.count)
      guard remaining >= 0 else {
        throw OCIError(
          .invalidEntry, entry.subject,
          "declared with \(entry.size) bytes, and the content is longer; it changed while it was read"
        )
      }
      try write(bytes)
    }
    guard remaining == 0 else {
      throw OCIError(
        .invalidEntry, entry.subject,
        "declared with \(entry.size) bytes, and \(entry.size - remaining) came; it changed while it was read"
      )
    }
    try TarHeader.end.withBytes { (zeros) throws(OCIError) in
      try write(UnsafeRawBufferPointer(rebasing: zeros[..<TarHeader.padding(entry.size)]))
    }
    isBroken = false
  }

  /// Ends the archive and puts the blob into the store.
  ///
  /// Throws ``OCIError`` (`storeUnwritable`, `noSpace`, `compressorFailure`; `invalidEntry` where an append failed).
  public consuming func finish() throws(OCIError) -> Layer {
    guard !isBroken else {
      throw OCIError(.invalidEntry, "layer", "cannot be finished: an entry of it failed")
    }
    try TarHeader.end.withBytes { (bytes) throws(OCIError) in try write(bytes) }
    try flush(last: true)
    let blob = try ingest.finish()
    return Layer(
      descriptor: Descriptor(
        mediaType: compression.mediaType, digest: blob.digest, size: blob.size),
      diffID: diffID.finish(), uncompressedSize: uncompressedSize)
  }

  private mutating func write(_ bytes: UnsafeRawBufferPointer) throws(OCIError) {
    var rest = bytes
    while !rest.isEmpty {
      let taken = block.append(rest)
      rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
      if block.isFull { try flush(last: false) }
    }
  }

  private mutating func flush(last: Bool) throws(OCIError) {
    let bytes = block.filled
    diffID.update(bytes)
    uncompressedSize += Int64(bytes.count)
    try encoder.encode(bytes, last: last, buffer: output.whole) { (packed) throws(OCIError) in
      try ingest.write(packed)
    }
    block.clear()
  }
}

/// The compressor of a layer, whichever it is.
// Not private: Swift 6.3 drops a private noncopyable type's metadata where another module inlines its owner.
enum LayerEncoder: ~Copyable {
  case none
  case gzip(GzipEncoder)
  case zstd(ZstdEncoder)

  init(_ compression: LayerCompression) throws(OCIError) {
    switch compression {
    case .none: self = .none
    case .gzip: self = .gzip(try GzipEncoder())
    case .zstd: self = .zstd(try ZstdEncoder())
    }
  }

  borrowing func encode(
    _ input: UnsafeRawBufferPointer, last: Bool, buffer: UnsafeMutableRawBufferPointer,
    output: (UnsafeRawBufferPointer) throws(OCIError) -> Void
  ) throws(OCIError) {
    switch self {
    case .none: try output(input)
    case .gzip(let encoder):
      try encoder.encode(input, last: last, buffer: buffer, output: output)
    case .zstd(let encoder):
      try encoder.encode(input, last: last, buffer: buffer, output: output)
    }
  }
}
