/// A version of a Debian package: `[epoch:]upstream[-revision]`.
///
/// Two versions are equal where dpkg calls them so: `1.0` and `0:1.0-0` are one version, written differently.
/// Source: deb-version(7), Debian Policy §5.6.12.
public struct DebianVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// As written, without white space around it.
  public let description: String
  /// 0 where none is written.
  public let epoch: Int32
  private let upstreamStart: Int
  /// Index of the hyphen before the revision, or the length where there is no revision.
  private let upstreamEnd: Int

  /// Whether an epoch is written.
  public var hasEpoch: Bool { upstreamStart > 0 }

  /// The part between epoch and revision.
  public var upstream: Substring.UTF8View {
    let text = description.utf8
    return Substring(
      text[
        text.index(
          text.startIndex, offsetBy: upstreamStart)..<text.index(
            text.startIndex, offsetBy: upstreamEnd)]
    ).utf8
  }

  /// The part after the last hyphen; nil where none is written.
  public var revision: Substring.UTF8View? {
    let text = description.utf8
    guard upstreamEnd < text.count else { return nil }
    return Substring(text[text.index(text.startIndex, offsetBy: upstreamEnd + 1)...]).utf8
  }

  /// Reads a version; white space around it is dropped.
  ///
  /// Throws ``ResolveError`` with code `invalidVersion` for every form that deb-version(7) does not allow, those
  /// included that dpkg only warns of.
  public init(parsing text: String) throws(ResolveError) {
    let bytes = Array(text.utf8)
    do throws(Fault) {
      try self.init(bytes[...])
    } catch {
      throw ResolveError(
        .invalidVersion, text.isEmpty ? "\"\"" : text,
        "is not a Debian version: \(error.message); expected [epoch:]upstream[-revision]")
    }
  }

  /// What is wrong with a version; the caller knows where it stands.
  struct Fault: Error {
    let message: String
    init(_ message: String) { self.message = message }
  }

  init(_ bytes: ArraySlice<UInt8>) throws(Fault) {
    var text = bytes
    while let byte = text.first, isBlank(byte) { text.removeFirst() }
    while let byte = text.last, isBlank(byte) { text.removeLast() }
    guard !text.isEmpty else { throw Fault("it is empty") }

    var upstreamStart = text.startIndex
    var epoch: Int32 = 0
    if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
      epoch = try Self.epoch(text[..<colon])
      upstreamStart = colon + 1
      guard upstreamStart < text.endIndex else { throw Fault("nothing follows the epoch") }
    }
    let upstreamEnd =
      text[upstreamStart...].lastIndex(of: UInt8(ascii: "-")) ?? text.endIndex
    let upstream = text[upstreamStart..<upstreamEnd]
    guard let first = upstream.first else { throw Fault("the upstream part is empty") }
    guard isDigit(first) else { throw Fault("the upstream part does not start with a digit") }
    for byte in upstream
    where !isUpstreamByte(byte) && byte != UInt8(ascii: "-") && byte != UInt8(ascii: ":") {
      throw Fault("\(quoted(byte)) may not stand in the upstream part")
    }
    if upstreamEnd < text.endIndex {
      let revision = text[(upstreamEnd + 1)...]
      guard !revision.isEmpty else { throw Fault("the revision is empty") }
      for byte in revision where !isUpstreamByte(byte) {
        throw Fault("\(quoted(byte)) may not stand in the revision")
      }
    }
    self.description = String(decoding: text, as: UTF8.self)
    self.epoch = epoch
    self.upstreamStart = upstreamStart - text.startIndex
    self.upstreamEnd = upstreamEnd - text.startIndex
  }

  /// Takes a version that was found to be one before. No bytes do harm; those that are no version make one that is
  /// ordered somehow.
  init(checked text: UnsafeRawBufferPointer) {
    var start = 0
    var epoch: Int32 = 0
    if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
      for digit in text[..<colon] { epoch = epoch &* 10 &+ Int32(digit & 15) }
      start = colon + 1
    }
    self.description = String(decoding: text, as: UTF8.self)
    self.epoch = epoch
    // Bytes that are no text are longer as text: the offsets must not depend on them.
    let count = description.utf8.count
    upstreamStart = min(start, count)
    let hyphen = text[start...].lastIndex(of: UInt8(ascii: "-")) ?? count
    upstreamEnd = max(upstreamStart, min(hyphen, count))
  }

  private static func epoch(_ digits: ArraySlice<UInt8>) throws(Fault) -> Int32 {
    guard !digits.isEmpty else { throw Fault("the epoch is empty") }
    guard digits.allSatisfy(isDigit) else { throw Fault("the epoch is not a number") }
    guard let value = Int32(String(decoding: digits, as: UTF8.self)) else {
      throw Fault("the epoch is over \(Int32.max)")
    }
    return value
  }

  public static func == (left: Self, right: Self) -> Bool { left.compare(right) == 0 }
  public static func < (left: Self, right: Self) -> Bool { left.compare(right) < 0 }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(epoch)
    withParts { upstream, revision in
      hashMeaning(of: upstream, into: &hasher)
      hasher.combine(UInt8(ascii: "-"))
      hashMeaning(of: revision, into: &hasher)
    }
  }

  /// Negative, zero or positive as dpkg orders the two.
  private func compare(_ other: Self) -> Int {
    if epoch != other.epoch { return epoch < other.epoch ? -1 : 1 }
    return withParts { upstream, revision in
      other.withParts { otherUpstream, otherRevision in
        let order = comparePart(upstream, otherUpstream)
        return order != 0 ? order : comparePart(revision, otherRevision)
      }
    }
  }

  func withParts<Result>(
    _ body: (_ upstream: UnsafeBufferPointer<UInt8>, _ revision: UnsafeBufferPointer<UInt8>) ->
      Result
  ) -> Result {
    var text = description
    return text.withUTF8 { bytes in
      body(
        UnsafeBufferPointer(rebasing: bytes[upstreamStart..<upstreamEnd]),
        UnsafeBufferPointer(rebasing: bytes[min(upstreamEnd + 1, bytes.count)...]))
    }
  }
}

@inline(__always) func isDigit(_ byte: UInt8) -> Bool {
  byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}

@inline(__always) func isLetter(_ byte: UInt8) -> Bool {
  let lower = byte | 0x20
  return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")
}

@inline(__always) func isBlank(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: " ") || (byte >= 9 && byte <= 13)
}

@inline(__always) func isUpstreamByte(_ byte: UInt8) -> Bool {
  isDigit(byte) || isLetter(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "+")
    || byte == UInt8(ascii: "~")
}

private func quoted(_ byte: UInt8) -> String {
  byte > 0x20 && byte < 0x7f
    ? "\"\(Character(UnicodeScalar(byte)))\"" : "byte 0x" + String(byte, radix: 16)
}
