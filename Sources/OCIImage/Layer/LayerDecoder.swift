import CZlib
import CZstd

/// Unpacks a layer as a stream. Input is hostile: every code of the libraries is checked.
enum LayerDecoder: ~Copyable {
  case none
  case gzip(GzipDecoder)
  case zstd(ZstdDecoder)

  init(_ compression: LayerCompression) throws(OCIError) {
    switch compression {
    case .none: self = .none
    case .gzip: self = .gzip(try GzipDecoder())
    case .zstd: self = .zstd(try ZstdDecoder())
    }
  }

  borrowing func decode(
    _ input: UnsafeRawBufferPointer, buffer: UnsafeMutableRawBufferPointer,
    output: (UnsafeRawBufferPointer) throws(OCIError) -> Void
  ) throws(OCIError) {
    switch self {
    case .none: try output(input)
    case .gzip(let decoder): try decoder.decode(input, buffer: buffer, output: output)
    case .zstd(let decoder): try decoder.decode(input, buffer: buffer, output: output)
    }
  }
}

/// A zlib stream that reads gzip. A layer that ends early shows as a wrong diff ID.
struct GzipDecoder: ~Copyable {
  private let stream: UnsafeMutablePointer<z_stream>

  init() throws(OCIError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard dhi_inflate_init(stream, 15 + 16) == Z_OK else {
      throw OCIError(.compressorFailure, "zlib", "cannot start to decompress")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  borrowing func decode(
    _ input: UnsafeRawBufferPointer, buffer: UnsafeMutableRawBufferPointer,
    output: (UnsafeRawBufferPointer) throws(OCIError) -> Void
  ) throws(OCIError) {
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.assumingMemoryBound(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = UInt32(input.count)
    repeat {
      stream.pointee.next_out = buffer.assumingMemoryBound(to: UInt8.self).baseAddress
      stream.pointee.avail_out = UInt32(buffer.count)
      let status = inflate(stream, Z_NO_FLUSH)
      guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
        let text = stream.pointee.msg.map { String(cString: $0) } ?? "code \(status)"
        throw OCIError(.invalidArchive, "layer", "not valid gzip: \(text)")
      }
      let produced = buffer.count - Int(stream.pointee.avail_out)
      if produced > 0 { try output(UnsafeRawBufferPointer(rebasing: buffer[..<produced])) }
      // RFC 1952 lets gzip members follow one another; tools that pack in parallel write such files.
      if status == Z_STREAM_END { inflateReset(stream) }
    } while stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0
  }
}

/// A zstd stream reader.
struct ZstdDecoder: ~Copyable {
  private let context: OpaquePointer

  init() throws(OCIError) {
    guard let context = ZSTD_createDCtx() else {
      throw OCIError(.compressorFailure, "zstd", "cannot decompress: out of memory")
    }
    self.context = context
  }

  deinit { ZSTD_freeDCtx(context) }

  borrowing func decode(
    _ input: UnsafeRawBufferPointer, buffer: UnsafeMutableRawBufferPointer,
    output: (UnsafeRawBufferPointer) throws(OCIError) -> Void
  ) throws(OCIError) {
    var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    var filled = false
    while source.pos < source.size || filled {
      var target = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
      let status = ZSTD_decompressStream(context, &target, &source)
      guard ZSTD_isError(status) == 0 else {
        let text = String(cString: ZSTD_getErrorName(status))
        throw OCIError(.invalidArchive, "layer", "not valid zstd: \(text)")
      }
      if target.pos > 0 { try output(UnsafeRawBufferPointer(rebasing: buffer[..<target.pos])) }
      filled = target.pos == target.size
    }
  }
}
