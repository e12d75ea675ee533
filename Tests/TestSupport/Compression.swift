import CLibArchive

/// The compressions a package's members may have, by libarchive's writers.
public enum Compression: String, Sendable, CaseIterable {
  case none, gzip, xz, zstd, bzip2, lzma

  /// `.xz`; empty for none.
  public var suffix: String {
    switch self {
    case .none: ""
    case .gzip: ".gz"
    case .xz: ".xz"
    case .zstd: ".zst"
    case .bzip2: ".bz2"
    case .lzma: ".lzma"
    }
  }

  /// The bytes, compressed.
  public func compress(_ bytes: [UInt8]) throws -> [UInt8] {
    if self == .none { return bytes }
    guard let archive = archive_write_new(), let entry = archive_entry_new() else {
      throw TestSupportError("libarchive: out of memory")
    }
    defer {
      archive_entry_free(entry)
      archive_write_free(archive)
    }
    func check(_ code: Int32) throws {
      guard code == ARCHIVE_OK else {
        throw TestSupportError("libarchive: \(String(cString: archive_error_string(archive)))")
      }
    }
    try check(archive_write_set_format_raw(archive))
    switch self {
    case .none: break
    case .gzip: try check(archive_write_add_filter_gzip(archive))
    case .xz: try check(archive_write_add_filter_xz(archive))
    case .zstd: try check(archive_write_add_filter_zstd(archive))
    case .bzip2: try check(archive_write_add_filter_bzip2(archive))
    case .lzma: try check(archive_write_add_filter_lzma(archive))
    }
    if self == .gzip { try check(archive_write_set_options(archive, "gzip:!timestamp")) }
    try check(archive_write_set_bytes_in_last_block(archive, 1))
    var sink = [UInt8](repeating: 0, count: bytes.count + bytes.count / 8 + 65536)
    var used = 0
    let capacity = sink.count
    try sink.withUnsafeMutableBytes { sink in
      try check(archive_write_open_memory(archive, sink.baseAddress, capacity, &used))
      archive_entry_set_filetype(entry, UInt32(S_IFREG))
      try check(archive_write_header(archive, entry))
      guard archive_write_data(archive, bytes, bytes.count) == bytes.count else {
        throw TestSupportError("libarchive: \(String(cString: archive_error_string(archive)))")
      }
      try check(archive_write_close(archive))
    }
    return Array(sink[..<used])
  }
}
