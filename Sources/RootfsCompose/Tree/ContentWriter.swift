import OCIImage

/// Writes one file's bytes to a spool, in order, and digests them on the way.
struct ContentWriter: ~Copyable {
  private static let zeros = [UInt8](repeating: 0, count: 64 << 10)

  private let spool: ContentSpool
  private let size: Int64
  private let start: Int64
  private var written: Int64 = 0
  private var hasher = SHA256Hasher()

  /// A file of `size` bytes, which is not negative.
  init(spool: ContentSpool, size: Int64) throws(ComposeError) {
    self.spool = spool
    self.size = size
    start = try spool.reserve(size)
  }

  /// Whether `count` bytes at `offset` come after all bytes so far and lie within the file.
  func accepts(_ count: Int, at offset: Int64) -> Bool {
    offset >= written && offset <= size && Int64(count) <= size - offset
  }

  /// Writes a piece that the file accepts; a gap before it is zeros.
  mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(ComposeError) {
    skip(to: offset)
    try spool.write(bytes, at: start + offset)
    hasher.update(bytes)
    written += Int64(bytes.count)
  }

  /// The content, zeros up to its size.
  consuming func finish() throws(ComposeError) -> Content {
    guard size > 0 else { return Content([]) }
    if written < size {
      skip(to: size)
      // The spool's file must reach to the end of the range.
      let zero: UInt8 = 0
      var failure: ComposeError?
      withUnsafeBytes(of: zero) { last in
        do throws(ComposeError) {
          try spool.write(last, at: start + size - 1)
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
    }
    return Content(spool: spool, offset: start, count: Int(size), digest: hasher.finish())
  }

  /// Digests zeros up to `offset`. None is written: what a file does not hold reads as zeros.
  private mutating func skip(to offset: Int64) {
    Self.zeros.withUnsafeBytes { zeros in
      while written < offset {
        let count = Int(min(Int64(zeros.count), offset - written))
        hasher.update(UnsafeRawBufferPointer(rebasing: zeros[..<count]))
        written += Int64(count)
      }
    }
  }
}
