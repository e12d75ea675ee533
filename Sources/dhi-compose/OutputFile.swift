import Glibc
import RootfsCompose

/// A file to be written whole or not at all.
///
/// A symbolic link is followed, so that it stays one; a file that is there keeps its owner and its permissions. What is
/// no file is refused: to put a file in the place of a device would take the device away.
struct OutputFile {
  /// As it was named.
  let name: String
  /// Where the file is, or is to be, once links are followed.
  private let path: String

  /// Throws ``ComposeError`` with code `outputUnwritable` where no file can be written, so that it can be told before
  /// the work.
  init(_ name: String) throws(ComposeError) {
    self.name = name
    path = try Self.target(of: name)
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) }
    guard access(folder ?? ".", W_OK | X_OK) == 0 else { throw Self.fault(name) }
  }

  /// Throws ``ComposeError`` with code `outputUnwritable`; the file is then as it was.
  func write(_ bytes: [UInt8]) throws(ComposeError) {
    try write { descriptor throws(ComposeError) in try Self.put(bytes, in: descriptor, name) }
  }

  /// The same for what `body` writes to a descriptor.
  func write(_ body: (Int32) throws(ComposeError) -> Void) throws(ComposeError) {
    let status = try Self.status(path, name)
    let mode = status.map { $0.st_mode & 0o777 }
    let staged = "\(path).\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    let descriptor = open(staged, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode ?? 0o666)
    guard descriptor >= 0 else { throw Self.fault(name) }
    var isDone = false
    defer {
      _ = close(descriptor)
      if !isDone { _ = unlink(staged) }
    }
    try body(descriptor)
    if let status, let mode {
      // Only root may give a file away; for others it stays theirs.
      _ = fchown(descriptor, status.st_uid, status.st_gid)
      guard fchmod(descriptor, mode) == 0 else { throw Self.fault(name) }
    }
    guard fsync(descriptor) == 0, rename(staged, path) == 0 else { throw Self.fault(name) }
    isDone = true
  }

  /// Takes away what ``write(_:)`` wrote.
  func remove() { _ = unlink(path) }

  /// The end of the chain of links, which need not be there.
  private static func target(of name: String) throws(ComposeError) -> String {
    if try status(name, name) != nil {
      guard access(name, W_OK) == 0, let whole = realpath(name, nil) else { throw fault(name) }
      defer { free(whole) }
      return String(cString: whole)
    }
    var path = name
    for _ in 0..<40 {
      var bytes = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
      guard readlink(path, &bytes, bytes.count - 1) > 0 else { return path }
      let link = String(
        decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
      path = link.hasPrefix("/") ? link : folder + link
    }
    throw ComposeError(.outputUnwritable, name, "is a chain of too many links")
  }

  /// nil where there is nothing. Throws for what is no regular file.
  private static func status(_ path: String, _ name: String) throws(ComposeError) -> stat? {
    var status = stat()
    guard stat(path, &status) == 0 else {
      guard errno == ENOENT else { throw fault(name) }
      return nil
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return status
    case S_IFDIR:
      throw ComposeError(.outputUnwritable, name, "is a folder; name a file in it")
    default:
      throw ComposeError(
        .outputUnwritable, name, "is not a regular file; choose another path")
    }
  }

  private static func put(
    _ bytes: [UInt8], in descriptor: Int32, _ name: String
  ) throws(ComposeError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw fault(name) }
      rest = rest.dropFirst(written)
    }
  }

  private static func fault(_ name: String) -> ComposeError {
    let code = errno
    let isPlace = [ENOENT, ENOTDIR, EACCES].contains(code)
    return ComposeError(
      .outputUnwritable, name,
      isPlace
        ? "cannot be written; check that its folder is there and writable"
        : "cannot be written: \(String(cString: strerror(code)))")
  }
}
