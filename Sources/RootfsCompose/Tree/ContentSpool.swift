import FoundationEssentials
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A nameless file in the store that holds the contents of unpacked files, so that memory stays bounded.
///
/// The file is unlinked as soon as it is open: a killed process leaves nothing behind.
public final class ContentSpool: Sendable {
  private let descriptor: Int32
  private let end = Mutex<Int64>(0)

  /// Opens a spool in `directory` (which must exist).
  public init(directory: String) throws(ComposeError) {
    var template = Array((directory + "/spool.XXXXXX").utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else {
      throw ComposeError(.storeUnwritable, directory, "cannot make a spool file: \(errnoText())")
    }
    unlink(template)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  deinit { close(descriptor) }

  /// Appends bytes and returns where they begin. Calls may overlap in time: each has a range of its own.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(ComposeError) -> Int64 {
    let start = try reserve(Int64(bytes.count))
    try write(bytes, at: start)
    return start
  }

  /// Sets a range of `count` bytes aside for one writer and returns where it begins.
  func reserve(_ count: Int64) throws(ComposeError) -> Int64 {
    let start: Int64? = end.withLock { end in
      let (next, overflow) = end.addingReportingOverflow(count)
      guard !overflow else { return nil }
      defer { end = next }
      return end
    }
    guard let start else {
      throw ComposeError(.limitExceeded, "spool file", "would be over \(Int64.max) bytes")
    }
    return start
  }

  /// Writes into a range that the caller has reserved.
  func write(_ bytes: UnsafeRawBufferPointer, at start: Int64) throws(ComposeError) {
    guard let base = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      let written = pwrite(descriptor, base + done, bytes.count - done, off_t(start) + off_t(done))
      if written < 0 {
        if errno == EINTR { continue }
        throw ComposeError(
          .storeUnwritable, "spool file",
          "cannot write: \(errnoText()); make room in the store's file system")
      }
      done += written
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

  func forEachChunk(
    offset: Int64, count: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let size = min(count, 1 << 20)
    guard size > 0 else { return }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
    defer { buffer.deallocate() }
    var done = 0
    while done < count {
      let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(size, count - done)])
      try fill(piece, from: offset + Int64(done))
      try body(UnsafeRawBufferPointer(piece))
      done += piece.count
    }
  }

  func fill(
    _ buffer: UnsafeMutableRawBufferPointer, from offset: Int64
  ) throws(ComposeError) {
    guard let base = buffer.baseAddress else { return }
    var done = 0
    while done < buffer.count {
      let got = pread(
        descriptor, base + done, buffer.count - done, off_t(offset) + off_t(done))
      if got < 0 && errno == EINTR { continue }
      guard got > 0 else {
        throw ComposeError(
          .storeUnreadable, "spool file",
          got == 0 ? "ends early; build again" : "cannot read: \(errnoText())")
      }
      done += got
    }
  }
}

/// The C library's words for `errno`.
func errnoText() -> String { String(cString: strerror(errno)) }
