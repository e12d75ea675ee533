/// One 512-byte ustar header block under construction.
///
/// Source: POSIX.1-2017, pax, "ustar Header Block".
struct UstarBlock {
  /// Seven octal digits.
  static let maximumDeviceNumber: UInt32 = 0o7777777

  private var bytes = [UInt8](repeating: 0, count: TarHeader.blockSize)

  private enum Field {
    static let name = 0..<100
    static let mode = 100..<108
    static let uid = 108..<116
    static let gid = 116..<124
    static let size = 124..<136
    static let mtime = 136..<148
    static let checksum = 148..<156
    static let typeFlag = 156
    static let link = 157..<257
    static let magic = 257..<265
    static let major = 329..<337
    static let minor = 337..<345
    static let prefix = 345..<500
  }

  init() {
    // "ustar", NUL, version "00".
    copy(Array("ustar\u{0}00".utf8)[...], to: Field.magic)
    for field in [
      Field.mode, Field.uid, Field.gid, Field.size, Field.mtime, Field.major, Field.minor,
    ] {
      setOctal(0, field)
    }
  }

  mutating func set(prefix: ArraySlice<UInt8>, name: ArraySlice<UInt8>) {
    copy(prefix, to: Field.prefix)
    copy(name, to: Field.name)
  }

  mutating func set(link: ArraySlice<UInt8>) { copy(link, to: Field.link) }

  mutating func set(typeFlag: Character) { bytes[Field.typeFlag] = typeFlag.asciiValue ?? 0 }

  mutating func set(mode: UInt16) { setOctal(UInt64(mode), Field.mode) }

  /// False where the number does not fit; the field then stays 0 and a pax record must hold it.
  mutating func set(uid: UInt32) -> Bool { setIfFits(Int64(uid), Field.uid) }
  /// As ``set(uid:)``.
  mutating func set(gid: UInt32) -> Bool { setIfFits(Int64(gid), Field.gid) }
  /// As ``set(uid:)``. Sizes of 8 GiB and over do not fit.
  mutating func set(size: Int64) -> Bool { setIfFits(size, Field.size) }
  /// As ``set(uid:)``. Times before 1970 do not fit.
  mutating func set(mtime: Int64) -> Bool { setIfFits(mtime, Field.mtime) }

  mutating func set(major: UInt32, minor: UInt32) {
    setOctal(UInt64(major), Field.major)
    setOctal(UInt64(minor), Field.minor)
  }

  /// The block with its checksum: the sum of all bytes, the checksum's own counted as spaces.
  consuming func encode() -> [UInt8] {
    for index in Field.checksum { bytes[index] = UInt8(ascii: " ") }
    let sum = bytes.reduce(0) { $0 + UInt64($1) }
    // Six digits, NUL, space: the form that every historic reader takes.
    setOctal(sum, Field.checksum.lowerBound..<Field.checksum.upperBound - 1)
    return bytes
  }

  private mutating func copy(_ value: ArraySlice<UInt8>, to field: Range<Int>) {
    bytes.replaceSubrange(field.lowerBound..<field.lowerBound + value.count, with: value)
  }

  private mutating func setIfFits(_ value: Int64, _ field: Range<Int>) -> Bool {
    guard value >= 0, value < Int64(1) << (3 * (field.count - 1)) else { return false }
    setOctal(UInt64(value), field)
    return true
  }

  /// Leading zeros, one NUL at the end.
  private mutating func setOctal(_ value: UInt64, _ field: Range<Int>) {
    var rest = value
    for index in field.dropLast().reversed() {
      bytes[index] = UInt8(ascii: "0") + UInt8(rest & 7)
      rest >>= 3
    }
    bytes[field.upperBound - 1] = 0
  }
}
