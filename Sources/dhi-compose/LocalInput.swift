import FoundationEssentials
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

  /// The only recipe of the working folder.
  static func soleRecipe() throws -> String {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: ".")) ?? [])
      .filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
    guard let first = names.first else {
      throw ComposeError(
        .inputUnreadable, ".", "holds no recipe (*.yaml); name one with --recipe")
    }
    guard names.count == 1 else {
      let shown = names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
      throw ComposeError(
        .inputUnreadable, ".", "holds several recipes; name one with --recipe: \(shown)")
    }
    return first
  }
}
