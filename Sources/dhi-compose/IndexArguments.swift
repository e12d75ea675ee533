import ArgumentParser
import FoundationEssentials
import Glibc

/// Lets `--packages` and `--apkindex` take several files, with the names of packages after them.
///
/// `--packages A B --arch amd64 curl` and `--packages A B curl` both mean the files A and B. The word after the option
/// is a file; further words are files as long as there are indexes of such names, or they look like paths; the rest are
/// names.
enum IndexArguments {
  static let options = ["--packages", "--apkindex"]

  /// The same arguments with the option before each of its files. Throws where one lacks its file.
  static func expanded(_ arguments: [String]) throws -> [String] {
    var result = [String]()
    var option: String?
    var isFirst = false
    for (index, word) in arguments.enumerated() {
      if word.hasPrefix("-"), word != "-" {
        if isFirst, let option { throw ValidationError("\(option): missing file") }
        if word == "--" { return result + arguments[index...] }
        option = options.first { word == $0 || word.hasPrefix($0 + "=") }
        isFirst = word == option
        if !isFirst { result.append(word) }
      } else if let name = option, isFirst || isFile(word) {
        result += [name, word]
        isFirst = false
      } else {
        option = nil
        result.append(word)
      }
    }
    if isFirst, let option { throw ValidationError("\(option): missing file") }
    return result
  }

  private static func isFile(_ word: String) -> Bool {
    let path = IndexFileName(word).path
    if path == "-" { return true }
    let isPacked = [".xz", ".gz"].contains { path.hasSuffix($0) }
    var isFolder = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
      let isNamedSo = ["Packages", "APKINDEX"].contains { path.hasSuffix($0) }
      let isRelative = ["./", "../"].contains { path.hasPrefix($0) }
      return !isFolder && (isPacked || isNamedSo || isRelative || beginsLikeIndex(path))
    }
    // A name that was mistyped is better called a missing file than an unknown package. But "bash/Packages" is the
    // package of a suite.
    return isPacked || ["/", "./", "../"].contains { path.hasPrefix($0) }
  }

  /// Whether a file is packed, or begins with a field, or is a pipe: `/bin/sh` is a name that Alpine's packages depend
  /// on, and a folder may hold a file of any package's name.
  private static func beginsLikeIndex(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return true }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return true }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 256)
    bytes.removeSubrange(max(0, read(descriptor, &bytes, bytes.count))...)
    if bytes.starts(with: [0x1f, 0x8b]) || bytes.starts(with: [0xfd, 0x37, 0x7a]) { return true }
    // "Package:" begins a Debian stanza; a letter and a colon, an Alpine record.
    return bytes.starts(with: "Package:".utf8) || bytes.dropFirst().first == UInt8(ascii: ":")
  }
}

/// An index as it is named on the command line: `FILE`, `SUITE=FILE` or `@TAG=FILE`.
struct IndexFileName {
  /// What stands before the equals sign, `@` included; nil where nothing does.
  let label: String?
  let path: String

  init(_ text: String) {
    let isWholePath = FileManager.default.fileExists(atPath: text)
    guard !isWholePath, let sign = text.firstIndex(of: "="), sign != text.startIndex,
      !text[..<sign].contains("/")
    else {
      label = nil
      path = text
      return
    }
    label = String(text[..<sign])
    path = String(text[text.index(after: sign)...])
  }

  /// Of `@TAG=FILE`, the tag.
  var tag: String? {
    guard let label, label.hasPrefix("@") else { return nil }
    return String(label.dropFirst())
  }

  /// The label, else the file's name without what a compressor added.
  var suite: String {
    if let label { return label }
    var name = path.split(separator: "/").last.map(String.init) ?? path
    for suffix in [".xz", ".gz", ".tar"] where name.hasSuffix(suffix) && name.count > suffix.count {
      name.removeLast(suffix.count)
    }
    return name
  }
}
