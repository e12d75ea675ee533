import CDeflate
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file whose ranges are the bytes of contents. It is closed with the last of them, so that nothing that removes its
/// name takes the bytes away; where many are open, one of the store may be closed before, and is opened again by its name.
final class ContentFile: Sendable {
  /// What the file at the path must be to be this one.
  private struct Identity: Equatable {
    let device: dev_t
    let inode: ino_t
    let size: off_t

    init?(_ descriptor: Int32) {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { return nil }
      (device, inode, size) = (status.st_dev, status.st_ino, status.st_size)
    }
  }

  private struct Handle {
    /// Below zero while the file is closed.
    var descriptor: Int32
    /// Reads and writes that are under way.
    var uses = 0
    /// nil as long as the file must stay open.
    var identity: Identity?
  }

  private let handle: Mutex<Handle>
  private let others: OpenContentFiles
  /// Where the store keeps it; nil of a nameless spool.
  private let path: String?

  /// Takes an open file over. `path` is removed where the file proves damaged.
  init(owning descriptor: Int32, path: String?, among others: OpenContentFiles = .shared) {
    handle = Mutex(Handle(descriptor: descriptor))
    self.others = others
    self.path = path
    others.noteOpened(self)
  }

  deinit {
    handle.withLock { handle in
      guard handle.descriptor >= 0 else { return }
      close(handle.descriptor)
      others.noteClosed()
    }
  }

  private var subject: String { path ?? "spool file" }

  /// The digest of the package whose contents these are, in hexadecimal digits, which names the file in the store; nil of
  /// a spool.
  var packageDigest: String? {
    path.flatMap { $0.split(separator: "/").last }.map(String.init)
  }

  /// Says that the file stands whole at its path, so that it may be closed while nobody reads it.
  func allowClosing() {
    handle.withLock { $0.identity = Identity($0.descriptor) }
  }

  /// Whether the file was open and is closed now.
  func closeWhereIdle() -> Bool {
    handle.withLock { handle in
      guard handle.uses == 0, handle.identity != nil, handle.descriptor >= 0 else { return false }
      close(handle.descriptor)
      handle.descriptor = -1
      return true
    }
  }

  private func withDescriptor<Result>(
    _ body: (Int32) throws(ComposeError) -> Result
  ) throws(ComposeError) -> Result {
    let (descriptor, isNew) = try handle.withLock { handle throws(ComposeError) in
      let isNew = handle.descriptor < 0
      if isNew { handle.descriptor = try reopen(handle.identity) }
      handle.uses += 1
      return (handle.descriptor, isNew)
    }
    if isNew { others.noteOpened(self) }
    defer { handle.withLock { $0.uses -= 1 } }
    return try body(descriptor)
  }

  private func reopen(_ identity: Identity?) throws(ComposeError) -> Int32 {
    let descriptor = open(subject, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw ComposeError(
        .storeUnreadable, subject,
        "cannot be opened any more: \(errnoText()); run the command again")
    }
    guard identity != nil, Identity(descriptor) == identity else {
      close(descriptor)
      throw ComposeError(
        .storeUnreadable, subject, "was replaced while it was in use; run the command again")
    }
    return descriptor
  }

  /// Writes one piece after the other, the first at `start`.
  func write(
    _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, at start: Int64
  ) throws(ComposeError) {
    try withDescriptor { descriptor throws(ComposeError) in
      try write(first, second, at: start, to: descriptor)
    }
  }

  private func write(
    _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, at start: Int64,
    to descriptor: Int32
  ) throws(ComposeError) {
    var left = (first, second)
    var position = start
    while !left.0.isEmpty || !left.1.isEmpty {
      let written = withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { pieces in
        pieces.initializeElement(
          at: 0, to: iovec(iov_base: .init(mutating: left.0.baseAddress), iov_len: left.0.count))
        pieces.initializeElement(
          at: 1, to: iovec(iov_base: .init(mutating: left.1.baseAddress), iov_len: left.1.count))
        return pwritev(descriptor, pieces.baseAddress, 2, off_t(position))
      }
      if written < 0 {
        if errno == EINTR { continue }
        throw ComposeError(
          .storeUnwritable, subject,
          "cannot write: \(errnoText()); make room in the store's file system")
      }
      position += Int64(written)
      let ofFirst = min(written, left.0.count)
      left.0 = UnsafeRawBufferPointer(rebasing: left.0[ofFirst...])
      left.1 = UnsafeRawBufferPointer(rebasing: left.1[(written - ofFirst)...])
    }
  }

  /// Fills a buffer with the bytes from `offset`.
  func fill(_ buffer: UnsafeMutableRawBufferPointer, from offset: Int64) throws(ComposeError) {
    try withDescriptor { descriptor throws(ComposeError) in
      try fill(buffer, from: offset, of: descriptor)
    }
  }

  private func fill(
    _ buffer: UnsafeMutableRawBufferPointer, from offset: Int64, of descriptor: Int32
  ) throws(ComposeError) {
    guard let base = buffer.baseAddress else { return }
    var done = 0
    while done < buffer.count {
      let got = pread(descriptor, base + done, buffer.count - done, off_t(offset) + off_t(done))
      if got < 0 && errno == EINTR { continue }
      guard got > 0 else {
        throw got == 0
          ? damaged() : ComposeError(.storeUnreadable, subject, "cannot read: \(errnoText())")
      }
      done += got
    }
  }

  func read(offset: Int64, count: Int) throws(ComposeError) -> [UInt8] {
    var failure: ComposeError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = 0
      do throws(ComposeError) {
        try fill(UnsafeMutableRawBufferPointer(buffer), from: offset)
        filled = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Removes the file's name, so that the next run makes it anew, and says so.
  func damaged() -> ComposeError {
    guard let path else {
      return ComposeError(
        .storeUnreadable, subject, "does not hold any more what was written to it; build again")
    }
    unlink(path)
    return ComposeError(
      .storeUnreadable, path,
      "does not hold any more what was written to it, and was removed; run the command again, "
        + "which makes it anew")
  }
}

/// CRC-32 of contents, over libdeflate: finds damage, not malice.
enum ContentChecksum {
  /// The checksum of what `checksum` is of and the bytes behind it; 0 is that of nothing.
  static func extend(_ checksum: UInt32, with bytes: UnsafeRawBufferPointer) -> UInt32 {
    // Without an address, libdeflate would begin anew.
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return checksum }
    return libdeflate_crc32(checksum, base, bytes.count)
  }
}

/// The C library's words for `errno`.
func errnoText() -> String { String(cString: strerror(errno)) }
