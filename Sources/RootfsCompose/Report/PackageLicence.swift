/// What a package says of its licences.
public enum PackageLicence: Sendable, Equatable {
  /// Short names, in the order of the file, each once.
  case named([String])
  /// A text for people at this path.
  case text(String)
  case unknown

  /// How many names are kept of one package.
  private static let maximumNames = 60

  /// The `License` fields of a machine-readable copyright file; where it is none, that the text is at `path`.
  ///
  /// Source: Debian's machine-readable debian/copyright file 1.0, 7.2 "License specification". Files in use break the
  /// format here and there, so that lines are judged by themselves.
  init(copyright bytes: [UInt8], at path: String) {
    let lines = String(decoding: bytes, as: UTF8.self).split { $0.isNewline }
    let head = lines.prefix(40)
    guard head.contains(where: { Self.value(of: "format", in: $0)?.contains("copyright") == true })
    else {
      self = .text(path)
      return
    }
    var names = [String]()
    for line in lines {
      guard let value = Self.value(of: "license", in: line), !value.isEmpty else { continue }
      let name = String(value.prefix(80))
      if !names.contains(name), names.count < Self.maximumNames { names.append(name) }
    }
    self = names.isEmpty ? .text(path) : .named(names)
  }

  /// Of an Alpine package: an SPDX expression, or words.
  init(apk field: String?) {
    guard let field, !field.isEmpty, field.lowercased() != "unknown" else {
      self = .unknown
      return
    }
    self = .named([String(field.prefix(200))])
  }

  /// What stands after `name:` at the start of a line; nil where that does not.
  private static func value(of name: String, in line: Substring) -> String? {
    guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name else {
      return nil
    }
    return line[line.index(after: colon)...].split(whereSeparator: \.isWhitespace)
      .joined(separator: " ")
  }
}
