import CLibArchive

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A libarchive reader, which closes itself.
///
/// Every code of the library but OK and EOF throws, with the library's own words. WARN too: it means that an entry
/// was read but something of it was lost (a name that cannot be converted, a malformed pax record), and an image
/// must not be made from a part.
struct ArchiveReader: ~Copyable {
  let archive: OpaquePointer
  /// The package or archive, for messages.
  let subject: String
  /// What is read, for messages: `data.tar.xz`.
  private let part: String
  /// What was expected and what to do, for messages.
  let advice: String
  /// Where the bytes come from, if not from libarchive's own decompressors.
  private let feed: TarFeed?

  private init(
    _ archive: OpaquePointer, subject: String, part: String, advice: String, feed: TarFeed?
  ) {
    self.archive = archive
    self.subject = subject
    self.part = part
    self.advice = advice
    self.feed = feed
  }

  deinit { archive_read_free(archive) }

  /// Opens the ar archive that a `.deb` is.
  static func package(at path: String, subject: String) throws(ComposeError) -> ArchiveReader {
    let reader = try ArchiveReader(subject: subject, part: "ar archive", advice: packageAdvice)
    try reader.check(archive_read_support_format_ar(reader.archive))
    guard archive_read_open_filename(reader.archive, path, 128 << 10) == ARCHIVE_OK else {
      throw ComposeError(
        access(path, R_OK) == 0 ? .invalidArchive : .storeUnreadable, subject,
        "\(path) cannot be read: \(reader.words); expected a Debian package")
    }
    return reader
  }

  /// Reads a layer in memory as a tar archive, packed with gzip, zstd or not at all, and hands the reader to `body`.
  static func readLayer<Result>(
    _ bytes: [UInt8], subject: String,
    _ body: (borrowing ArchiveReader) throws(ComposeError) -> Result
  ) throws(ComposeError) -> Result {
    let reader = try ArchiveReader(
      subject: subject, part: "layer",
      advice: "a whole tar archive, plain or packed with gzip or zstd; write the image anew")
    for filter in [ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_ZSTD] {
      try reader.check(archive_read_support_filter_by_code(reader.archive, filter))
    }
    return try readTar(bytes, reader, body)
  }

  /// Reads bytes in memory as a plain tar archive, which messages call `part`, and hands the reader to `body`.
  static func readTar<Result>(
    _ bytes: [UInt8], part: String, subject: String,
    _ body: (borrowing ArchiveReader) throws(ComposeError) -> Result
  ) throws(ComposeError) -> Result {
    let reader = try ArchiveReader(subject: subject, part: part, advice: tarAdvice)
    return try readTar(bytes, reader, body)
  }

  private static func readTar<Result>(
    _ bytes: [UInt8], _ reader: borrowing ArchiveReader,
    _ body: (borrowing ArchiveReader) throws(ComposeError) -> Result
  ) throws(ComposeError) -> Result {
    try reader.check(archive_read_support_format_tar(reader.archive))
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
    defer { buffer.deallocate() }
    buffer.copyBytes(from: bytes)
    try reader.check(archive_read_open_memory(reader.archive, buffer.baseAddress, buffer.count))
    return try body(reader)
  }

  /// Reads a plain tar archive as `feed` gives it, and hands the reader to `body`; then reads the feed to its end.
  static func readTar<Result>(
    _ feed: TarFeed, part: String, subject: String,
    _ body: (borrowing ArchiveReader) throws(ComposeError) -> Result
  ) throws(ComposeError) -> Result {
    let reader = try ArchiveReader(subject: subject, part: part, advice: tarAdvice, feed: feed)
    return try readTar(feed, reader, body)
  }

  static func readTar<Result>(
    _ feed: TarFeed, _ reader: borrowing ArchiveReader,
    _ body: (borrowing ArchiveReader) throws(ComposeError) -> Result
  ) throws(ComposeError) -> Result {
    let result: Result
    do throws(ComposeError) {
      try reader.check(archive_read_support_format_tar(reader.archive))
      // The feed outlives the reader, which holds it.
      try reader.check(
        archive_read_open(
          reader.archive, Unmanaged.passUnretained(feed).toOpaque(), nil, readFeed, nil))
      result = try body(reader)
    } catch {
      throw feed.failure ?? error
    }
    guard try feed.finish(limit: tailLimit) else {
      throw ComposeError(
        .limitExceeded, reader.subject,
        "its \(reader.part) has over \(tailLimit) bytes behind the archive's end; "
          + "expected zeros up to a block of 10 KiB")
    }
    return result
  }

  /// Opens a tar archive, plain or packed once, or a zip archive: its bytes decide which, as names on the web do not.
  ///
  /// `descriptor` must stay open as long as the reader lives.
  static func archive(descriptor: Int32, subject: String) throws(ComposeError) -> ArchiveReader {
    let reader = try ArchiveReader(subject: subject, part: "archive", advice: archiveAdvice)
    let filters = [
      ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_XZ, ARCHIVE_FILTER_ZSTD, ARCHIVE_FILTER_BZIP2,
    ]
    for filter in filters {
      try reader.check(archive_read_support_filter_by_code(reader.archive, filter))
    }
    try reader.check(archive_read_support_format_tar(reader.archive))
    try reader.check(archive_read_support_format_zip_seekable(reader.archive))
    try reader.check(archive_read_open_fd(reader.archive, descriptor, 128 << 10))
    // The file itself counts as a filter.
    guard archive_filter_count(reader.archive) <= 2 else {
      throw ComposeError(
        .invalidArchive, subject, "its archive is packed more than once; expected \(archiveAdvice)")
    }
    return reader
  }

