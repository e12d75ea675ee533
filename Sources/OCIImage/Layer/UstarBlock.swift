/// One 512-byte ustar header block under construction, in memory of the caller's.
///
/// Source: POSIX.1-2017, pax, "ustar Header Block".
struct UstarBlock {
  /// Seven octal digits.
  static let maximumDeviceNumber: UInt32 = 0o7777777

  private let bytes: UnsafeMutableRawBufferPointer

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

  /// `memory` holds ``TarHeader/blockSize`` bytes and outlives the block.
  init(in memory: UnsafeMutableRawBufferPointer) {
    bytes = memory
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
    // Version "00" after a NUL.
    bytes.copy("ustar\u{0}00", to: Field.magic.lowerBound)
    setOctal(0, Field.mode)
    setOctal(0, Field.uid)
    setOctal(0, Field.gid)
    setOctal(0, Field.size)
    setOctal(0, Field.mtime)
    setOctal(0, Field.major)
    setOctal(0, Field.minor)
  }

  func set(prefix: ArraySlice<UInt8>) { copy(prefix, to: Field.prefix) }

  /// `isDirectory`: a slash follows.
  func set(name: ArraySlice<UInt8>, isDirectory: Bool) {
    copy(name, to: Field.name)
    if isDirectory { bytes[Field.name.lowerBound + name.count] = UInt8(ascii: "/") }
  }

  func set(link: ArraySlice<UInt8>) { copy(link, to: Field.link) }

  func set(typeFlag: UInt8) { bytes[Field.typeFlag] = typeFlag }

  func set(mode: UInt16) { setOctal(UInt64(mode), Field.mode) }

  /// False where the number does not fit; the field then stays 0 and a pax record must hold it.
  func set(uid: UInt32) -> Bool { setIfFits(Int64(uid), Field.uid) }
  /// As ``set(uid:)``.
  func set(gid: UInt32) -> Bool { setIfFits(Int64(gid), Field.gid) }
  /// As ``set(uid:)``. Sizes of 8 GiB and over do not fit.
  func set(size: Int64) -> Bool { setIfFits(size, Field.size) }
  /// As ``set(uid:)``. Times before 1970 do not fit.
  func set(mtime: Int64) -> Bool { setIfFits(mtime, Field.mtime) }

  func set(major: UInt32, minor: UInt32) {
    setOctal(UInt64(major), Field.major)
    setOctal(UInt64(minor), Field.minor)
  }

  /// Puts in the checksum: the sum of all bytes, the checksum's own counted as spaces. Nothing may be set after it.
  func seal() {
    for index in Field.checksum { bytes[index] = UInt8(ascii: " ") }
    var sum: UInt64 = 0
    for byte in bytes { sum += UInt64(byte) }
    // Six digits, NUL, space: the form that every historic reader takes.
    setOctal(sum, Field.checksum.lowerBound..<Field.checksum.upperBound - 1)
  }

  /// Bytes that do not fit into the field are left out.
  private func copy(_ value: ArraySlice<UInt8>, to field: Range<Int>) {
    value.prefix(field.count).withUnsafeBytes { value in
      UnsafeMutableRawBufferPointer(rebasing: bytes[field.lowerBound...]).copyMemory(from: value)
    }
  }

  private func setIfFits(_ value: Int64, _ field: Range<Int>) -> Bool {
    guard value >= 0, value < Int64(1) << (3 * (field.count - 1)) else { return false }
    setOctal(UInt64(value), field)
    return true
  }

  /// Leading zeros, one NUL at the end.
  private func setOctal(_ value: UInt64, _ field: Range<Int>) {
    var rest = value
    var index = field.upperBound - 1
    bytes[index] = 0
    while index > field.lowerBound {
      index -= 1
      bytes[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest & 7)
      rest >>= 3
    }
  }
}

extension UnsafeMutableRawBufferPointer {
  fileprivate func copy(_ text: StaticString, to offset: Int) {
    text.withUTF8Buffer { text in
      UnsafeMutableRawBufferPointer(rebasing: self[offset...])
        .copyMemory(from: UnsafeRawBufferPointer(text))
    }
  }
}
