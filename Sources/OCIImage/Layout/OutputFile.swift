import CLinux

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// An open file that is written from its beginning.
struct OutputFile: ~Copyable {
  let descriptor: Int32
  /// What messages name: the user's path, not the temporary one.
  let subject: String
  let code: OCIError.Code

  /// Takes over an open descriptor.
  init(descriptor: Int32, subject: String, code: OCIError.Code) {
    self.descriptor = descriptor
    self.subject = subject
    self.code = code
  }

  /// Makes a new file; fails where one is there.
  init(creating path: String, subject: String, code: OCIError.Code) throws(OCIError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw OCIError(writing: subject, code, "cannot make a file", errno)
    }
    self.init(descriptor: descriptor, subject: subject, code: code)
  }

  deinit { close(descriptor) }

  borrowing func write(_ bytes: UnsafeRawBufferPointer) throws(OCIError) {
    var rest = bytes
    while let start = rest.baseAddress, !rest.isEmpty {
      let written = unistdWrite(descriptor, start, rest.count)
      if written < 0 {
        if errno == EINTR { continue }
        throw OCIError(writing: subject, code, "cannot write", errno)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }

  borrowing func write(_ bytes: [UInt8]) throws(OCIError) {
    try bytes.withBytes { (bytes) throws(OCIError) in try write(bytes) }
  }

  /// Gives the file mode 0644, whatever the umask, and waits until the disk has the bytes.
  borrowing func complete() throws(OCIError) {
    try makeReadable()
    try sync()
  }

  /// Gives the file mode 0644, whatever the umask.
  borrowing func makeReadable() throws(OCIError) {
    guard fchmod(descriptor, 0o644) == 0 else {
      throw OCIError(writing: subject, code, "cannot write", errno)
    }
  }

  /// Waits until the disk has the bytes.
  borrowing func sync() throws(OCIError) {
    guard fsync(descriptor) == 0 else {
      throw OCIError(writing: subject, code, "cannot write", errno)
    }
  }

  /// Lets the disk begin with a range that is written, and does not wait for it. Where that is not possible,
  /// ``complete()`` takes longer.
  borrowing func startWriteBack(at offset: Int64, count: Int64) {
    _ = dhi_start_write_back(descriptor, offset, count)
  }
}

/// write(2), under a name that the method above does not hide.
private func unistdWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

extension OCIError {
  /// A failed system call that wrote to `subject`: a full disk gets its own code and advice.
  init(writing subject: String, _ code: Code, _ action: String, _ number: Int32) {
    switch number {
    case ENOSPC:
      self.init(
        .noSpace, subject,
        "\(action): no space left on the file system; free some, or choose another directory")
    case EDQUOT:
      self.init(
        .noSpace, subject,
        "\(action): no space left within the disk quota; free some, or choose another directory")
    default:
      self.init(code, subject, "\(action): \(String(cString: strerror(number)))")
    }
  }
}

/// Waits until the disk has a directory's names.
func syncDirectory(_ path: String, subject: String, code: OCIError.Code) throws(OCIError) {
  let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else {
    throw OCIError(writing: subject, code, "cannot open the directory", errno)
  }
  defer { close(descriptor) }
  // EINVAL: a file system that cannot sync directories, and needs not.
  guard fsync(descriptor) == 0 || errno == EINVAL else {
    throw OCIError(writing: subject, code, "cannot write the directory", errno)
  }
}
