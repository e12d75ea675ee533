import OCIImage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Keeps a transfer in memory.
final class MemorySink: TransferSink {
  private(set) var bytes = [UInt8]()
  private let subject: String
  private let limit: Int64

  /// `limit` in bytes.
  init(subject: String, limit: Int64) {
    self.subject = subject
    self.limit = limit
  }

  var count: Int64 { Int64(bytes.count) }

  func restart() { bytes = [] }

  func write(_ more: UnsafeRawBufferPointer) throws(ComposeError) {
    guard Int64(bytes.count) + Int64(more.count) <= limit else {
      throw ComposeError(.limitExceeded, subject, "is over \(limit) bytes; expected less")
    }
    bytes.append(contentsOf: more)
  }
}

/// Writes a transfer to a file and hashes it on the way.
final class FileSink: TransferSink {
  private let descriptor: Int32
  private let path: String
  private let subject: String
  private let size: Int64?
  private let limit: Int64
  private let progress: ((Int64) -> Void)?
  private var hasher: SHA256Hasher? = SHA256Hasher()
  private(set) var count: Int64 = 0

  /// `descriptor` is open for reading and writing and stays the caller's. Where `size` is known, a longer transfer
  /// is ended with `digestMismatch`; else one over `limit` bytes with `limitExceeded`.
  init(
    descriptor: Int32, path: String, subject: String, size: Int64?, limit: Int64,
    progress: ((Int64) -> Void)?
  ) {
    self.descriptor = descriptor
    self.path = path
    self.subject = subject
    self.size = size
    self.limit = limit
    self.progress = progress
  }

  /// Takes over what the file holds already.
  func adopt(cancellation: CancellationFlag) throws(ComposeError) {
    guard lseek(descriptor, 0, SEEK_END) != 0 else { return }
    lseek(descriptor, 0, SEEK_SET)
    try readAll(descriptor, path: path, cancellation: cancellation) { bytes throws(ComposeError) in
      hasher?.update(bytes)
      count += Int64(bytes.count)
    }
    if count > size ?? limit { try restart() }
  }

  func restart() throws(ComposeError) {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw Store.unwritable(path, "cannot be written")
    }
    hasher = SHA256Hasher()
    count = 0
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(ComposeError) {
    let total = count + Int64(bytes.count)
    if let size, total > size {
      throw ComposeError(
        .digestMismatch, subject,
        "expected \(size) bytes, found more; the mirror may be changing, "
          + "or the file is not the one that was promised: try again, or use another mirror")
    }
    guard total <= limit else {
      throw ComposeError(.limitExceeded, subject, "is over \(limit) bytes; expected less")
    }
    try Store.write(bytes, to: descriptor, path: path)
    hasher?.update(bytes)
    count = total
    progress?(total)
  }

  /// The digest of all bytes. The sink takes no more.
  func finish() -> Digest? { hasher.take()?.finish() }
}
