import Glibc

/// The bytes of a recipe, bounded and decoded.
enum RecipeFile {
  /// The largest recipe read, in bytes: the largest published definition has 65,880.
  static let maximumSize = 1 << 20

  static func read(_ path: String) throws(ComposeError) -> [UInt8] {
    guard !path.utf8.contains(0) else {
      throw ComposeError(.inputUnreadable, RecipeText.quoted(path), "a path holds no NUL")
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path) }
    defer { close(descriptor) }
    var bytes = [UInt8]()
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= maximumSize {
      let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw unreadable(path) }
      if count == 0 { return bytes }
      bytes.append(contentsOf: chunk[..<count])
    }
    throw ComposeError(
      .limitExceeded, path, "expected a recipe of at most \(maximumSize) bytes, found a larger file"
    )
  }

  private static func unreadable(_ path: String) -> ComposeError {
    let reason = String(cString: strerror(errno))
    return ComposeError(
      .inputUnreadable, path,
      "expected a recipe file: \(reason); check the path and its permissions")
  }

  /// The text without a byte order mark; an error where it is not UTF-8 or holds what YAML forbids.
  static func decode(_ bytes: [UInt8], file: String) throws(ComposeError) -> String {
    if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
      throw ComposeError(
        .invalidRecipe, "\(file):1:1", "expected UTF-8, found UTF-16; save the file as UTF-8")
    }
    let body = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes[3...] : bytes[...]
    guard let text = String(validating: body, as: UTF8.self) else {
      throw notUTF8(body, file: file)
    }
    var mark = RecipeNode.Mark(line: 1, column: 1)
    for scalar in text.unicodeScalars {
      if scalar == "\n" {
        mark = RecipeNode.Mark(line: mark.line + 1, column: 1)
        continue
      }
      if !isAllowed(scalar) {
        let code = String(scalar.value, radix: 16, uppercase: true)
        let padded = String(repeating: "0", count: max(0, 4 - code.count)) + code
        throw ComposeError(
          .invalidRecipe, "\(file):\(mark.line):\(mark.column)",
          "expected printable text, found the character U+\(padded); remove it")
      }
      mark.column += 1
    }
    return text
  }

  /// YAML 1.2.2 §5.1, less the byte order mark, which may only begin a file.
  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0d, 0x20...0x7e, 0x85, 0xa0...0xd7ff: true
    case 0xfeff: false
    case 0xe000...0xfffd, 0x10000...0x10ffff: true
    default: false
    }
  }

  private static func notUTF8(_ body: ArraySlice<UInt8>, file: String) -> ComposeError {
    var line = 1
    for part in body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if String(validating: part, as: UTF8.self) == nil {
        var valid = part.count
        while valid > 0, String(validating: part.prefix(valid), as: UTF8.self) == nil {
          valid -= 1
        }
        let before = String(decoding: part.prefix(valid), as: UTF8.self).unicodeScalars.count
        let byte = String(part[part.startIndex + min(valid, part.count - 1)], radix: 16)
        return ComposeError(
          .invalidRecipe, "\(file):\(line):\(before + 1)",
          "expected UTF-8, found the byte 0x\(byte); save the file as UTF-8")
      }
      line += 1
    }
    return ComposeError(.invalidRecipe, file, "expected UTF-8; save the file as UTF-8")
  }
}