  /// Bytes behind an archive's end, which tar fills up to 10 KiB.
  private static let tailLimit = 1 << 20

  private static let packageAdvice = "a whole Debian package; fetch it again or build it anew"

  private static let tarAdvice = "a whole tar archive; fetch it again"

  private static let archiveAdvice =
    "a whole tar archive, plain or packed with gzip, xz, zstd or bzip2, or a zip archive"

  init(
    subject: String, part: String, advice: String, feed: TarFeed? = nil
  ) throws(ComposeError) {
    guard let archive = archive_read_new() else {
      throw ComposeError(.limitExceeded, subject, "libarchive is out of memory")
    }
    self.init(archive, subject: subject, part: part, advice: advice, feed: feed)
  }

  /// Reads this archive's current entry as a tar archive, packed as its name's suffix says.
  ///
  /// The inner reader pulls from this one: no more than libarchive's buffers is in memory.
  borrowing func readTar<Result>(
    member: String, compression: Int32,
    _ body: (borrowing ArchiveReader) throws(ComposeError) -> Result
  ) throws(ComposeError) -> Result {
    let inner = try ArchiveReader(subject: subject, part: member, advice: advice)
    if compression != ARCHIVE_FILTER_NONE {
      // A filter that is set, not offered: a member may not be packed otherwise than it says, or twice.
      try inner.check(archive_read_append_filter(inner.archive, compression))
    }
    try inner.check(archive_read_support_format_tar(inner.archive))
    try inner.check(
      archive_read_open(inner.archive, UnsafeMutableRawPointer(archive), nil, readOuter, nil))
    return try body(inner)
  }

  /// The next entry; nil at the end. The entry before it is gone.
  borrowing func next() throws(ComposeError) -> ArchiveEntry? {
    var entry: OpaquePointer?
    // As for names: a stale ENOMEM would end the process while the library looks at a name it cannot convert.
    errno = 0
    let code = archive_read_next_header(archive, &entry)
    if code == ARCHIVE_EOF { return nil }
    try check(code)
    guard let entry else { throw failure() }
    return ArchiveEntry(pointer: entry)
  }

  /// Hands the current entry's data to `body`, in order, each piece with its offset; what lies between is a hole.
  borrowing func forEachBlock(
    _ body: (UnsafeRawBufferPointer, Int64) throws(ComposeError) -> Void
  ) throws(ComposeError) {
    while true {
      var block: UnsafeRawPointer?
      var size = 0
      var offset: Int64 = 0
      let code = archive_read_data_block(archive, &block, &size, &offset)
      if code == ARCHIVE_EOF { return }
      try check(code)
      try body(UnsafeRawBufferPointer(start: block, count: block == nil ? 0 : size), offset)
    }
  }

  /// The current entry's bytes; throws where they are more than `limit`.
  borrowing func contents(of name: String, limit: Int) throws(ComposeError) -> [UInt8] {
    var result = [UInt8]()
    try forEachBlock { (block, offset) throws(ComposeError) in
      let room = Int64(limit - result.count - block.count)
      guard offset >= result.count, offset - Int64(result.count) <= room else {
        throw ComposeError(
          .limitExceeded, subject, "its \(name) is over \(limit) bytes; expected less")
      }
      result += [UInt8](repeating: 0, count: Int(offset) - result.count)
      result += block
    }
    return result
  }

  /// The packed bytes read so far.
  var packedBytes: Int64 { feed?.packedBytes ?? archive_filter_bytes(archive, -1) }

  /// Where the current entry's data begins, in the bytes that the formats' reader gets.
  var offset: Int64 { archive_filter_bytes(archive, 0) }

  /// Whether the archive is a zip archive; known once an entry was read.
  var isZip: Bool { archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK == ARCHIVE_FORMAT_ZIP }

  private func check(_ code: Int32) throws(ComposeError) {
    guard code == ARCHIVE_OK else { throw failure() }
  }

  var words: String {
    archive_error_string(archive).map { String(cString: $0) } ?? "unknown error"
  }

  private func failure() -> ComposeError {
    ComposeError(
      .invalidArchive, subject, "its \(part) cannot be read: \(words); expected \(advice)")
  }
}

/// libarchive's read callback: the next block of the outer archive's current entry.
private func readOuter(
  _ inner: OpaquePointer?, _ outer: UnsafeMutableRawPointer?,
  _ buffer: UnsafeMutablePointer<UnsafeRawPointer?>?
) -> la_ssize_t {
  let outer = OpaquePointer(outer)
  while true {
    var size = 0
    var offset: Int64 = 0
    switch archive_read_data_block(outer, buffer, &size, &offset) {
    case ARCHIVE_OK:
      // Nought would mean the end.
      if size > 0 { return size }
    case ARCHIVE_EOF: return 0
    default:
      archive_copy_error(inner, outer)
      return -1
    }
  }
}

/// libarchive's read callback: the next bytes of a ``TarFeed``.
private func readFeed(
  _ archive: OpaquePointer?, _ feed: UnsafeMutableRawPointer?,
  _ buffer: UnsafeMutablePointer<UnsafeRawPointer?>?
) -> la_ssize_t {
  guard let feed else { return -1 }
  let source = Unmanaged<TarFeed>.fromOpaque(feed).takeUnretainedValue()
  guard let bytes = source.next() else { return source.failure == nil ? 0 : -1 }
  buffer?.pointee = bytes.baseAddress
  return bytes.count
}
