import CZstd

/// A zstd stream (RFC 8878), one thread.
struct ZstdEncoder: ~Copyable {
  private let context: OpaquePointer

  private static let level: Int32 = 9

  init() throws(OCIError) { context = try Self.makeContext() }

  private static func makeContext() throws(OCIError) -> OpaquePointer {
    guard let context = ZSTD_createCCtx() else {
      throw OCIError(.compressorFailure, "zstd", "cannot compress: out of memory")
    }
    do throws(OCIError) {
      try check(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level))
      // The layer's digest covers every byte already. Workers would make the bytes depend on threads.
      try check(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 0))
      try check(ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0))
    } catch {
      ZSTD_freeCCtx(context)
      throw error
    }
    return context
  }

  deinit { ZSTD_freeCCtx(context) }

  /// Packs all of `input` and hands on what comes out, in pieces of at most `buffer`'s size.
  borrowing func encode(
    _ input: UnsafeRawBufferPointer, last: Bool, buffer: UnsafeMutableRawBufferPointer,
    output: (UnsafeRawBufferPointer) throws(OCIError) -> Void
  ) throws(OCIError) {
    var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    var finished = false
    repeat {
      var target = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
      let remaining = ZSTD_compressStream2(
        context, &target, &source, last ? ZSTD_e_end : ZSTD_e_continue)
      try Self.check(remaining)
      if target.pos > 0 { try output(UnsafeRawBufferPointer(rebasing: buffer[..<target.pos])) }
      finished = last ? remaining == 0 : source.pos == source.size
    } while !finished
  }

  private static func check(_ status: Int) throws(OCIError) {
    guard ZSTD_isError(status) == 0 else {
      let text = String(cString: ZSTD_getErrorName(status))
      throw OCIError(.compressorFailure, "zstd", "cannot compress: \(text)")
    }
  }
}
