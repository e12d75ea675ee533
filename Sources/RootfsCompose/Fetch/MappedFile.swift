import PkgResolve

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Maps whole files into memory, for reading.
enum MappedFile {
  /// The bytes of the regular file at `path`; nil where there is none, or it is empty, over `limit` bytes, or cannot be
  /// read.
  ///
  /// Nobody may shorten the file afterwards; the store replaces its files and never writes into them.
  static func bytes(of path: String, limit: Int) -> TableBytes? {
    let descriptor = Store.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_size > 0, status.st_size <= limit
    else { return nil }
    let count = Int(status.st_size)
    // All of it is read at once to check it, so that to map it at once costs less than page by page.
    let start = mmap(nil, count, PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0)
    guard let start, start != MAP_FAILED else { return nil }
    Store.noteUse(descriptor)
    return TableBytes(UnsafeRawBufferPointer(start: start, count: count)) { mapped in
      munmap(UnsafeMutableRawPointer(mutating: mapped.baseAddress), mapped.count)
    }
  }
}
