/// The hash of a name in a ``PackageTable``. It is kept on disk, so it must never depend on the process.
///
/// Eight bytes at a time are multiplied in; the constant is that of Fibonacci hashing, 2^64 over the golden ratio.
@inline(__always)
func tableHash(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt32 {
  let raw = UnsafeRawPointer(bytes)
  var hash = UInt64(truncatingIfNeeded: count)
  var position = 0
  while position + 8 <= count {
    hash ^= UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    hash = hash &* 0x9e37_79b9_7f4a_7c15
    hash ^= hash >> 32
    position += 8
  }
  var last: UInt64 = 0
  while position < count {
    last = last << 8 | UInt64(bytes[position])
    position += 1
  }
  hash = (hash ^ last) &* 0x9e37_79b9_7f4a_7c15
  hash ^= hash >> 29
  hash = hash &* 0x9e37_79b9_7f4a_7c15
  return UInt32(truncatingIfNeeded: hash >> 32)
}

/// A sum over a kept table that tells damage, not malice: any change within one 8-byte word changes it for certain,
/// any other with all but one chance in 2^64. Every word is multiplied into one of eight lanes, by an odd number.
func tableChecksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  let prime: UInt64 = 0x9e37_79b1_85eb_ca87
  var lanes = SIMD8<UInt64>(1, 2, 3, 4, 5, 6, 7, 8)
  var rest = bytes[...]
  while rest.count >= 64 {
    let block = UnsafeRawBufferPointer(rebasing: rest.prefix(64))
    lanes = (lanes ^ block.loadUnaligned(as: SIMD8<UInt64>.self)) &* prime
    lanes ^= lanes &>> 32
    rest = rest.dropFirst(64)
  }
  var sum = UInt64(truncatingIfNeeded: bytes.count)
  for lane in lanes.indices { sum = (sum ^ lanes[lane]) &* prime }
  for byte in rest { sum = (sum ^ UInt64(byte)) &* prime }
  return sum ^ sum >> 32
}
