#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A directory of blobs named by their digests, `blobs/sha256/HEX`.
///
/// A blob appears whole or not at all: it is written under a temporary name in the same file system, then renamed. Any
/// number of processes may use one store at once, and a killed one leaves nothing that is not removed when the store is
/// next opened.
///
/// A store is either one that lasts, whose blobs are synced when they are written and checked when they are read; or a
/// staging directory, which goes with the last ``BlobStore`` or ``Image`` that refers to it. No other process writes
/// there, so that its blobs need neither, until an output shares them.
///
/// Source: OCI image-spec, image-layout.md, "Blobs".
public struct BlobStore: Sendable, Hashable {
  /// As given, without a slash at the end; a staging directory's own.
  public let directory: String
  /// nil for a store that lasts.
  let staging: StagingDirectory?

  private var ingestDirectory: String { directory + "/ingest" }
  private static let prefix = "blob-"
  private static let stagingPrefix = "blobs-"

  /// Opens a store that lasts, made where it is not there yet.
  ///
  /// Throws ``OCIError`` (`storeUnwritable`, `noSpace`).
  public init(directory: String) throws(OCIError) {
    try self.init(directory, staging: nil)
    StagedPath.removeLeftovers(in: ingestDirectory, prefix: Self.prefix)
  }

  /// Makes a staging directory in `parent`, which is made where it is not there yet. What processes that were killed left
  /// there is removed.
  ///
  /// Where the file system of `parent` is also that of an image layout to be written, its blobs are moved there at no cost.
  ///
  /// Throws ``OCIError`` (`storeUnwritable`, `noSpace`).
  public init(stagingIn parent: String) throws(OCIError) {
    try Self.makeDirectories(parent)
    StagedPath.removeLeftovers(in: parent, prefix: Self.stagingPrefix)
    let staged = try StagedPath(
      .directory, in: parent, prefix: Self.stagingPrefix, subject: parent, code: .storeUnwritable)
    let path = staged.path
    try self.init(path, staging: StagingDirectory(staged))
  }

  private init(_ directory: String, staging: StagingDirectory?) throws(OCIError) {
    self.directory = directory
    self.staging = staging
    for path in [BlobSource.blobDirectory(in: directory), ingestDirectory] {
      try Self.makeDirectories(path)
    }
  }

  /// Whether the directory goes with the last value that refers to it.
  public var isStaging: Bool { staging != nil }

  /// Removes a staging directory at once; nothing can be read from it or written to it any more. Nothing happens to a store
  /// that lasts.
  ///
  /// For a program that is about to end: it ends without the threads that still hold a reference.
  public func discard() { staging?.remove() }

  public static func == (left: BlobStore, right: BlobStore) -> Bool {
    left.directory == right.directory
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(directory) }

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
    let ingest = try beginIngest()
    try bytes.withBytes { (bytes) throws(OCIError) in try ingest.write(bytes) }
    let digest = Digest.sha256(of: bytes)
    return Descriptor(mediaType: mediaType, digest: digest, size: try ingest.finish(digest))
  }

  /// Hands a blob's bytes to `body`, in pieces, and checks size and digest on the way.
  ///
  /// Only when this returns were the bytes good. Throws ``OCIError`` (`notFound`, `storeUnreadable`, `digestMismatch`).
  public func read(
    _ descriptor: Descriptor, _ body: (UnsafeRawBufferPointer) throws(OCIError) -> Void
  ) throws(OCIError) {
    try source.read(descriptor, body)
  }

  var source: BlobSource {
    if let staging { .staging(staging) } else { .directory(directory, code: .storeUnreadable) }
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
