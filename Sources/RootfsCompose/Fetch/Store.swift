import OCIImage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file in the store whose bytes were found to have its digest.
public struct StoredFile: Sendable, Hashable {
  /// Absolute. The file is never changed, but may be removed with the store.
  public let path: String
  public let digest: Digest
  /// In bytes.
  public let size: Int64
}

/// Downloaded files by their digest, in a directory that may be deleted at any time.
///
/// `sha256/ab/<hex>` holds whole files, `partial/<hex>` broken downloads, `tmp/` what is at work, `keyed/`
/// documents by the digest of their URL, `apk/` which file an Alpine repository has for a checksum, and `indexes/` parsed
/// indexes. Processes share a store: a file is written under a lock and moved to its place whole, and a killed process
/// leaves only what the next one may resume or remove.
public struct Store: Sendable {
  public let directory: String

  /// Opens the store in `directory`, which is made where it is missing, and removes what dead processes left in it.
  ///
  /// Throws ``ComposeError`` with the code `storeUnwritable`.
  public init(directory: String) throws(ComposeError) {
    self.directory = directory
    for folder in ["", "/sha256", "/partial", "/tmp", "/keyed"] {
      try Self.makeDirectory(directory + folder)
    }
    removeLeftovers()
  }

  /// `$XDG_CACHE_HOME/dhi-compose`, else `~/.cache/dhi-compose`.
  ///
  /// Source: XDG Base Directory Specification. Throws ``ComposeError`` with the code `storeUnwritable` where neither
  /// variable holds an absolute path.
  public static func defaultDirectory(
    environment: [String: String]
  ) throws(ComposeError) -> String {
    if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") {
      return cache + "/dhi-compose"
    }
    if let home = environment["HOME"], home.hasPrefix("/") {
      return home + "/.cache/dhi-compose"
    }
    throw ComposeError(
      .storeUnwritable, "store", "neither XDG_CACHE_HOME nor HOME is set; give --store DIR")
  }

  /// A directory for files at work, such as a ``ContentSpool``.
  public var workDirectory: String { directory + "/tmp" }

  /// Marks an open file of the store as used now: what was used least recently is the first that pruning removes.
  ///
  /// A store that cannot be written serves as well.
  static func noteUse(_ descriptor: Int32) {
    _ = futimens(descriptor, nil)
  }

  func path(of digest: Digest) -> String {
    directory + "/sha256/" + digest.hex.prefix(2) + "/" + digest.hex
  }

  /// The file with this digest, its bytes hashed anew; nil where it is missing. A file that does not have its
  /// digest or size any more is removed.
  public func open(
    _ digest: Digest, size: Int64? = nil, cancellation: CancellationFlag? = nil
  ) throws(ComposeError) -> StoredFile? {
    let path = path(of: digest)
    let descriptor = Self.open(path, O_RDONLY)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw ComposeError(.storeUnreadable, path, "cannot be opened: \(errnoText())")
    }
    defer { close(descriptor) }
    var hasher = SHA256Hasher()
    var count: Int64 = 0
    try readAll(descriptor, path: path, cancellation: cancellation) { bytes throws(ComposeError) in
      hasher.update(bytes)
      count += Int64(bytes.count)
    }
    guard hasher.finish() == digest, size == nil || size == count else {
      unlink(path)
      return nil
    }
    return StoredFile(path: path, digest: digest, size: count)
  }

  /// The bytes of a stored file, hashed anew. Throws ``ComposeError`` with the code `limitExceeded` over `limit`
  /// bytes, and `storeUnreadable` where the file has gone or changed.
  public func read(_ file: StoredFile, limit: Int64) throws(ComposeError) -> [UInt8] {
    let sink = MemorySink(subject: file.path, limit: limit)
    _ = try LocalFile(path: file.path).copy(into: sink, cancellation: CancellationFlag())
    guard Digest.sha256(of: sink.bytes) == file.digest else {
      throw ComposeError(
        .storeUnreadable, file.path, "changed while it was in use; run the command again")
    }
    return sink.bytes
  }

  static func open(_ path: String, _ flags: Int32, _ mode: mode_t = 0o644) -> Int32 {
    #if canImport(Glibc)
      Glibc.open(path, flags | O_CLOEXEC, mode)
    #else
      Musl.open(path, flags | O_CLOEXEC, mode)
    #endif
  }

  static func makeDirectory(_ path: String) throws(ComposeError) {
    if mkdir(path, 0o755) == 0 { return }
    if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      try makeDirectory(String(path[..<slash]))
      if mkdir(path, 0o755) == 0 { return }
    }
    if errno == EEXIST { return }
    throw unwritable(path, "cannot be made")
  }

  /// An error of the store that says why, from `errno`, and what to do.
  static func unwritable(_ path: String, _ what: String) -> ComposeError {
    let hint =
      errno == ENOSPC || errno == EDQUOT
      ? "free some space, or give --store with a directory on another disk"
      : "give --store with a directory that can be written"
    return ComposeError(.storeUnwritable, path, "\(what): \(errnoText()); \(hint)")
  }

  /// Moves a whole file to where its digest says, and makes the move last.
  func admit(_ path: String, descriptor: Int32, digest: Digest) throws(ComposeError) {
    guard fsync(descriptor) == 0 else { throw Self.unwritable(path, "cannot be written") }
    let target = self.path(of: digest)
    let folder = directory + "/sha256/" + digest.hex.prefix(2)
    try Self.makeDirectory(folder)
    guard rename(path, target) == 0 else { throw Self.unwritable(target, "cannot be written") }
    let parent = Self.open(folder, O_RDONLY | O_DIRECTORY)
    guard parent >= 0 else { throw Self.unwritable(folder, "cannot be written") }
    defer { close(parent) }
    _ = fsync(parent)
  }
}
