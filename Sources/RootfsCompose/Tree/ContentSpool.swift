import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A nameless file in the store that holds the contents of a recipe's files, so that memory stays bounded.
///
/// The file is unlinked as soon as it is open: a killed process leaves nothing behind.
public final class ContentSpool: Sendable {
  let file: ContentFile
  private let end = Mutex<Int64>(0)

  /// Opens a spool in `directory` (which must exist).
  public init(directory: String) throws(ComposeError) {
    var template = Array((directory + "/spool.XXXXXX").utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else {
      throw ComposeError(.storeUnwritable, directory, "cannot make a spool file: \(errnoText())")
    }
    unlink(template)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    file = ContentFile(owning: descriptor, path: nil)
  }

  /// Appends bytes. Calls may overlap in time: each has a range of its own.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(ComposeError) -> Content {
    let start = try reserve(Int64(bytes.count))
    try file.write(bytes, UnsafeRawBufferPointer(start: nil, count: 0), at: start)
    return Content(
      file: file, offset: start, count: bytes.count,
      checksum: ContentChecksum.extend(0, with: bytes))
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
}
