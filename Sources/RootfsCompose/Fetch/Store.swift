import OCIImage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What was fetched, and what was made of it, in a directory that may be deleted at any time.
///
/// `sha256/ab/HEX` holds files as fetched, `expanded/` decoded packages, `members/` packed members of layers, `indexes/`
/// parsed indexes, `keyed/` documents by the digest of their URL, `apk/` which file an Alpine repository has for a
/// checksum, `built/` records of finished images, `partial/` broken downloads, and `tmp/` what is at work.
///
/// Processes share a store: a file is written under another name and moved to its place whole, and a killed process
/// leaves only what the next one may resume or remove. Nothing is synced to the disk: each file is checked when it is
/// read, by its digest or a checksum, so that one that a power cut tore is made again as any other that was damaged.
/// A file may be pruned at any moment: one that is gone is made again too.
public struct Store: Sendable {
  /// As it was given.
  public let directory: String
  private let session: StoreSession?

  /// Opens the store in `directory`, which is made where it is missing, and removes what dead processes left in it.
  /// While the value lives, pruning knows that a build is at work.
  ///
  /// Throws ``ComposeError`` with the code `storeUnwritable`.
  public init(directory: String) throws(ComposeError) {
    self.directory = directory
    for folder in ["", "/sha256", "/partial", "/tmp", "/keyed"] {
      try Self.makeDirectory(directory + folder)
    }
    session = StoreSession(directory: directory)
    Self.removeLeftovers(in: directory)
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

  /// The file with this digest, its bytes hashed anew; nil where it is missing. What does not have the digest or size
  /// any more, or cannot be read, is removed.
  ///
  /// Throws ``ComposeError``: `storeUnreadable`, `cancelled`.
  public func open(
    _ digest: Digest, size: Int64? = nil, cancellation: CancellationFlag? = nil
  ) throws(ComposeError) -> StoredFile? {
    let path = path(of: digest)
    let descriptor = Self.open(path, O_RDONLY | O_NONBLOCK)
    guard descriptor >= 0 else { return try dropUnreadable(path) }
    defer { close(descriptor) }
    do throws(ComposeError) {
      let count = try Self.size(of: descriptor, path: path)
      if size == nil || size == count,
        try Self.hash(descriptor, path: path, cancellation: cancellation) == digest
      {
        Self.noteUse(descriptor)
        return StoredFile(
          path: path, digest: digest, size: count, held: .holding(descriptor))
      }
    } catch {
      if error.code == .cancelled { throw error }
    }
    try drop(path)
    return nil
  }

  private static func hash(
    _ descriptor: Int32, path: String, cancellation: CancellationFlag?
  ) throws(ComposeError) -> Digest {
    var hasher = SHA256Hasher()
    try readAll(descriptor, path: path, cancellation: cancellation) { bytes throws(ComposeError) in
      hasher.update(bytes)
    }
    return hasher.finish()
  }

  private static func size(of descriptor: Int32, path: String) throws(ComposeError) -> Int64 {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw ComposeError(.storeUnreadable, path, "is no regular file")
    }
    return Int64(status.st_size)
  }

  /// nil where nothing is at `path` now. `errno` says why it could not be opened.
  private func dropUnreadable(_ path: String) throws(ComposeError) -> StoredFile? {
    switch errno {
    case ENOENT, ENOTDIR: return nil
    case EACCES, ELOOP, ENXIO:
      try drop(path)
      return nil
    default:
      throw ComposeError(.storeUnreadable, path, "cannot be opened: \(errnoText())")
    }
  }

  private func drop(_ path: String) throws(ComposeError) {
    Self.removeTree(path)
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    throw ComposeError(
      .storeUnreadable, path, "cannot be read, and not be removed; remove it as its owner")
  }

  /// The bytes of a stored file, hashed anew. Throws ``ComposeError`` with the code `limitExceeded` over `limit`
  /// bytes, and `storeUnreadable` where the file has gone or changed.
  public func read(_ file: StoredFile, limit: Int64) throws(ComposeError) -> [UInt8] {
    let descriptor = try file.openForReading()
    defer { close(descriptor) }
    let sink = MemorySink(subject: file.path, limit: limit)
    try readAll(descriptor, path: file.path, cancellation: nil) { bytes throws(ComposeError) in
      try sink.write(bytes)
    }
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

  /// Moves a whole file to where its digest says.
  func admit(_ file: StoredFile) throws(ComposeError) -> StoredFile {
    let target = path(of: file.digest)
    try Self.move(file.path, to: target)
    return file.moved(to: target)
  }
}
