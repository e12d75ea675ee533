import CLibArchive

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Decompresses one index through libarchive.
struct IndexDecompressor {
  let subject: String
  /// No index is larger. In bytes.
  static let limit: Int64 = 1 << 30

  /// Whether a file is the text of an index itself, and no archive.
  static func isPlain(_ file: [UInt8]) -> Bool {
    // The magic numbers of gzip (RFC 1952) and xz (its file format, 2.1.1.1), and of tar (POSIX ustar), at byte 257.
    !file.starts(with: [0x1f, 0x8b]) && !file.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])
      && !file.dropFirst(257).starts(with: Array("ustar".utf8))
  }

  /// The decompressed bytes of the file at `path`, of at most `limit` bytes.
  func decompress(
    path: String, limit: Int64, cancellation: CancellationFlag
  ) throws(ComposeError) -> [UInt8] {
    let archive = try reader()
    defer { archive_read_free(archive) }
    try check(archive_read_open_filename(archive, path, 256 << 10), archive)
    return try content(archive, limit: limit, member: nil, cancellation: cancellation)
  }

  /// The decompressed bytes of a file in memory, of at most `limit` bytes. Where it is a tar archive, the bytes of
  /// its member of that name; the parts of Alpine's are compressed one by one, the signature first.
  func decompress(
    _ file: [UInt8], limit: Int64, member: String?, cancellation: CancellationFlag
  ) throws(ComposeError) -> [UInt8] {
    let archive = try reader()
    defer { archive_read_free(archive) }
    if member != nil { try check(archive_read_support_format_tar(archive), archive) }
    let result = file.withUnsafeBytes { file in
      Result { () throws(ComposeError) -> [UInt8] in
        try check(archive_read_open_memory(archive, file.baseAddress, file.count), archive)
        return try content(archive, limit: limit, member: member, cancellation: cancellation)
      }
    }
    return try result.get()
  }

  private func reader() throws(ComposeError) -> OpaquePointer {
    guard let archive = archive_read_new() else {
      throw ComposeError(.invalidArchive, subject, "libarchive cannot start")
    }
    do throws(ComposeError) {
      // Only what Release files list: libarchive's other filters would start programs or guess.
      try check(archive_read_support_filter_xz(archive), archive)
      try check(archive_read_support_filter_gzip(archive), archive)
      try check(archive_read_support_format_raw(archive), archive)
      try check(archive_read_support_format_empty(archive), archive)
    } catch {
      archive_read_free(archive)
      throw error
    }
    return archive
  }

  private func content(
    _ archive: OpaquePointer, limit: Int64, member: String?, cancellation: CancellationFlag
  ) throws(ComposeError) -> [UInt8] {
    var passed: Int64 = 0
    while true {
      try cancellation.check()
      var entry: OpaquePointer?
      let header = archive_read_next_header(archive, &entry)
      if header == ARCHIVE_EOF {
        guard let member, passed > 0 else { return [] }
        throw ComposeError(
          .invalidArchive, subject, "has no member \(member); expected an index's archive")
      }
      try check(header, archive)
      let isRaw = archive_format(archive) == ARCHIVE_FORMAT_RAW
      if isRaw || archive_entry_pathname(entry).map({ String(cString: $0) }) == member {
        return try data(archive, limit: limit, cancellation: cancellation)
      }
      passed += 1
      guard passed <= 64 else {
        throw ComposeError(
          .limitExceeded, subject, "has over 64 members; expected an index's archive")
      }
    }
  }

  private func data(
    _ archive: OpaquePointer, limit: Int64, cancellation: CancellationFlag
  ) throws(ComposeError) -> [UInt8] {
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
          "is over \(limit) bytes when decompressed; expected at most that")
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
