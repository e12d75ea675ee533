/// A block of memory of fixed size that is filled from the front.
final class ByteBlock {
  let whole: UnsafeMutableRawBufferPointer
  private var count = 0

  init(size: Int) { whole = .allocate(byteCount: size, alignment: 64) }

  deinit { whole.deallocate() }

  var isFull: Bool { count == whole.count }

  var filled: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: whole[..<count]) }

  /// Takes as many bytes as fit and returns how many those were.
  func append(_ bytes: UnsafeRawBufferPointer) -> Int {
    let taken = min(bytes.count, whole.count - count)
    UnsafeMutableRawBufferPointer(rebasing: whole[count..<count + taken])
      .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<taken]))
    count += taken
    return taken
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
