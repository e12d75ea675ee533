import OCIImage

/// A layer's entries in their order, each file with its digest, and the contents that a reader asked for.
public struct LayerListing: Sendable {
  public let descriptor: Descriptor
  /// Digest of the tar archive before packing, as the image's configuration has it; it is not worked out here.
  public let diffID: Digest
  public private(set) var entries: [LayerEntry] = []
  /// Contents of the files that were asked for.
  public private(set) var contents: [TreePath: [UInt8]] = [:]

  /// More than any image has; bounds what a hostile one takes of memory.
  private static let entryLimit = 2_000_000
  /// Of one file's extended attributes, in bytes.
  private static let attributeLimit = 1 << 20
  /// Of one file that is kept, in bytes.
  private static let contentLimit = 64 << 20
  /// Of all files, in bytes: a sparse one may say that it is as large as a number can be.
  private static let sizeLimit: Int64 = 64 << 30
  /// Of all files that are kept, in bytes.
  private static let keptLimit = 512 << 20

  /// Reads a whole layer. Throws ``ComposeError`` or `OCIError` where it cannot be read.
  ///
  /// - Parameter isWanted: whose contents are kept, beside their digests.
  public init(
    _ descriptor: Descriptor, diffID: Digest, in image: Image,
    keeping isWanted: (TreePath) -> Bool = { _ in false }
  ) throws {
    self.descriptor = descriptor
    self.diffID = diffID
    let subject = descriptor.digest.description
    var size: Int64 = 0
    var kept = 0
    try image.forEachEntry(of: descriptor) { (archived, reader) throws(ComposeError) in
      guard var entry = LayerEntry(archived, attributeLimit: Self.attributeLimit) else {
        let name =
          archived.name.map { String(decoding: $0, as: UTF8.self) } ?? "an entry without name"
        throw ComposeError(
          .unsafePath, subject,
          "\(name): is no path that an image can hold, or has over 1 MiB of attributes")
      }
      guard entries.count < Self.entryLimit else {
        throw ComposeError(
          .limitExceeded, subject, "holds over \(Self.entryLimit) entries; expected fewer")
      }
      if entry.kind == .file {
        guard entry.size <= Self.sizeLimit - size else {
          throw ComposeError(.limitExceeded, subject, "holds files of over 64 GiB; expected fewer")
        }
        size += entry.size
        if isWanted(entry.path) {
          var bytes = try reader.contents(of: entry.path.description, limit: Self.contentLimit)
          // A hole at the end is in no block.
          if entry.size <= Int64(Self.contentLimit), Int64(bytes.count) < entry.size {
            bytes += [UInt8](repeating: 0, count: Int(entry.size) - bytes.count)
          }
          kept += bytes.count
          guard kept <= Self.keptLimit else {
            throw ComposeError(
              .limitExceeded, subject,
              "holds over 512 MiB in files that are read whole; expected fewer")
          }
          entry.digest = Digest.sha256(of: bytes)
          contents[entry.path] = bytes
        } else {
          entry.digest = try reader.digest(size: entry.size)
        }
      }
      entries.append(entry)
    }
  }
}

/// What the layers that are in memory together may hold: a hostile image has any number of them.
struct ListingBound {
  private var entries = 0
  private var kept = 0
  private let mostEntries: Int
  private static let mostKept = 1 << 30

  init(entries: Int = 4_000_000) { mostEntries = entries }

  /// Throws ``ComposeError`` with code `limitExceeded` where they hold more with one more layer.
  mutating func add(_ listing: LayerListing, of image: Digest) throws(ComposeError) {
    entries += listing.entries.count
    kept += listing.contents.values.reduce(0) { $0 + $1.count }
    guard entries <= mostEntries else {
      throw ComposeError(
        .limitExceeded, image.description,
        "its layers hold over \(mostEntries) entries; expected fewer")
    }
    guard kept <= Self.mostKept else {
      throw ComposeError(
        .limitExceeded, image.description,
        "its layers hold over 1 GiB in files that are read whole; expected fewer")
    }
  }
}

extension ArchiveReader {
  /// SHA-256 of the current entry's bytes, which are `size`, holes read as zeros.
  borrowing func digest(size: Int64) throws(ComposeError) -> Digest {
    var hasher = SHA256Hasher()
    var position: Int64 = 0
    try forEachBlock { (block, offset) throws(ComposeError) in
      guard offset >= position, offset <= size, Int64(block.count) <= size - offset else {
        throw ComposeError(
          .limitExceeded, subject, "holds a file in disorder, or one larger than its header says")
      }
      hasher.updateZeros(offset - position)
      hasher.update(block)
      position = offset + Int64(block.count)
    }
    hasher.updateZeros(size - position)
    return hasher.finish()
  }
}

extension SHA256Hasher {
  fileprivate mutating func updateZeros(_ count: Int64) {
    guard count > 0 else { return }
    let zeros = [UInt8](repeating: 0, count: Int(min(count, 64 << 10)))
    var rest = count
    while rest > 0 {
      let piece = Int(min(rest, Int64(zeros.count)))
      zeros.withUnsafeBytes { update(UnsafeRawBufferPointer(rebasing: $0[..<piece])) }
      rest -= Int64(piece)
    }
  }
}
