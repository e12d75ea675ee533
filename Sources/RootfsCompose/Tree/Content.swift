import OCIImage

/// The bytes of a regular file: in memory, or a range of a file in the store.
///
/// Whenever all bytes of a file's range are read, they are compared with their checksum. Where they differ, reading
/// throws ``ComposeError`` with the code `storeUnreadable`, and what the store kept is removed.
public struct Content: Sendable {
  private enum Storage: Sendable {
    case memory([UInt8])
    case file(ContentFile, offset: Int64)
  }

  private static let pieceSize = 1 << 20

  private let storage: Storage
  /// In bytes.
  public let count: Int
  /// CRC-32 of the bytes, as gzip computes it.
  public let checksum: UInt32

  /// Bytes that stay in memory.
  public init(_ bytes: [UInt8]) {
    storage = .memory(bytes)
    count = bytes.count
    checksum = bytes.withUnsafeBytes { ContentChecksum.extend(0, with: $0) }
  }

  /// A range of a file, which must not be negative.
  init(file: ContentFile, offset: Int64, count: Int, checksum: UInt32) {
    storage = .file(file, offset: offset)
    self.count = count
    self.checksum = checksum
  }

  /// Where the bytes lie in the file of a package or spool; nil of bytes in memory.
  var place: (file: ContentFile, offset: Int64)? {
    if case .file(let file, let offset) = storage { (file, offset) } else { nil }
  }

  /// All bytes. Throws ``ComposeError`` with the code `storeUnreadable`.
  public func bytes() throws(ComposeError) -> [UInt8] {
    switch storage {
    case .memory(let bytes): return bytes
    case .file(let file, let offset):
      let bytes = try file.read(offset: offset, count: count)
      guard bytes.withUnsafeBytes({ ContentChecksum.extend(0, with: $0) }) == checksum else {
        throw file.damaged()
      }
      return bytes
    }
  }

  /// The first bytes, at most `limit`: enough to recognise an ELF header or a `#!` line. Fewer than all of them are not
  /// compared with any checksum.
  public func prefix(_ limit: Int) throws(ComposeError) -> [UInt8] {
    if limit >= count { return try bytes() }
    switch storage {
    case .memory(let bytes): return Array(bytes.prefix(limit))
    case .file(let file, let offset): return try file.read(offset: offset, count: max(0, limit))
    }
  }

  /// Fills `buffer` with the bytes from `offset`; the range must lie within the content.
  ///
  /// Bytes are compared with the checksum only where they are all of them; ``forEachChunk(_:)`` compares those of any
  /// content.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int = 0
  ) throws(ComposeError) {
    precondition(offset >= 0 && offset <= count && buffer.count <= count - offset)
    switch storage {
    case .memory(let bytes):
      bytes.withUnsafeBytes {
        buffer.copyMemory(from: .init(rebasing: $0[offset..<(offset + buffer.count)]))
      }
    case .file(let file, let start):
      try file.fill(buffer, from: start + Int64(offset))
      guard
        buffer.count < count
          || ContentChecksum.extend(0, with: UnsafeRawBufferPointer(buffer)) == checksum
      else { throw file.damaged() }
    }
  }

  /// The bytes as UTF-8 text, invalid sequences replaced.
  public func text() throws(ComposeError) -> String {
    String(decoding: try bytes(), as: UTF8.self)
  }

  /// SHA-256 of the bytes, which are all read for it. Throws ``ComposeError`` with the code `storeUnreadable`.
  public func digest() throws(ComposeError) -> Digest {
    var hasher = SHA256Hasher()
    if let failure = readPieces({ hasher.update($0) }) { throw failure }
    return hasher.finish()
  }

  /// Hands the bytes to `body` in order: those in memory at once, those of a file in pieces of at most 1 MiB. Throws after
  /// the last piece where they are damaged.
  public func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    if let failure = try readPieces(body) { throw failure }
  }

  /// Why not all bytes could be handed to `body`, or not as they should be.
  private func readPieces<Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) -> ComposeError? {
    let size = min(count, Self.pieceSize)
    guard size > 0 else { return nil }
    guard case .file(let file, let offset) = storage else {
      if case .memory(let bytes) = storage { try Self.hand(bytes, to: body) }
      return nil
    }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
    defer { buffer.deallocate() }
    var found: UInt32 = 0
    var done = 0
    while done < count {
      let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(size, count - done)])
      do throws(ComposeError) {
        try file.fill(piece, from: offset + Int64(done))
      } catch {
        return error
      }
      found = ContentChecksum.extend(found, with: UnsafeRawBufferPointer(piece))
      try body(UnsafeRawBufferPointer(piece))
      done += piece.count
    }
    return found == checksum ? nil : file.damaged()
  }

  /// `withUnsafeBytes` would lose the error's type.
  private static func hand<Failure: Error>(
    _ bytes: [UInt8], to body: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    let handed = bytes.withUnsafeBytes { bytes in
      Result { () throws(Failure) in try body(bytes) }
    }
    try handed.get()
  }
}

extension Content: Hashable {
  public func hash(into hasher: inout Hasher) {
    hasher.combine(count)
    hasher.combine(checksum)
  }

  /// Whether the bytes are the same. They are read only where count and checksum agree and the places differ; bytes
  /// that cannot be read are equal to none.
  public static func == (left: Content, right: Content) -> Bool {
    guard left.count == right.count, left.checksum == right.checksum else { return false }
    if let one = left.place, let other = right.place, one.file === other.file,
      one.offset == other.offset
    {
      return true
    }
    return (try? left.holdsTheBytes(of: right)) ?? false
  }

  private func holdsTheBytes(of other: Content) throws(ComposeError) -> Bool {
    let size = min(count, Self.pieceSize)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * size, alignment: 16)
    defer { buffer.deallocate() }
    var done = 0
    while done < count {
      let length = min(size, count - done)
      let one = UnsafeMutableRawBufferPointer(rebasing: buffer[..<length])
      let two = UnsafeMutableRawBufferPointer(rebasing: buffer[length..<(2 * length)])
      try read(into: one, at: done)
      try other.read(into: two, at: done)
      guard one.elementsEqual(two) else { return false }
      done += length
    }
    return true
  }
}
