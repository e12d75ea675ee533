#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Reads the store's small files.
enum SmallFile {
  /// The bytes of the file at `path`, which is marked as used; nil where there is no regular file of at most
  /// `limit` bytes that can be read.
  static func contents(of path: String, limit: Int) -> [UInt8]? {
    let descriptor = Store.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_size <= limit
    else { return nil }
    var isWhole = true
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
      while count < buffer.count {
        let more = read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
        if more < 0, errno == EINTR { continue }
        guard more > 0 else {
          isWhole = false
          return
        }
        count += more
      }
    }
    guard isWhole else { return nil }
    Store.noteUse(descriptor)
    return bytes
  }
}
