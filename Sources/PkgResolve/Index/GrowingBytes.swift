#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Bytes that are appended to, outside of Swift's arrays: growing moves pages instead of copying them, nothing is
/// checked twice, and much memory comes in large pages, because to be given small ones takes longer than to fill them.
struct GrowingBytes: ~Copyable {
  private(set) var start: UnsafeMutableRawPointer
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int) {
    self.capacity = max(64, capacity)
    start = Self.checked(malloc(self.capacity))
    adviseLargePages()
  }

  deinit { free(start) }

  private static func checked(_ memory: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer {
    guard let memory else { preconditionFailure("out of memory") }
    return memory
  }

  /// Room for `more` bytes, not set to anything; returns where it starts.
  @inline(__always)
  mutating func extend(by more: Int) -> UnsafeMutableRawPointer {
    if more > capacity - count { grow(by: more) }
    let place = start + count
    count += more
    return place
  }

  @inline(never)
  private mutating func grow(by more: Int) {
    capacity = max(2 * capacity, count + more)
    start = Self.checked(realloc(start, capacity))
    adviseLargePages()
  }

  private func adviseLargePages() {
    #if os(Linux)
      guard capacity >= 4 << 20 else { return }
      let page = UInt(4096)
      let first = (UInt(bitPattern: start) + page - 1) & ~(page - 1)
      let last = (UInt(bitPattern: start) + UInt(capacity)) & ~(page - 1)
      // A kernel without large pages gives small ones.
      madvise(UnsafeMutableRawPointer(bitPattern: first), Int(last - first), MADV_HUGEPAGE)
    #endif
  }

  mutating func truncate(to length: Int) { count = min(count, length) }

  @inline(__always)
  mutating func append(_ bytes: UnsafePointer<UInt8>, _ length: Int) {
    extend(by: length).copyMemory(from: bytes, byteCount: length)
  }

  /// Hands the memory over, as much of it as is used; it is freed with `free`.
  consuming func take() -> UnsafeRawBufferPointer {
    let taken = UnsafeRawBufferPointer(
      start: Self.checked(realloc(start, max(1, count))), count: count)
    discard self
    return taken
  }
}

extension UnsafeMutableRawPointer {
  @inline(__always) func set(_ value: UInt32, at offset: Int) {
    storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
  }

  @inline(__always) func set(_ value: UInt64, at offset: Int) {
    storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self)
  }

  @inline(__always) func word(_ offset: Int) -> UInt32 {
    UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
}
