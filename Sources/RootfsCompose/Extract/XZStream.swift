import CLZMA

/// A liblzma decoder of a .xz file: of one stream or several, as `xz` itself reads them.
struct XZStream: ~Copyable {
  enum Status: Equatable {
    case more
    case end
    /// It asks for so many bytes of memory, over ``memoryLimit``.
    case tooLarge(UInt64)
    /// What is wrong with the file.
    case failed(String)
  }

  /// In bytes. The strongest preset of xz asks for 65 MiB.
  static let memoryLimit: UInt64 = 256 << 20
  /// For one more thread, in bytes: a block of 24 MiB packed and unpacked, as dpkg-deb makes them, and a dictionary.
  private static let threadMemory: UInt64 = 48 << 20

  private let stream: UnsafeMutablePointer<lzma_stream>

  /// nil where liblzma is out of memory.
  init?(threads: Int) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: lzma_stream())
    let threads = UInt32(clamping: max(1, min(threads, 64)))
    guard
      dhi_xz_decoder_init(stream, threads, Self.threadMemory * UInt64(threads), Self.memoryLimit)
        == LZMA_OK
    else {
      lzma_end(stream)
      stream.deallocate()
      return nil
    }
  }

  deinit {
    lzma_end(stream)
    stream.deallocate()
  }

  /// Decodes from `input`, behind which nothing follows where it is the last, to `output`; says how many bytes of each
  /// were used. With several threads, it may come back without either, to be called again.
  borrowing func decode(
    _ input: UnsafeRawBufferPointer, isLast: Bool, to output: UnsafeMutableRawBufferPointer
  ) -> (status: Status, consumed: Int, produced: Int) {
    stream.pointee.next_in = input.assumingMemoryBound(to: UInt8.self).baseAddress
    stream.pointee.avail_in = input.count
    stream.pointee.next_out = output.assumingMemoryBound(to: UInt8.self).baseAddress
    stream.pointee.avail_out = output.count
    let code = lzma_code(stream, isLast ? LZMA_FINISH : LZMA_RUN)
    return (
      status(code), input.count - stream.pointee.avail_in,
      output.count - stream.pointee.avail_out
    )
  }

  private borrowing func status(_ code: lzma_ret) -> Status {
    switch code {
    case LZMA_OK: .more
    case LZMA_STREAM_END: .end
    case LZMA_MEMLIMIT_ERROR: .tooLarge(lzma_memusage(stream))
    case LZMA_FORMAT_ERROR: .failed("it is not in the format of xz")
    case LZMA_OPTIONS_ERROR: .failed("it uses features that this liblzma does not know")
    case LZMA_DATA_ERROR: .failed("its compressed data is damaged")
    case LZMA_BUF_ERROR: .failed("it is cut short")
    case LZMA_MEM_ERROR: .failed("liblzma is out of memory")
    default: .failed("liblzma's code \(code.rawValue)")
    }
  }
}
