/// A set of ASCII characters, as one bit each.
struct ByteSet {
  private var low: UInt64 = 0
  private var high: UInt64 = 0

  /// What dpkg allows in a package name after its first letter or digit.
  static let name = ByteSet(isNameByte)
  static let architecture = ByteSet(isArchitectureByte)
  /// What may stand in a version after its epoch.
  static let version = ByteSet { isUpstreamByte($0) || $0 == UInt8(ascii: "-") }

  private init(_ contains: (UInt8) -> Bool) {
    for byte: UInt8 in 0..<128 where contains(byte) {
      if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte & 63) }
    }
  }

  @inline(__always)
  func containsAll(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var all: UInt64 = 1
    for index in 0..<count {
      let byte = text[index]
      let half = byte & 64 == 0 ? low : high
      all &= (half &>> UInt64(byte & 63)) & ~UInt64(byte >> 7)
    }
    return all == 1
  }
}

/// Whether a version is of the usual form: nothing but letters, digits and what stands between them, after an epoch of
/// at most nine digits. Of any other it is not known whether it is one.
@inline(__always)
func isPlainVersion(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
  var start = 0
  while start < min(count, 9), isDigit(text[start]) { start += 1 }
  if start > 0, start < count, text[start] == UInt8(ascii: ":") {
    start += 1
  } else {
    start = 0
  }
  guard start < count, isDigit(text[start]), text[count - 1] != UInt8(ascii: "-") else {
    return false
  }
  return ByteSet.version.containsAll(text + start, count - start)
}

/// A SHA-256 digest, in its bytes' order.
struct PackedDigest: BitwiseCopyable {
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  init() {}

  /// Reads 64 hexadecimal digits; nil for anything else.
  @inline(__always)
  init?(_ text: UnsafePointer<UInt8>, _ count: Int) {
    guard count == 64 else { return nil }
    var good = true
    words.0 = Self.eightBytes(text, &good)
    words.1 = Self.eightBytes(text + 16, &good)
    words.2 = Self.eightBytes(text + 32, &good)
    words.3 = Self.eightBytes(text + 48, &good)
    guard good else { return nil }
  }

  @inline(__always)
  private static func eightBytes(_ text: UnsafePointer<UInt8>, _ good: inout Bool) -> UInt64 {
    let first = fourBytes(text, &good)
    return (first | fourBytes(text + 8, &good) << 32).littleEndian
  }

  /// Eight digits at once, one in each byte of a word.
  @inline(__always)
  private static func fourBytes(_ text: UnsafePointer<UInt8>, _ good: inout Bool) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let word = UInt64(littleEndian: UnsafeRawPointer(text).loadUnaligned(as: UInt64.self))
    let values = (word & (ones &* 0x0f)) &+ ((word >> 6) & ones) &* 9
    // Written out again, they must give the same text; that alone would take "o" for 24, and byte 0x10 for "0".
    let isLetter = ((values &+ ones &* 0x76) >> 7) & ones
    let again = values &+ (ones &* 0x30) &+ (isLetter &* 0x27)
    let visible = (word | word << 1) & (ones &* 0x40)
    good =
      good && again == word | (ones &* 0x20) && values & (ones &* 0xf0) == 0
      && visible == ones &* 0x40
    var packed = (values << 4 | values >> 8) & 0x00ff_00ff_00ff_00ff
    packed = (packed | packed >> 8) & 0x0000_ffff_0000_ffff
    return (packed | packed >> 16) & 0xffff_ffff
  }
}

func isHexadecimal(_ byte: UInt8) -> Bool {
  isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
}
