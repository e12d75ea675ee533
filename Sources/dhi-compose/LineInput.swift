import Glibc
import RootfsCompose

/// Hands the lines of a file or of standard input on as they come.
struct LineInput {
  /// What messages call it: the path, or `<stdin>`.
  let name: String
  private let descriptor: Int32
  /// A longer line is no line of text. In bytes.
  private static let lineLimit = 1 << 20

  /// Opens a file; standard input where `path` is nil or `-`.
  init(path: String?) throws {
    guard let path, path != "-" else {
      name = "<stdin>"
      descriptor = STDIN_FILENO
      return
    }
    name = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw ComposeError(.inputUnreadable, path, "cannot be opened: \(Self.reason)")
    }
  }

  func close() { if descriptor != STDIN_FILENO { _ = Glibc.close(descriptor) } }

  /// Calls `body` with each line, its line end taken off, and its number from 1; `atPause` before each wait for more.
  func forEach(
    _ body: (ArraySlice<UInt8>, Int) throws -> Void, atPause: () -> Void
  ) throws {
    var buffer = [UInt8]()
    var number = 0
    var isAtEnd = false
    while !isAtEnd {
      atPause()
      isAtEnd = try !fill(&buffer)
      var start = 0
      while let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
        number += 1
        try body(Self.withoutReturn(buffer[start..<end]), number)
        start = end + 1
      }
      if isAtEnd, start < buffer.count {
        try body(Self.withoutReturn(buffer[start...]), number + 1)
      }
      buffer.removeSubrange(..<start)
      guard buffer.count <= Self.lineLimit else {
        throw ComposeError(
          .limitExceeded, "\(name):\(number + 1)", "is over \(Self.lineLimit) bytes long")
      }
    }
  }

  private static func withoutReturn(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    line.last == UInt8(ascii: "\r") ? line.dropLast() : line
  }

  /// False at the end of the input.
  private func fill(_ buffer: inout [UInt8]) throws -> Bool {
    let chunk = 64 << 10
    let start = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: chunk))
    while true {
      let count = buffer.withUnsafeMutableBytes { bytes in
        read(
          descriptor, UnsafeMutableRawBufferPointer(rebasing: bytes[start...]).baseAddress, chunk)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw ComposeError(.inputUnreadable, name, "cannot be read: \(Self.reason)")
      }
      buffer.removeSubrange((start + count)...)
      return count > 0
    }
  }

  private static var reason: String { String(cString: strerror(errno)) }
}
