/// Writes one layer into a blob store as a stream: tar, diff ID, compressor, digest, file.
///
/// The bytes depend on the entries, their order, the compressor's version and level alone, not on threads or a cache.
/// A compressed layer consists of members, each packed by itself, which are cut as ``MemberCut`` says.
///
/// Sources: OCI image-spec, layer.md; config.md, "Layer DiffID"; RFC 1952, 2.2; RFC 8878, 3.1.
public struct LayerWriter: ~Copyable {
  private let compression: LayerCompression
  private let pipeline: LayerPipeline
  private let blockSize: Int
  private var block: ByteBlock
  private let header: ByteBlock
  private var uncompressedSize: Int64 = 0
  private var isBroken = false

  /// What an uncompressed layer is hashed and written in: small enough for a processor's cache, and for memory that is
  /// used again without a call to the system.
  private static let plainBlockSize = 64 << 10

  /// `executor` lends threads: without one, all is done on the caller's. `cache` keeps packed members.
  ///
  /// Throws ``OCIError`` (`storeUnwritable`, `noSpace`).
  public init(
    blobs: BlobStore, compression: LayerCompression, executor: (any LayerExecutor)? = nil,
    cache: (any LayerMemberCache)? = nil
  ) throws(OCIError) {
    self.compression = compression
    pipeline = LayerPipeline(
      ingest: try blobs.beginIngest(), packing: MemberPacking(compression, cache: cache),
      executor: executor)
    blockSize = compression == .none ? Self.plainBlockSize : MemberCut.largest + TarHeader.end.count
    block = ByteBlock(size: blockSize)
    header = ByteBlock(size: TarHeader.blockSize)
  }

  deinit { pipeline.close() }

  /// Adds an entry that has no content: anything but a regular file, or an empty one.
  ///
  /// Throws ``OCIError``; the writer is of no more use then.
  public mutating func append(_ entry: TarEntry) throws(OCIError) {
    isBroken = true
    guard entry.size == 0 else {
      throw OCIError(
        .invalidEntry, entry.subject, "declared with \(entry.size) bytes, and no content was given")
    }
    try begin(entry)
    isBroken = false
  }

  /// Adds an entry whose content `fill` puts, piece by piece and in order, into the buffers that it is given: all bytes of
  /// `buffer`, which are those from `offset` on. It must throw where it does not have them.
  ///
  /// Throws ``OCIError`` and whatever `fill` throws; the writer is of no more use then.
  public mutating func append(
    _ entry: TarEntry,
    fill: (_ buffer: UnsafeMutableRawBufferPointer, _ offset: Int64) throws -> Void
  ) throws {
    isBroken = true
    try begin(entry)
    var offset: Int64 = 0
    while offset < entry.size {
      let free: UnsafeMutableRawBufferPointer
      if compression == .none {
        if block.isFull { try flush() }
        free = block.free(atMost: entry.size - offset)
      } else {
        // The cut before the entry saw to it that there is room.
        if offset > 0 || block.isFull { try flush() }
        free = block.free(atMost: MemberCut.bytesUntilNext(in: entry, offset: offset))
      }
      try fill(free, offset)
      block.advance(free.count)
      offset += Int64(free.count)
    }
    try pad(TarHeader.padding(entry.size))
    isBroken = false
  }

  /// Ends the archive and puts the blob into the store.
  ///
  /// Throws ``OCIError`` (`storeUnwritable`, `noSpace`, `compressorFailure`; `invalidEntry` where an append failed).
  public consuming func finish() throws(OCIError) -> Layer {
    guard !isBroken else {
      throw OCIError(.invalidEntry, "layer", "cannot be finished: an entry of it failed")
    }
    try pad(TarHeader.end.count)
    try flush()
    let (diffID, digest, size) = try pipeline.finish()
    return Layer(
      descriptor: Descriptor(mediaType: compression.mediaType, digest: digest, size: size),
      diffID: diffID, uncompressedSize: uncompressedSize)
  }

  /// Writes an entry's headers, in a new member where that is the place to cut.
  private mutating func begin(_ entry: TarEntry) throws(OCIError) {
    let pax = try TarHeader.encode(entry, block: header.whole)
    if compression != .none,
      MemberCut.isBefore(entry, header: pax.count + TarHeader.blockSize, count: block.count)
    {
      try flush()
    }
    if !pax.isEmpty { try pax.withBytes { (bytes) throws(OCIError) in try write(bytes) } }
    try write(UnsafeRawBufferPointer(header.whole))
  }

  private mutating func pad(_ count: Int) throws(OCIError) {
    guard count > 0 else { return }
    try TarHeader.end.withBytes { (zeros) throws(OCIError) in
      try write(UnsafeRawBufferPointer(rebasing: zeros[..<count]))
    }
  }

  private mutating func write(_ bytes: UnsafeRawBufferPointer) throws(OCIError) {
    var rest = bytes
    while !rest.isEmpty {
      if block.isFull { try flush() }
      let taken = block.append(rest)
      rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
    }
  }

  private mutating func flush() throws(OCIError) {
    uncompressedSize += Int64(block.count)
    try pipeline.submit(block)
    block = pipeline.block(size: blockSize)
  }
}
