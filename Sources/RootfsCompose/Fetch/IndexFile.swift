import OCIImage
import PkgResolve

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Reads indexes that are files given by hand: nobody vouches for them, and they need not say where the packages'
/// files are.
public struct IndexFileReader: Sendable {
  /// Where parsed indexes are kept; nil keeps none.
  public var store: Store?
  /// How many threads parse one index.
  public var threads = processorCount()

  public init(store: Store?) { self.store = store }

  /// The index in the file at `path`: plain, gzip or xz; for Alpine also the member `APKINDEX` of a tar archive, such
  /// as `APKINDEX.tar.gz`. `origin.name` stands first in errors about it.
  ///
  /// A file that was read before is hashed, but neither decompressed nor parsed. Throws ``ComposeError``:
  /// `notFound`, `inputUnreadable`, `invalidArchive`, `limitExceeded`; ``ResolveError`` where the index is malformed.
  public func packageTable(
    ofFile path: String, format: IndexFormat, origin: PackageOrigin,
    cancellation: CancellationFlag = CancellationFlag()
  ) throws -> PackageTable {
    if let store {
      let sink = HashingSink()
      _ = try LocalFile(path: path).copy(into: sink, cancellation: cancellation)
      if let digest = sink.finish(),
        let table = store.keptTable(key(digest, format), origin: origin)
      {
        return table
      }
    }
    // Hashed again, in memory: the file may have changed since.
    let file = try contents(of: path, cancellation: cancellation)
    let decompressor = IndexDecompressor(subject: path)
    let text =
      IndexDecompressor.isPlain(file)
      ? file
      : try decompressor.decompress(
        file, limit: IndexDecompressor.limit, member: format == .alpine ? "APKINDEX" : nil,
        cancellation: cancellation)
    let table =
      switch format {
      case .debian:
        try PackageIndex.parse(
          text, origin: origin, requirePackageFiles: false, threads: threads)
      case .alpine:
        try AlpineIndex.parse(
          text, origin: origin, requirePackageFiles: false, threads: threads)
      }
    store?.keep(table, as: key(Digest.sha256(of: file), format))
    return table
  }

  private func key(_ digest: Digest, _ format: IndexFormat) -> TableKey {
    TableKey(digest: digest, format: format, requiresPackageFiles: false)
  }

  private func contents(
    of path: String, cancellation: CancellationFlag
  ) throws(ComposeError) -> [UInt8] {
    let sink = MemorySink(subject: path, limit: IndexDecompressor.limit)
    _ = try LocalFile(path: path).copy(into: sink, cancellation: cancellation)
    return sink.bytes
  }
}

/// Hashes a file and keeps nothing of it.
private final class HashingSink: TransferSink {
  private var hasher: SHA256Hasher? = SHA256Hasher()
  private(set) var count: Int64 = 0

  func restart() {
    hasher = SHA256Hasher()
    count = 0
  }

  func write(_ bytes: UnsafeRawBufferPointer) {
    hasher?.update(bytes)
    count += Int64(bytes.count)
  }

  /// nil where it was asked for before.
  func finish() -> Digest? { hasher.take()?.finish() }
}

/// Processors that are online, at most eight: more do not parse an index faster.
func processorCount() -> Int { min(8, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
