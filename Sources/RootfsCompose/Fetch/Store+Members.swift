import CDeflate
import OCIImage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Packed members of layers, in `members/<compressor>/ab/<hex>` by the SHA-256 of their bytes before packing.
///
/// Each is followed by a CRC-32 of its name and its bytes, four bytes in little-endian order. They save time and nothing
/// else: one that is damaged or missing is made again, and where none can be written, none is kept. None is synced: what a
/// power failure spoils, the checksum finds.
struct StoredMembers: LayerMemberCache {
  let store: Store

  /// No packed member is larger. In bytes.
  private static let largest = 16 << 20
  private static let checksumSize = 4

  func member(of digest: Digest, compressor: String) -> [UInt8]? {
    let path = folder(of: digest, compressor) + "/" + digest.hex
    let descriptor = Store.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard var bytes = Self.contents(of: descriptor), Self.removeChecksum(&bytes, of: digest) else {
      unlink(path)
      return nil
    }
    Store.noteUse(descriptor)
    return bytes
  }

  func keep(_ packed: UnsafeRawBufferPointer, of digest: Digest, compressor: String) {
    guard packed.count <= Self.largest else { return }
    let checksum = Self.checksum(of: packed, digest)
    do throws(ComposeError) {
      let folder = folder(of: digest, compressor)
      try Store.makeDirectory(folder)
      let entry = try store.workFile()
      try Store.write(packed, to: entry.descriptor, path: entry.path)
      try withBytes(of: checksum.littleEndian) { bytes throws(ComposeError) in
        try Store.write(bytes, to: entry.descriptor, path: entry.path)
      }
      if rename(entry.path, folder + "/" + digest.hex) == 0 { entry.disown() }
    } catch {
      // Without it, the next run packs the member again.
    }
  }

  private func folder(of digest: Digest, _ compressor: String) -> String {
    "\(store.directory)/members/\(Self.fileName(of: compressor))/\(digest.hex.prefix(2))"
  }

  /// A compressor's name without what paths or shells give a meaning.
  static func fileName(of compressor: String) -> String {
    let name = compressor.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"):
        byte
      case UInt8(ascii: "."): byte
      default: UInt8(ascii: "-")
      }
    }
    // A name of dots alone would be a directory of another meaning.
    return "by-" + String(decoding: name, as: UTF8.self)
  }

  /// All bytes of a regular file that a member may be; nil for any other.
  private static func contents(of descriptor: Int32) -> [UInt8]? {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_size > checksumSize, status.st_size <= largest + checksumSize
    else { return nil }
    let size = Int(status.st_size)
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size, let base = buffer.baseAddress {
        let got = pread(descriptor, base + count, size - count, off_t(count))
        if got < 0 && errno == EINTR { continue }
        guard got > 0 else { return }
        count += got
      }
    }
    return bytes.count == size ? bytes : nil
  }

  /// Whether the checksum at the end was right; it is then gone.
  private static func removeChecksum(_ bytes: inout [UInt8], of digest: Digest) -> Bool {
    let count = bytes.count - checksumSize
    let isGood = bytes.withUnsafeBytes { bytes in
      let kept = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: count, as: UInt32.self))
      return kept == checksum(of: UnsafeRawBufferPointer(rebasing: bytes[..<count]), digest)
    }
    if isGood { bytes.removeLast(checksumSize) }
    return isGood
  }

  private static func checksum(of packed: UnsafeRawBufferPointer, _ digest: Digest) -> UInt32 {
    var name = digest.hex
    let checksum = name.withUTF8 { libdeflate_crc32(0, $0.baseAddress, $0.count) }
    return libdeflate_crc32(checksum, packed.baseAddress, packed.count)
  }
}

/// `withUnsafeBytes` with a typed error, which the standard library's does not have.
private func withBytes(
  of value: UInt32, _ body: (UnsafeRawBufferPointer) throws(ComposeError) -> Void
) throws(ComposeError) {
  let result = withUnsafeBytes(of: value) { bytes in
    Result { () throws(ComposeError) in try body(bytes) }
  }
  try result.get()
}
