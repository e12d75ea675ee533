import OCIImage

/// The bytes of a regular file: in memory, or a range of a ``ContentSpool``.
public struct Content: Sendable {
  private enum Storage: Sendable {
    case memory([UInt8])
    case spool(ContentSpool, offset: Int64)
  }

  private let storage: Storage
  /// In bytes.
  public let count: Int
  /// SHA-256 of the bytes.
  public let digest: Digest

  public init(_ bytes: [UInt8]) {
    storage = .memory(bytes)
    count = bytes.count
    digest = .sha256(of: bytes)
  }

  init(spool: ContentSpool, offset: Int64, count: Int, digest: Digest) {
    storage = .spool(spool, offset: offset)
    self.count = count
    self.digest = digest
  }

  /// All bytes. Throws ``ComposeError`` where the spool cannot be read.
  public func bytes() throws(ComposeError) -> [UInt8] {
    switch storage {
    case .memory(let bytes): bytes
    case .spool(let spool, let offset): try spool.read(offset: offset, count: count)
    }
  }

  /// The first bytes, at most `limit`: enough to recognise an ELF header or a `#!` line.
  public func prefix(_ limit: Int) throws(ComposeError) -> [UInt8] {
    switch storage {
    case .memory(let bytes): Array(bytes.prefix(limit))
    case .spool(let spool, let offset): try spool.read(offset: offset, count: min(limit, count))
    }
  }

  /// The bytes as UTF-8 text, invalid sequences replaced.
  public func text() throws(ComposeError) -> String {
    String(decoding: try bytes(), as: UTF8.self)
  }

  /// Fills `buffer` with the bytes from `offset` on, of which there are at least as many.
  ///
  /// Throws ``ComposeError`` where the spool cannot be read.
  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(ComposeError) {
    guard offset >= 0, offset <= Int64(count), buffer.count <= count - Int(offset) else {
      throw ComposeError(.storeUnreadable, "content", "has \(count) bytes, and more are asked for")
    }
    switch storage {
    case .memory(let bytes):
      bytes.withUnsafeBytes { bytes in
        buffer.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[Int(offset)..<Int(offset) + buffer.count]))
      }
    case .spool(let spool, let start): try spool.fill(buffer, from: start + offset)
    }
  }

  /// Hands the bytes to `body` in pieces of at most 1 MiB, in order.
  public func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    switch storage {
    case .memory(let bytes): try bytes.withUnsafeBytes { if !$0.isEmpty { try body($0) } }
    case .spool(let spool, let offset):
      try spool.forEachChunk(offset: offset, count: count, body)
    }
  }
}

extension Content: Hashable {
  public func hash(into hasher: inout Hasher) { hasher.combine(digest) }

  public static func == (left: Content, right: Content) -> Bool { left.digest == right.digest }
}
