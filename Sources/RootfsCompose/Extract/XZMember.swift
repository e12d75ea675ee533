import CLibArchive

/// Decodes a member of a package that is packed with xz, by liblzma and with no buffer but its own in between.
final class XZMember: TarSource {
  /// Whole blocks of tar, so that libarchive finds each header in one piece and copies none.
  private static let bufferSize = 128 << 10

  /// libarchive's reader of the package, which stands at the member and outlives this.
  private let package: OpaquePointer
  private let subject: String
  private let part: String
  private let advice: String
  private let isCancelled: () -> Bool
  private let stream: XZStream
  private let buffer = UnsafeMutableRawBufferPointer.allocate(
    byteCount: XZMember.bufferSize, alignment: 64)
  /// What libarchive gave last and is not consumed yet.
  private var input = UnsafeRawBufferPointer(start: nil, count: 0)
  private var isLast = false
  private var isAtEnd = false

  private(set) var offset: Int64 = 0

  /// `part` and `advice` are for messages. Throws ``ComposeError`` with the code `limitExceeded` where there is no memory.
  init(
    of package: borrowing ArchiveReader, part: String, threads: Int,
    isCancelled: @escaping () -> Bool
  ) throws(ComposeError) {
    guard let stream = XZStream(threads: threads) else {
      throw ComposeError(.limitExceeded, package.subject, "liblzma is out of memory")
    }
    self.stream = stream
    self.package = package.archive
    self.part = part
    self.isCancelled = isCancelled
    subject = package.subject
    advice = package.advice
  }

  deinit { buffer.deallocate() }

  func next() throws(ComposeError) -> UnsafeRawBufferPointer? {
    var filled = 0
    while !isAtEnd, filled < buffer.count {
      if isCancelled() { throw ComposeError(.cancelled, subject, "unpacking was cancelled") }
      if input.isEmpty, !isLast { try fill() }
      let room = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let (status, consumed, produced) = stream.decode(input, isLast: isLast, to: room)
      input = UnsafeRawBufferPointer(rebasing: input[consumed...])
      offset += Int64(consumed)
      filled += produced
      switch status {
      case .more: break
      case .end:
        // liblzma ends only where the input does.
        isAtEnd = true
      case .tooLarge(let size):
        throw ComposeError(
          .limitExceeded, subject,
          "its \(part) asks for \(size >> 20) MiB of memory to decode; "
            + "expected at most \(XZStream.memoryLimit >> 20) MiB")
      case .failed(let words): throw failure(words)
      }
    }
    return filled == 0 ? nil : UnsafeRawBufferPointer(rebasing: buffer[..<filled])
  }

  /// Gets the member's next bytes.
  private func fill() throws(ComposeError) {
    var block: UnsafeRawPointer?
    var size = 0
    var place: Int64 = 0
    while true {
      switch archive_read_data_block(package, &block, &size, &place) {
      case ARCHIVE_OK:
        if size == 0 { continue }
        input = UnsafeRawBufferPointer(start: block, count: size)
      case ARCHIVE_EOF: isLast = true
      default:
        throw failure(
          archive_error_string(package).map { String(cString: $0) } ?? "unknown error")
      }
      return
    }
  }

  private func failure(_ words: String) -> ComposeError {
    ComposeError(
      .invalidArchive, subject, "its \(part) cannot be read: \(words); expected \(advice)")
  }
}

extension ArchiveReader {
  /// Reads this archive's current entry, packed with xz, as a tar archive; then to its end.
  ///
  /// More than one thread is of use where the entry is made of several blocks.
  borrowing func readXZ<Result>(
    member: String, threads: Int, isCancelled: @escaping () -> Bool,
    _ body: (borrowing ArchiveReader) throws(ComposeError) -> Result
  ) throws(ComposeError) -> Result {
    let source = try XZMember(
      of: self, part: member, threads: threads, isCancelled: isCancelled)
    let feed = TarFeed(source)
    let reader = try ArchiveReader(subject: subject, part: member, advice: advice, feed: feed)
    return try Self.readTar(feed, reader, body)
  }
}
