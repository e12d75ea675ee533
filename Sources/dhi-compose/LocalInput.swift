import Glibc
import RootfsCompose

/// Files that are named on the command line, which may be pipes.
enum LocalInput {
  /// No more is read. In bytes.
  static let limit = 1 << 30

  /// False for a pipe, or standard input as `-`. Throws ``ComposeError`` with code `inputUnreadable` for a file that
  /// cannot be read, and for a folder.
  static func isRegularFile(_ path: String) throws(ComposeError) -> Bool {
    guard path != "-" else { return false }
    var status = stat()
    guard stat(path, &status) == 0, access(path, R_OK) == 0 else {
      throw ComposeError(
        .inputUnreadable, path, "cannot be read: \(reason); name an index that is there")
    }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw ComposeError(.inputUnreadable, path, "is a folder; name an index in it")
    }
    return status.st_mode & S_IFMT == S_IFREG
  }

  /// Everything that comes from a pipe; from standard input for `-`.
  static func contents(of path: String, _ flag: CancellationFlag) throws(ComposeError) -> [UInt8] {
    let isStandardInput = path == "-"
    let descriptor = isStandardInput ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    let name = isStandardInput ? "<stdin>" : path
    guard descriptor >= 0 else {
      throw ComposeError(.inputUnreadable, name, "cannot be opened: \(reason)")
    }
    defer { if !isStandardInput { close(descriptor) } }
    var bytes = [UInt8]()
    var chunk = [UInt8](repeating: 0, count: 256 << 10)
    while true {
      try flag.check()
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw ComposeError(.inputUnreadable, name, "cannot be read: \(reason)")
      }
      if count == 0 { return bytes }
      guard bytes.count + count <= limit else {
        throw ComposeError(.limitExceeded, name, "is over \(limit >> 30) GiB; expected an index")
      }
      bytes += chunk[..<count]
    }
  }

  private static var reason: String { String(cString: strerror(errno)) }
}
