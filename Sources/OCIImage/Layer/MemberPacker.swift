import CDeflate
import CZstd

/// Packs the members of layers, each by itself. Of use to one thread at a time.
protocol MemberPacker: AnyObject {
  func pack(_ member: UnsafeRawBufferPointer) throws(OCIError) -> [UInt8]
}

/// Gzip members (RFC 1952, 2.2). libdeflate writes no name, time 0 and the system "unknown" (2.3.1), so that nothing of
/// the machine or the moment gets in.
final class GzipPacker: MemberPacker {
  /// The fastest level that packs real layers no larger than zlib's level 6.
  static let level: Int32 = 6

  private let compressor: OpaquePointer

  init() throws(OCIError) {
    guard let compressor = libdeflate_alloc_compressor(Self.level) else {
      throw OCIError(.compressorFailure, "libdeflate", "cannot compress: out of memory")
    }
    self.compressor = compressor
  }

  deinit { libdeflate_free_compressor(compressor) }

  func pack(_ member: UnsafeRawBufferPointer) throws(OCIError) -> [UInt8] {
    let bound = libdeflate_gzip_compress_bound(compressor, member.count)
    let packed = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      count = libdeflate_gzip_compress(
        compressor, member.baseAddress, member.count, buffer.baseAddress, buffer.count)
    }
    guard !packed.isEmpty else {
      throw OCIError(.compressorFailure, "libdeflate", "cannot compress \(member.count) bytes")
    }
    return packed
  }
}

/// Frames of zstd (RFC 8878, 3.1.1), each with the size of its content, on one thread.
final class ZstdPacker: MemberPacker {
  static let level: Int32 = 6

  private let context: OpaquePointer

  init() throws(OCIError) {
    guard let context = ZSTD_createCCtx() else {
      throw OCIError(.compressorFailure, "zstd", "cannot compress: out of memory")
    }
    self.context = context
    try Self.check(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Self.level))
    // The layer's digest covers every byte already. Workers would make the bytes depend on threads.
    try Self.check(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 0))
    try Self.check(ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 1))
  }

  deinit { ZSTD_freeCCtx(context) }

  func pack(_ member: UnsafeRawBufferPointer) throws(OCIError) -> [UInt8] {
    var status = 0
    let packed = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(member.count)) {
      buffer, count in
      status = ZSTD_compress2(
        context, buffer.baseAddress, buffer.count, member.baseAddress, member.count)
      count = ZSTD_isError(status) == 0 ? status : 0
    }
    try Self.check(status)
    return packed
  }

  private static func check(_ status: Int) throws(OCIError) {
    guard ZSTD_isError(status) == 0 else {
      let text = String(cString: ZSTD_getErrorName(status))
      throw OCIError(.compressorFailure, "zstd", "cannot compress: \(text)")
    }
  }
}
