/// Writes what the store keeps in a form of its own: numbers in little-endian order, and runs of bytes, each behind its
/// length in four bytes.
protocol RecordWriting {
  var bytes: [UInt8] { get set }
}

extension RecordWriting {
  mutating func add(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func add(_ text: String) {
    var text = text
    text.withUTF8 {
      add(UInt32($0.count))
      bytes.append(contentsOf: $0)
    }
  }

  /// The sizes of all that is kept are bounded far below 4 GiB.
  mutating func add(_ run: [UInt8]) {
    add(UInt32(run.count))
    bytes.append(contentsOf: run)
  }
}

/// Bytes that do not hold together.
struct ExpandedDamage: Error {}

/// Reads back what a ``RecordWriting`` wrote. Every length is checked: bytes that pass their checksum may still be another
/// program's.
protocol RecordReading {
  var bytes: UnsafeRawBufferPointer { get }
  /// Where the next value begins.
  var offset: Int { get set }
}

extension RecordReading {
  mutating func number<Number: FixedWidthInteger>(
    _ type: Number.Type
  ) throws(ExpandedDamage) -> Number {
    let size = MemoryLayout<Number>.size
    guard bytes.count - offset >= size else { throw ExpandedDamage() }
    defer { offset += size }
    return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
  }

  /// A run of bytes in place.
  mutating func piece() throws(ExpandedDamage) -> UnsafeRawBufferPointer {
    let count = Int(try number(UInt32.self))
    guard bytes.count - offset >= count else { throw ExpandedDamage() }
    defer { offset += count }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)])
  }

  mutating func run() throws(ExpandedDamage) -> [UInt8] { Array(try piece()) }

  mutating func text() throws(ExpandedDamage) -> String {
    String(decoding: try piece(), as: UTF8.self)
  }
}
