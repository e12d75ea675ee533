/// One stanza of a control file: fields in their order, names compared without regard to case.
///
/// Source: deb822(5), Debian Policy §5.1.
public struct ControlStanza: Sendable, Equatable {
  public private(set) var fields: [(name: String, value: String)] = []

  /// A stanza of fields that were read before, each name once.
  public init(fields: [(name: String, value: String)]) { self.fields = fields }

  private init() {}

  /// The value of a field: the first line and its continuation lines joined by newlines, each without the white
  /// space around it; nil where the field is missing.
  public subscript(name: String) -> String? {
    fields.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  /// The lines of a multi-line field, empty ones left out.
  public func lines(_ name: String) -> [Substring] {
    (self[name] ?? "").split(separator: "\n", omittingEmptySubsequences: true)
  }

  /// The words of a field.
  public func words(_ name: String) -> [Substring] {
    (self[name] ?? "").split(whereSeparator: \.isWhitespace)
  }

  public static func == (left: ControlStanza, right: ControlStanza) -> Bool {
    left.fields.elementsEqual(right.fields, by: ==)
  }

  /// Reads small control files: Release, apt's `.sources`, a package's `control`.
  ///
  /// Comment lines (`#` in the first column) are passed over. Throws ``ResolveError`` with `name:line` where a line
  /// is neither field, continuation nor comment, where a field stands twice, or where the text is over 64 MiB.
  public static func parse(_ bytes: [UInt8], name: String) throws(ResolveError) -> [ControlStanza] {
    guard bytes.count <= 64 << 20 else {
      throw ResolveError(.invalidIndex, name, "is over 64 MiB; expected a control file")
    }
    var stanzas = [ControlStanza]()
    var current = ControlStanza()
    var names = Set<String>()
    var number = 0
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      guard let first = line.first else {
        if !current.fields.isEmpty { stanzas.append(current) }
        current = ControlStanza()
        names.removeAll(keepingCapacity: true)
        continue
      }
      if first == UInt8(ascii: "#") { continue }
      if first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") {
        let text = trimmed(line)
        if text.isEmpty && current.fields.isEmpty { continue }
        guard !current.fields.isEmpty else {
          throw ResolveError(
            .invalidIndex, "\(name):\(number)",
            "a continuation line before any field; expected \"Field: value\"")
        }
        current.fields[current.fields.count - 1].value += "\n" + text
        continue
      }
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
        throw ResolveError(
          .invalidIndex, "\(name):\(number)",
          "\"\(String(decoding: line.prefix(60), as: UTF8.self))\" has no colon; expected \"Field: value\""
        )
      }
      let field = String(decoding: line[..<colon], as: UTF8.self)
      guard names.insert(field.lowercased()).inserted else {
        throw ResolveError(
          .invalidIndex, "\(name):\(number)", "the field \"\(field)\" stands twice in one stanza")
      }
      current.fields.append((field, trimmed(line[(colon + 1)...])))
    }
    if !current.fields.isEmpty { stanzas.append(current) }
    return stanzas
  }

  private static func trimmed(_ line: ArraySlice<UInt8>) -> String {
    var line = line
    while let first = line.first, first == 0x20 || first == 0x09 { line.removeFirst() }
    while let last = line.last, last == 0x20 || last == 0x09 { line.removeLast() }
    return String(decoding: line, as: UTF8.self)
  }
}
