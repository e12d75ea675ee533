/// A block of memory of fixed size that is filled from the front.
///
/// Threads hand it on to each other: whoever has it last may change it.
final class ByteBlock: @unchecked Sendable {
  let whole: UnsafeMutableRawBufferPointer
  private(set) var count = 0

  init(size: Int) { whole = .allocate(byteCount: size, alignment: 64) }

  deinit { whole.deallocate() }

  var isFull: Bool { count == whole.count }

  var filled: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: whole[..<count]) }

  /// Where the next bytes go: at most `limit`, and no more than there is room for.
  func free(atMost limit: Int64) -> UnsafeMutableRawBufferPointer {
    let size = Int(min(limit, Int64(whole.count - count)))
    return UnsafeMutableRawBufferPointer(rebasing: whole[count..<count + size])
  }

  /// Takes bytes that were put into ``free(atMost:)``.
  func advance(_ size: Int) { count += size }

  /// Takes as many bytes as fit and returns how many those were.
  func append(_ bytes: UnsafeRawBufferPointer) -> Int {
    let target = free(atMost: Int64(bytes.count))
    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<target.count]))
    advance(target.count)
    return target.count
  }

  func clear() { count = 0 }
}

extension Array where Element == UInt8 {
  /// `withUnsafeBytes` with a typed error, which the standard library's does not have.
  func withBytes(
    _ body: (UnsafeRawBufferPointer) throws(OCIError) -> Void
  ) throws(OCIError) {
    try withUnsafeBufferPointer { (buffer) throws(OCIError) in
      try body(UnsafeRawBufferPointer(buffer))
    }
  }
}
