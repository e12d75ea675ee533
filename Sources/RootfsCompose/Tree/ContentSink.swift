/// Where the contents of one archive's files go: to the end of a file, small ones gathered into large writes.
///
/// Contents can be read once ``flush()`` was called.
final class ContentSink {
  private static let capacity = 128 << 10
  /// Pieces of this size are written from where they lie, together with what was gathered before them.
  private static let largePiece = 32 << 10

  let file: ContentFile
  private let spool: ContentSpool?
  /// The end of a file that is this sink's alone.
  private(set) var end: Int64 = 0
  private let gathered = UnsafeMutableRawBufferPointer.allocate(
    byteCount: ContentSink.capacity, alignment: 16)
  private var count = 0
  /// Where the gathered bytes begin in the file.
  private var start: Int64 = 0

  /// Appends to a spool that others may append to.
  init(_ spool: ContentSpool) {
    file = spool.file
    self.spool = spool
  }

  /// Fills an empty file.
  init(_ file: ContentFile) {
    self.file = file
    spool = nil
  }

  deinit { gathered.deallocate() }

  /// Sets a range of `count` bytes aside and returns where it begins.
  func reserve(_ count: Int64) throws(ComposeError) -> Int64 {
    if let spool { return try spool.reserve(count) }
    let (next, overflow) = end.addingReportingOverflow(count)
    guard !overflow else {
      throw ComposeError(.limitExceeded, "store", "a file would be over \(Int64.max) bytes")
    }
    defer { end = next }
    return end
  }

  /// Writes into a range that was set aside.
  func write(_ bytes: UnsafeRawBufferPointer, at position: Int64) throws(ComposeError) {
    if position != start + Int64(count) {
      try flush()
      start = position
    }
    if bytes.count >= Self.largePiece || bytes.count > gathered.count - count {
      let before = UnsafeRawBufferPointer(rebasing: gathered[..<count])
      try file.write(before, bytes, at: start)
      start = position + Int64(bytes.count)
      count = 0
    } else {
      UnsafeMutableRawBufferPointer(rebasing: gathered[count...]).copyMemory(from: bytes)
      count += bytes.count
    }
  }

  /// Writes what was gathered.
  func flush() throws(ComposeError) {
    let bytes = UnsafeRawBufferPointer(rebasing: gathered[..<count])
    try file.write(bytes, UnsafeRawBufferPointer(start: nil, count: 0), at: start)
    start += Int64(count)
    count = 0
  }
}
