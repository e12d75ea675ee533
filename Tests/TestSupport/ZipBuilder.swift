import CLibArchive

/// Writes zip archives by libarchive's writer, hostile names too.
public enum ZipBuilder {
  /// Files, directories and symbolic links; what zip cannot hold is refused.
  public static func bytes(_ members: [TarBuilder.Member]) throws -> [UInt8] {
    guard let archive = archive_write_new() else {
      throw TestSupportError("libarchive: out of memory")
    }
    defer { archive_write_free(archive) }
    func check(_ code: Int32) throws {
      guard code == ARCHIVE_OK else {
        throw TestSupportError("libarchive: \(String(cString: archive_error_string(archive)))")
      }
    }
    try check(archive_write_set_format_zip(archive))
    try check(archive_write_set_bytes_in_last_block(archive, 1))
    var sink = [UInt8](
      repeating: 0, count: members.reduce(65536) { $0 + 2 * $1.content.count + 4096 })
    var used = 0
    let capacity = sink.count
    try sink.withUnsafeMutableBytes { sink in
      try check(archive_write_open_memory(archive, sink.baseAddress, capacity, &used))
      for member in members { try write(member, to: archive, check) }
      try check(archive_write_close(archive))
    }
    return Array(sink[..<used])
  }

  private static func write(
    _ member: TarBuilder.Member, to archive: OpaquePointer, _ check: (Int32) throws -> Void
  ) throws {
    guard let entry = archive_entry_new() else {
      throw TestSupportError("libarchive: out of memory")
    }
    defer { archive_entry_free(entry) }
    let kinds: [Character: UInt32] = ["0": 0o100000, "2": 0o120000, "5": 0o040000]
    guard let kind = kinds[member.type] else {
      throw TestSupportError("a zip archive holds no entry of type \(member.type)")
    }
    archive_entry_set_filetype(entry, kind)
    archive_entry_set_perm(entry, UInt32(member.mode))
    archive_entry_set_mtime(entry, member.mtime, 0)
    archive_entry_set_size(entry, Int64(member.content.count))
    archive_entry_set_pathname(entry, String(decoding: member.name, as: UTF8.self))
    if member.type == "2" {
      archive_entry_set_symlink(entry, String(decoding: member.linkName, as: UTF8.self))
    }
    try check(archive_write_header(archive, entry))
    guard archive_write_data(archive, member.content, member.content.count) == member.content.count
    else {
      throw TestSupportError("libarchive: \(String(cString: archive_error_string(archive)))")
    }
  }
}
