#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Walks the gzip members that lie one after the other in a file.
///
/// An Alpine package is such a file, and its checksums and signatures are of members as compressed, so that their
/// bounds must be known to the byte. Source of the format: RFC 1952 §2.2.
final class GzipMembers {
  /// What stands where a member may begin.
  enum Start: Equatable {
    case member, end
    /// Bytes that are no gzip member.
    case other
  }

  private enum Input {
    case file(Int32)
    case memory([UInt8])
  }

  let subject: String
  private let input: Input
  private let isCancelled: () -> Bool
  private let stream: InflateStream
  private let packed = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 16)
  private let unpacked = UnsafeMutableRawBufferPointer.allocate(
    byteCount: 128 << 10, alignment: 16)
  /// The part of `packed` not yet consumed.
  private var held = 0..<0
  private var isInside = false
  /// What messages call the current member.
  private var part = "first member"

  /// The bytes of the file consumed so far: the end of the member that ended last.
  private(set) var offset: Int64 = 0
  /// Gets the compressed bytes of the current member as they are consumed.
  var onPacked: ((UnsafeRawBufferPointer) throws(ComposeError) -> Void)?

  /// Reads the file at `path`. Throws ``ComposeError`` with the code `storeUnreadable`.
  convenience init(
    path: String, subject: String, isCancelled: @escaping () -> Bool
  ) throws(ComposeError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw ComposeError(.storeUnreadable, subject, "\(path) cannot be opened: \(errnoText())")
    }
    do throws(ComposeError) {
      try self.init(.file(descriptor), subject: subject, isCancelled: isCancelled)
    } catch {
      close(descriptor)
      throw error
    }
  }

  convenience init(
    _ bytes: [UInt8], subject: String, isCancelled: @escaping () -> Bool
  ) throws(ComposeError) {
    try self.init(.memory(bytes), subject: subject, isCancelled: isCancelled)
  }

  private init(
    _ input: Input, subject: String, isCancelled: @escaping () -> Bool
  ) throws(ComposeError) {
    guard let stream = InflateStream() else {
      throw ComposeError(.limitExceeded, subject, "zlib is out of memory")
    }
    self.stream = stream
    self.input = input
    self.subject = subject
    self.isCancelled = isCancelled
  }

  deinit {
    packed.deallocate()
    unpacked.deallocate()
    if case .file(let descriptor) = input { close(descriptor) }
  }

  /// Moves to the next member, which messages call `part`. The member before it must have been read to its end.
  func begin(_ part: String) throws(ComposeError) -> Start {
    self.part = part
    let head = try peek(2)
    if head.isEmpty { return .end }
    guard head.elementsEqual([0x1f, 0x8b]) else { return .other }
    stream.reset()
    isInside = true
    return .member
  }

  /// The next bytes of the current member, decompressed, valid until the next call; nil at its end.
  ///
  /// Throws ``ComposeError``: `invalidArchive` where the member is cut short or damaged, `cancelled`,
  /// `storeUnreadable`.
  func next() throws(ComposeError) -> UnsafeRawBufferPointer? {
    while isInside {
      if isCancelled() { throw ComposeError(.cancelled, subject, "unpacking was cancelled") }
      if held.isEmpty { try fill() }
      let chunk = UnsafeRawBufferPointer(rebasing: packed[held])
      let (status, consumed, produced) = stream.inflate(chunk, to: unpacked)
      if consumed > 0 {
        try onPacked?(UnsafeRawBufferPointer(rebasing: chunk[..<consumed]))
        held = (held.lowerBound + consumed)..<held.upperBound
        offset += Int64(consumed)
      }
      switch status {
      case .failed(let words): throw damaged("cannot be decompressed: \(words)")
      case .end: isInside = false
      case .more where consumed == 0 && produced == 0:
        guard !chunk.isEmpty else {
          throw damaged("ends too early: the file is cut short")
        }
        // zlib always goes on where it has input and room.
        throw damaged("cannot be decompressed: zlib does not go on")
      case .more: break
      }
      if produced > 0 { return UnsafeRawBufferPointer(rebasing: unpacked[..<produced]) }
    }
    return nil
  }

  /// Hands what is left of the file to `body` as it is; nothing can be read after it.
  func readRest(
    _ body: (UnsafeRawBufferPointer) throws(ComposeError) -> Void
  ) throws(ComposeError) {
    isInside = false
    while true {
      if isCancelled() { throw ComposeError(.cancelled, subject, "unpacking was cancelled") }
      if held.isEmpty { try fill() }
      if held.isEmpty { return }
      try body(UnsafeRawBufferPointer(rebasing: packed[held]))
      offset += Int64(held.count)
      held = 0..<0
    }
  }

  /// Goes on at `offset` as if everything before had been read.
  func rewind(to offset: Int64) {
    self.offset = offset
    held = 0..<0
    isInside = false
  }

  /// The next bytes of the file, at most `count`, fewer at its end; they are not consumed.
  func peek(_ count: Int) throws(ComposeError) -> [UInt8] {
    if held.count < count { try fill() }
    return Array(packed[held].prefix(count))
  }

  private func damaged(_ what: String) -> ComposeError {
    ComposeError(
      .invalidArchive, subject, "its \(part) \(what); expected a whole gzip member; fetch it again")
  }

  /// Reads on, behind the bytes that are held.
  private func fill() throws(ComposeError) {
    packed.copyBytes(from: Array(packed[held]))
    held = 0..<held.count
    while held.count < packed.count {
      let room = UnsafeMutableRawBufferPointer(rebasing: packed[held.upperBound...])
      let count = try read(into: room, at: offset + Int64(held.count))
      if count == 0 { return }
      held = 0..<(held.count + count)
    }
  }

  private func read(
    into room: UnsafeMutableRawBufferPointer, at position: Int64
  ) throws(ComposeError) -> Int {
    switch input {
    case .memory(let bytes):
      let start = min(Int(clamping: position), bytes.count)
      let piece = bytes[start..<min(start + room.count, bytes.count)]
      room.copyBytes(from: piece)
      return piece.count
    case .file(let descriptor):
      while true {
        let count = pread(descriptor, room.baseAddress, room.count, off_t(position))
        if count >= 0 { return count }
        guard errno == EINTR else {
          throw ComposeError(.storeUnreadable, subject, "cannot be read: \(errnoText())")
        }
      }
    }
  }
}
