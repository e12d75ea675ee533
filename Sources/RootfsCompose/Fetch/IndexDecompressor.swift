import CLibArchive

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Decompresses one index through libarchive.
package struct IndexDecompressor {
  let subject: String
  /// No index is larger. In bytes.
  package static let limit: Int64 = 1 << 30

  package init(subject: String) { self.subject = subject }

  /// The decompressed bytes of the file at `path`, of at most `limit` bytes.
  package func decompress(
    path: String, limit: Int64, cancellation: CancellationFlag
  ) throws(ComposeError) -> [UInt8] {
    guard let archive = archive_read_new() else {
      throw ComposeError(.invalidArchive, subject, "libarchive cannot start")
    }
    defer { archive_read_free(archive) }
    // Only what Release files list: libarchive's other filters would start programs or guess.
    try check(archive_read_support_filter_xz(archive), archive)
    try check(archive_read_support_filter_gzip(archive), archive)
    try check(archive_read_support_format_raw(archive), archive)
    try check(archive_read_support_format_empty(archive), archive)
    try check(archive_read_open_filename(archive, path, 256 << 10), archive)
    var entry: OpaquePointer?
    let header = archive_read_next_header(archive, &entry)
    if header == ARCHIVE_EOF { return [] }
    try check(header, archive)
    var bytes = [UInt8]()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      try cancellation.check()
      let count = archive_read_data(archive, buffer.baseAddress, buffer.count)
      guard count >= 0 else { throw failure(archive) }
      if count == 0 { return bytes }
      guard Int64(bytes.count + count) <= limit else {
        throw ComposeError(
          .limitExceeded, subject,
          "is over \(limit) bytes when decompressed; expected what its Release file says")
      }
      bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  private func check(_ code: Int32, _ archive: OpaquePointer) throws(ComposeError) {
    guard code == ARCHIVE_OK || code == ARCHIVE_WARN else { throw failure(archive) }
  }

  private func failure(_ archive: OpaquePointer) -> ComposeError {
    let text = archive_error_string(archive).map { String(cString: $0) } ?? "unknown error"
    return ComposeError(.invalidArchive, subject, "cannot be decompressed: \(text)")
  }
}
