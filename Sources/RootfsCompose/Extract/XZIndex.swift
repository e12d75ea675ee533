import CLZMA

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The index at the end of a .xz file. Source of the format: xz-file-format §2.1.2 and §4.
enum XZIndex {
  /// In bytes; an index has a few bytes for each block.
  private static let sizeLimit: UInt64 = 1 << 20

  /// How many blocks the last stream of a .xz file has that lies in another file; 1 where that is not known.
  ///
  /// It only helps to choose a decoder: one for several threads is slower and needs more memory where there is nothing
  /// to share out.
  static func blockCount(path: String, offset: Int64, size: Int64) -> Int {
    let footerSize = Int64(LZMA_STREAM_HEADER_SIZE)
    let (end, overflow) = offset.addingReportingOverflow(size)
    guard !overflow, offset >= 0, size > 2 * footerSize else { return 1 }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return 1 }
    defer { close(descriptor) }
    var flags = lzma_stream_flags()
    guard let footer = read(descriptor, Int(footerSize), at: end - footerSize),
      lzma_stream_footer_decode(&flags, footer) == LZMA_OK, flags.backward_size <= sizeLimit,
      let bytes = read(
        descriptor, Int(flags.backward_size), at: end - footerSize - Int64(flags.backward_size))
    else { return 1 }
    var index: OpaquePointer?
    var memory = XZStream.memoryLimit
    var position = 0
    guard lzma_index_buffer_decode(&index, &memory, nil, bytes, &position, bytes.count) == LZMA_OK
    else { return 1 }
    defer { lzma_index_end(index, nil) }
    return max(1, Int(clamping: lzma_index_block_count(index)))
  }

  private static func read(_ descriptor: Int32, _ count: Int, at offset: Int64) -> [UInt8]? {
    guard offset >= 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: count)
    return pread(descriptor, &bytes, count, off_t(offset)) == count ? bytes : nil
  }
}
