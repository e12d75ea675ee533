import CZlib

/// A zlib stream that writes gzip (RFC 1952).
struct GzipEncoder: ~Copyable {
  private let stream: UnsafeMutablePointer<z_stream>
  private let header: UnsafeMutablePointer<gz_header>

  private static let level: Int32 = 6
  /// The largest window (2^15), plus 16: a gzip header and trailer around the deflate stream.
  private static let windowBits: Int32 = 15 + 16
  /// "Unknown" (RFC 1952, 2.3.1). zlib would write the system it was built for.
  private static let operatingSystem: Int32 = 255

  init() throws(OCIError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    header = .allocate(capacity: 1)
    header.initialize(to: gz_header())
    // No name, no comment, time 0: nothing of the machine or the moment gets in.
    header.pointee.os = Self.operatingSystem
    var status = dhi_deflate_init(stream, Self.level, Self.windowBits)
    if status == Z_OK { status = deflateSetHeader(stream, header) }
    guard status == Z_OK else { throw Self.failure(status, stream) }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
    header.deallocate()
  }

  /// Packs all of `input` and hands on what comes out, in pieces of at most `buffer`'s size.
  borrowing func encode(
    _ input: UnsafeRawBufferPointer, last: Bool, buffer: UnsafeMutableRawBufferPointer,
    output: (UnsafeRawBufferPointer) throws(OCIError) -> Void
  ) throws(OCIError) {
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.assumingMemoryBound(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = UInt32(input.count)
    var status: Int32
    repeat {
      stream.pointee.next_out = buffer.assumingMemoryBound(to: UInt8.self).baseAddress
      stream.pointee.avail_out = UInt32(buffer.count)
      status = deflate(stream, last ? Z_FINISH : Z_NO_FLUSH)
      // Z_BUF_ERROR says that there was nothing left to do, which a full output buffer makes possible.
      guard status == Z_OK || status == Z_STREAM_END || (status == Z_BUF_ERROR && !last) else {
        throw Self.failure(status, stream)
      }
      let produced = buffer.count - Int(stream.pointee.avail_out)
      if produced > 0 { try output(UnsafeRawBufferPointer(rebasing: buffer[..<produced])) }
    } while last ? status != Z_STREAM_END : stream.pointee.avail_out == 0
  }

  private static func failure(
    _ status: Int32, _ stream: UnsafeMutablePointer<z_stream>
  ) -> OCIError {
    let text = stream.pointee.msg.map { String(cString: $0) } ?? "code \(status)"
    return OCIError(.compressorFailure, "zlib", "cannot compress: \(text)")
  }
}
