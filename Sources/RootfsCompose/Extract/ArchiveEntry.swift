import CLibArchive

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One entry's header, valid until its reader moves on.
struct ArchiveEntry {
  let pointer: OpaquePointer

  enum Kind: Equatable {
    case directory, regular, symlink, hardLink, characterDevice, blockDevice, fifo, unknown
  }

  /// The name's bytes as stored; nil where there is none.
  var name: [UInt8]? { text(archive_entry_pathname) }

  var linkTarget: [UInt8]? { text(archive_entry_symlink) }

  var hardLinkTarget: [UInt8]? { text(archive_entry_hardlink) }

  /// libarchive ends the whole process ("Fatal Internal Error … No memory") where a name cannot be converted and
  /// `errno` happens to be ENOMEM, be it from long before; so `errno` is cleared first.
  private func text(_ read: (OpaquePointer?) -> UnsafePointer<CChar>?) -> [UInt8]? {
    errno = 0
    return Self.bytes(read(pointer))
  }

  var kind: Kind {
    errno = 0
    if archive_entry_hardlink(pointer) != nil { return .hardLink }
    return switch Int32(archive_entry_filetype(pointer)) {
    case 0o040000: .directory
    case 0o100000: .regular
    case 0o120000: .symlink
    case 0o020000: .characterDevice
    case 0o060000: .blockDevice
    case 0o010000: .fifo
    default: .unknown
    }
  }

  var mode: UInt16 { UInt16(truncatingIfNeeded: archive_entry_perm(pointer)) & 0o7777 }
  var uid: Int64 { archive_entry_uid(pointer) }
  var gid: Int64 { archive_entry_gid(pointer) }
  var size: Int64 { archive_entry_size(pointer) }
  var deviceMajor: UInt32? { UInt32(exactly: archive_entry_rdevmajor(pointer)) }
  var deviceMinor: UInt32? { UInt32(exactly: archive_entry_rdevminor(pointer)) }

  /// Whole seconds since 1970, fractions cut off; times before 1970 are 1970.
  var mtime: Int64 { max(0, Int64(archive_entry_mtime(pointer))) }

  /// As stored, also before 1970.
  var signedMtime: Int64 { Int64(archive_entry_mtime(pointer)) }
  var nanoseconds: Int64 { Int64(archive_entry_mtime_nsec(pointer)) }

  /// Empty where there is none.
  var userName: String { name(archive_entry_uname) }
  var groupName: String { name(archive_entry_gname) }

  private func name(_ read: (OpaquePointer?) -> UnsafePointer<CChar>?) -> String {
    text(read).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// The extended attributes; nil where they are more than `limit` bytes.
  func attributes(limit: Int) -> [String: [UInt8]]? {
    var result = [String: [UInt8]]()
    var total = 0
    archive_entry_xattr_reset(pointer)
    var name: UnsafePointer<CChar>?
    var value: UnsafeRawPointer?
    var size = 0
    while archive_entry_xattr_next(pointer, &name, &value, &size) == ARCHIVE_OK {
      guard let name, size <= limit else { return nil }
      let key = String(cString: name)
      total += key.utf8.count + size
      guard total <= limit else { return nil }
      result[key] = Array(UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size))
    }
    return result
  }

  private static func bytes(_ text: UnsafePointer<CChar>?) -> [UInt8]? {
    guard let text else { return nil }
    var length = 0
    while text[length] != 0 { length += 1 }
    return Array(UnsafeRawBufferPointer(start: text, count: length))
  }
}
