/// Writes one file's bytes to a sink, in order, and takes their checksum on the way.
struct ContentWriter: ~Copyable {
  private static let zeros = [UInt8](repeating: 0, count: 64 << 10)

  private let sink: ContentSink
  private let size: Int64
  private let start: Int64
  private var written: Int64 = 0
  private var checksum: UInt32 = 0

  /// A file of `size` bytes, which is not negative.
  init(_ sink: ContentSink, size: Int64) throws(ComposeError) {
    self.sink = sink
    self.size = size
    start = try sink.reserve(size)
  }

  /// Whether `count` bytes at `offset` come after all bytes so far and lie within the file.
  func accepts(_ count: Int, at offset: Int64) -> Bool {
    offset >= written && offset <= size && Int64(count) <= size - offset
  }

  /// Writes a piece that the file accepts; a gap before it is zeros.
  mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(ComposeError) {
    skip(to: offset)
    try sink.write(bytes, at: start + offset)
    checksum = ContentChecksum.extend(checksum, with: bytes)
    written += Int64(bytes.count)
  }

  /// The content, zeros up to its size.
  consuming func finish() throws(ComposeError) -> Content {
    guard size > 0 else { return Content([]) }
    if written < size {
      skip(to: size)
      // The sink's file must reach to the end of the range.
      let written = withUnsafeBytes(of: UInt8(0)) { [sink, start, size] last in
        Result { () throws(ComposeError) in try sink.write(last, at: start + size - 1) }
      }
      try written.get()
    }
    return Content(file: sink.file, offset: start, count: Int(size), checksum: checksum)
  }

  /// Takes zeros up to `offset` into the checksum. None is written: what a file does not hold reads as zeros.
  private mutating func skip(to offset: Int64) {
    guard written < offset else { return }
    Self.zeros.withUnsafeBytes { zeros in
      while written < offset {
        let count = Int(min(Int64(zeros.count), offset - written))
        checksum = ContentChecksum.extend(
          checksum, with: UnsafeRawBufferPointer(rebasing: zeros[..<count]))
        written += Int64(count)
      }
    }
  }
}
