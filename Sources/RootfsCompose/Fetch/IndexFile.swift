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
  /// A file that was read before and not touched since is not read again. Throws ``ComposeError``: `notFound`,
  /// `inputUnreadable`, `invalidArchive`, `limitExceeded`; ``ResolveError`` where the index is malformed.
  public func packageTable(
    ofFile path: String, format: IndexFormat, origin: PackageOrigin,
    cancellation: CancellationFlag = CancellationFlag()
  ) throws -> PackageTable {
    let identity = FileIdentity(path)
    if let store, let identity, let digest = store.rememberedDigest(of: identity),
      let table = store.keptTable(key(digest, format), origin: origin)
    {
      return table
    }
    let sink = MemorySink(subject: path, limit: IndexDecompressor.limit)
    _ = try LocalFile(path: path).copy(into: sink, cancellation: cancellation)
    func parse() throws -> PackageTable {
      try packageTable(of: sink.bytes, format: format, origin: origin, cancellation: cancellation)
    }
    guard let store else { return try parse() }
    let digest = Digest.sha256(of: sink.bytes)
    if let identity, identity == FileIdentity(path), identity.isSettled(at: Int64(time(nil))) {
      store.remember(digest, of: identity)
    }
    if let table = store.keptTable(key(digest, format), origin: origin) { return table }
    let table = try parse()
    store.keep(table, as: key(digest, format))
    return table
  }

  /// As ``packageTable(ofFile:format:origin:cancellation:)``, of the bytes of a file; keeps nothing.
  public func packageTable(
    of file: [UInt8], format: IndexFormat, origin: PackageOrigin,
    cancellation: CancellationFlag = CancellationFlag()
  ) throws -> PackageTable {
    let text =
      IndexDecompressor.isPlain(file)
      ? file
      : try IndexDecompressor(subject: origin.name).decompress(
        file, limit: IndexDecompressor.limit, member: format == .alpine ? "APKINDEX" : nil,
        cancellation: cancellation)
    switch format {
    case .debian:
      return try PackageIndex.parse(
        text, origin: origin, requirePackageFiles: false, threads: threads)
    case .alpine:
      return try AlpineIndex.parse(
        text, origin: origin, requirePackageFiles: false, threads: threads)
    }
  }

  private func key(_ digest: Digest, _ format: IndexFormat) -> TableKey {
    TableKey(digest: digest, format: format, requiresPackageFiles: false)
  }
}

/// What a file system says of a file: it cannot be changed without one of these changing too, unless within the
/// clock's resolution.
struct FileIdentity: Equatable {
  private let description: String
  /// The same without the time at which the file's entry was last changed, which a further name (link) changes too.
  let withoutChangeTime: String
  /// The later of its two times, in seconds since 1970.
  private let lastTouched: Int64

  /// nil where there is no regular file.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let times = [status.st_mtim, status.st_ctim].map { "\($0.tv_sec).\($0.tv_nsec)" }
    withoutChangeTime = "\(status.st_dev) \(status.st_ino) \(status.st_size) \(times[0])"
    description = "\(withoutChangeTime) \(times[1])"
    lastTouched = Int64(max(status.st_mtim.tv_sec, status.st_ctim.tv_sec))
  }

  /// Whether a change that came now would be seen in its times.
  func isSettled(at now: Int64) -> Bool { lastTouched < now - 2 }

  var digest: Digest { Digest.sha256(of: Array(description.utf8)) }
}

/// Processors that are online, at most eight: more do not parse an index faster.
func processorCount() -> Int { min(8, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
