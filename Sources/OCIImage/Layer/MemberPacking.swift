import Synchronization

/// Packs members on any number of threads, or finds them in a cache.
final class MemberPacking: Sendable {
  private struct Idle: @unchecked Sendable {
    // Each belongs to the thread that takes it out.
    var packers = [any MemberPacker]()
  }

  private let compression: LayerCompression
  private let compressor: String
  private let cache: (any LayerMemberCache)?
  private let idle = Mutex(Idle())

  /// nil where nothing is packed.
  init?(_ compression: LayerCompression, cache: (any LayerMemberCache)?) {
    guard let compressor = compression.compressor else { return nil }
    self.compression = compression
    self.compressor = compressor
    self.cache = cache
  }

  func pack(_ member: UnsafeRawBufferPointer) throws(OCIError) -> [UInt8] {
    guard let cache else { return try make(member) }
    let digest = Digest.sha256(of: member)
    if let packed = cache.member(of: digest, compressor: compressor) { return packed }
    let packed = try make(member)
    packed.withUnsafeBytes { cache.keep($0, of: digest, compressor: compressor) }
    return packed
  }

  private func make(_ member: UnsafeRawBufferPointer) throws(OCIError) -> [UInt8] {
    let packer: any MemberPacker
    if let used = idle.withLock({ $0.packers.popLast() }) {
      packer = used
    } else {
      packer = try newPacker()
    }
    let packed = try packer.pack(member)
    idle.withLock { $0.packers.append(packer) }
    return packed
  }

  private func newPacker() throws(OCIError) -> any MemberPacker {
    switch compression {
    case .zstd: try ZstdPacker()
    case .gzip, .none: try GzipPacker()
    }
  }
}
