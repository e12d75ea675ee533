#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// An open regular file that is read at offsets.
struct InputFile: ~Copyable {
  private let descriptor: Int32
  private let path: String
  private let code: OCIError.Code
  /// In bytes.
  let size: Int64
  /// The file's number in its file system.
  let inode: UInt64

  /// Throws ``OCIError``: `notFound`, or `code` for any other failure and for what is not a regular file.
  init(_ path: String, code: OCIError.Code) throws(OCIError) {
    // O_NONBLOCK: a FIFO in a layout must not make us wait.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let number = errno
      throw OCIError(
        number == ENOENT ? .notFound : code, path,
        "cannot open: \(String(cString: strerror(number)))")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw OCIError(code, path, "is not a regular file")
    }
    self.descriptor = descriptor
    self.path = path
    self.code = code
    size = Int64(status.st_size)
    inode = UInt64(status.st_ino)
  }

  deinit { close(descriptor) }

  /// Fills `buffer` from `offset`. Throws ``OCIError`` where the file ends before.
  borrowing func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(OCIError) {
    var rest = buffer
    var position = offset
    while let start = rest.baseAddress, !rest.isEmpty {
      let got = pread(descriptor, start, rest.count, off_t(position))
      if got < 0 && errno == EINTR { continue }
      guard got > 0 else {
        let reason = got < 0 ? String(cString: strerror(errno)) : "the file ends too early"
        throw OCIError(code, path, "cannot read: \(reason)")
      }
      rest = UnsafeMutableRawBufferPointer(rebasing: rest[got...])
      position += Int64(got)
    }
  }

  /// Hands `count` bytes from `offset` to `body`, in pieces of at most 1 MiB.
  borrowing func forEachChunk(
    at offset: Int64, count: Int64, _ body: (UnsafeRawBufferPointer) throws(OCIError) -> Void
  ) throws(OCIError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Int(min(max(count, 1), 1 << 20)), alignment: 64)
    defer { buffer.deallocate() }
    var done: Int64 = 0
    while done < count {
      let piece = UnsafeMutableRawBufferPointer(
        rebasing: buffer[..<Int(min(Int64(buffer.count), count - done))])
      try read(into: piece, at: offset + done)
      try body(UnsafeRawBufferPointer(piece))
      done += Int64(piece.count)
    }
  }
}
