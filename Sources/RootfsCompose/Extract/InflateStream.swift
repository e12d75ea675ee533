import CZlib

/// A zlib stream that decompresses one gzip member at a time.
struct InflateStream: ~Copyable {
  private let stream: UnsafeMutablePointer<z_stream>

  enum Status: Equatable {
    case more
    /// The member's end, its CRC and length as they should be.
    case end
    /// zlib's words.
    case failed(String)
  }

  /// nil where zlib is out of memory.
  init?() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 bits of window, and 16 for gzip alone: no zlib format, no guessing. Source: zlib.h, inflateInit2.
    guard dhi_inflate_init(stream, 15 + 16) == Z_OK else {
      stream.deallocate()
      return nil
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Starts a further member.
  borrowing func reset() { inflateReset(stream) }

  /// Decompresses from `input` to `output`, neither of them over 4 GiB, and says how many bytes of each were used.
  borrowing func inflate(
    _ input: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer
  ) -> (status: Status, consumed: Int, produced: Int) {
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.assumingMemoryBound(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = UInt32(clamping: input.count)
    stream.pointee.next_out = output.assumingMemoryBound(to: UInt8.self).baseAddress
    stream.pointee.avail_out = UInt32(clamping: output.count)
    let code = CZlib.inflate(stream, Z_NO_FLUSH)
    let status: Status =
      switch code {
      case Z_OK, Z_BUF_ERROR: .more
      case Z_STREAM_END: .end
      default: .failed(stream.pointee.msg.map { String(cString: $0) } ?? "zlib's code \(code)")
      }
    return (
      status, input.count - Int(stream.pointee.avail_in),
      output.count - Int(stream.pointee.avail_out)
    )
  }
}
