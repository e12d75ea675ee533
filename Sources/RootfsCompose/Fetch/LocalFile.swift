#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file of a mirror that is a plain directory.
struct LocalFile {
  let path: String

  /// Copies the whole file. Throws ``ComposeError`` with the code `notFound` or `inputUnreadable`.
  func copy(
    into sink: any TransferSink, cancellation: CancellationFlag
  ) throws(ComposeError) -> HTTPHead {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let missing = errno == ENOENT || errno == ENOTDIR
      throw ComposeError(
        missing ? .notFound : .inputUnreadable, path, "cannot be opened: \(errnoText())")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw ComposeError(.inputUnreadable, path, "is no regular file")
    }
    if sink.count > 0 { try sink.restart() }
    try readAll(descriptor, path: path, cancellation: cancellation) { bytes throws(ComposeError) in
      try sink.write(bytes)
    }
    return HTTPHead(status: 200)
  }
}

/// Hands the rest of a file on in chunks.
func readAll(
  _ descriptor: Int32, path: String, cancellation: CancellationFlag?,
  _ body: (UnsafeRawBufferPointer) throws(ComposeError) -> Void
) throws(ComposeError) {
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
  defer { buffer.deallocate() }
  while true {
    try cancellation?.check()
    let count = read(descriptor, buffer.baseAddress, buffer.count)
    if count < 0 {
      if errno == EINTR { continue }
      throw ComposeError(.inputUnreadable, path, "cannot be read: \(errnoText())")
    }
    if count == 0 { return }
    try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
  }
}
