import Glibc
import RootfsCompose

/// Checks files that are named on the command line before they go to a library whose messages say less.
enum LocalInput {
  /// Throws ``ComposeError`` with code `inputUnreadable`. `-` is standard input.
  static func checkReadable(_ path: String) throws(ComposeError) {
    guard path != "-" else { return }
    var status = stat()
    guard stat(path, &status) == 0, access(path, R_OK) == 0 else {
      throw ComposeError(
        .inputUnreadable, path,
        "cannot be read: \(String(cString: strerror(errno))); name an index that is there")
    }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw ComposeError(.inputUnreadable, path, "is a folder; name an index in it")
    }
  }
}
