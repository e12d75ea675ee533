/// Reads a content from its beginning to its end into buffers of the caller's, and compares all of it with its checksum.
struct ContentReader {
  private let content: Content
  private var found: UInt32 = 0
  private var count = 0

  init(_ content: Content) { self.content = content }

  /// Fills `buffer` with the bytes that come next.
  ///
  /// Throws ``ComposeError`` with the code `storeUnreadable` where they cannot be read, or the content is at its end with
  /// them and is not what it was.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(ComposeError) {
    try content.read(into: buffer, at: count)
    count += buffer.count
    found = ContentChecksum.extend(found, with: UnsafeRawBufferPointer(buffer))
    if count == content.count, found != content.checksum, let place = content.place {
      throw place.file.damaged()
    }
  }
}
