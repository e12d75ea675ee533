#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A directory of blobs named by their digests, `blobs/sha256/HEX`.
///
/// A blob appears whole or not at all: it is written under a temporary name in the same file system, synced, then
/// renamed. Any number of processes may use one store at once, and a killed one leaves nothing that is not removed
/// when the store is next opened.
///
/// Source: OCI image-spec, image-layout.md, "Blobs".
public struct BlobStore: Sendable, Hashable {
  /// As given, without a slash at the end.
  public let directory: String

  private var ingestDirectory: String { directory + "/ingest" }
  private static let prefix = "blob-"

  /// Opens the store, made where it is not there yet.
  ///
  /// Throws ``OCIError`` (`storeUnwritable`, `noSpace`).
  public init(directory: String) throws(OCIError) {
    self.directory = directory
    for path in [BlobSource.blobDirectory(in: directory), ingestDirectory] {
      try Self.makeDirectories(path)
    }
    StagedPath.removeLeftovers(in: ingestDirectory, prefix: Self.prefix)
  }

  /// mkdir -p. A file in the way shows in the step after.
  private static func makeDirectories(_ path: String) throws(OCIError) {
    if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
    let number = errno
    guard number == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
      throw OCIError(writing: path, .storeUnwritable, "cannot make the store's directory", number)
    }
    try makeDirectories(String(path[..<slash]))
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
      throw OCIError(writing: path, .storeUnwritable, "cannot make the store's directory", errno)
    }
  }

  /// Whether a blob of this digest and size is there. Its bytes are checked when they are read.
  public func contains(_ descriptor: Descriptor) -> Bool {
    var status = stat()
    return stat(path(of: descriptor.digest), &status) == 0
      && status.st_mode & S_IFMT == S_IFREG && Int64(status.st_size) == descriptor.size
  }

  /// Stores bytes in memory. Throws ``OCIError`` (`storeUnwritable`, `noSpace`).
  public func store(_ bytes: [UInt8], mediaType: String) throws(OCIError) -> Descriptor {
    var ingest = try beginIngest()
    try bytes.withBytes { (bytes) throws(OCIError) in try ingest.write(bytes) }
    let blob = try ingest.finish()
    return Descriptor(mediaType: mediaType, digest: blob.digest, size: blob.size)
  }

  /// Hands a blob's bytes to `body`, in pieces, and checks size and digest on the way.
  ///
  /// Only when this returns were the bytes good. Throws ``OCIError`` (`notFound`, `storeUnreadable`, `digestMismatch`).
  public func read(
    _ descriptor: Descriptor, _ body: (UnsafeRawBufferPointer) throws(OCIError) -> Void
  ) throws(OCIError) {
    try BlobSource.directory(directory, code: .storeUnreadable).read(descriptor, body)
  }

  func path(of digest: Digest) -> String { BlobSource.path(of: digest, in: directory) }

  func beginIngest() throws(OCIError) -> BlobIngest {
    try BlobIngest(
      store: self,
      staged: try StagedPath(
        .file, in: ingestDirectory, prefix: Self.prefix, subject: directory, code: .storeUnwritable)
    )
  }
}

/// A blob on its way into a store.
struct BlobIngest: ~Copyable {
  private let store: BlobStore
  private let staged: StagedPath
  private let file: OutputFile
  private var hasher = SHA256Hasher()
  private var size: Int64 = 0

  init(store: BlobStore, staged: consuming StagedPath) throws(OCIError) {
    self.store = store
    file = try staged.openFile()
    self.staged = staged
  }

  mutating func write(_ bytes: UnsafeRawBufferPointer) throws(OCIError) {
    hasher.update(bytes)
    size += Int64(bytes.count)
    try file.write(bytes)
  }

  /// Syncs the blob and gives it its name. A damaged blob under that name is replaced.
  consuming func finish() throws(OCIError) -> (digest: Digest, size: Int64) {
    let digest = hasher.finish()
    try file.complete()
    try staged.publish(as: store.path(of: digest))
    try syncDirectory(
      BlobSource.blobDirectory(in: store.directory), subject: store.directory,
      code: .storeUnwritable)
    return (digest, size)
  }
}
