/// Reads Debian `Packages` indexes.
public enum PackageIndex {
  /// The largest index accepted, in bytes.
  public static let maximumSize = 1 << 30

  /// Reads all stanzas. Throws ``ResolveError`` (`invalidIndex`, `invalidVersion`, `invalidRelation`) with `name:line`.
  public static func parse(
    _ bytes: [UInt8], origin: PackageOrigin, name: String
  ) throws(ResolveError) -> [PackageRecord] {
    guard bytes.count <= maximumSize else {
      throw ResolveError(.invalidIndex, name, "is over 1 GiB; expected a Packages index")
    }
    var records = [PackageRecord]()
    var reader = StanzaReader(name: name)
    let span = bytes.span
    while let fields = try reader.next(in: span) {
      records.append(try record(fields, origin: origin))
    }
    return records
  }

  private static func record(
    _ fields: StanzaFields, origin: PackageOrigin
  ) throws(ResolveError) -> PackageRecord {
    let subject = fields.subject
    let architecture = try fields.required(.architecture)
    func relations(_ field: StanzaFields.Name) throws(ResolveError) -> [Dependency] {
      guard let text = fields[field] else { return [] }
      return try Dependency.parse(text, architecture: architecture, subject: subject)
    }
    var record = PackageRecord(
      version: try DebianVersion(parsing: try fields.required(.version)), origin: origin)
    record.name = try fields.required(.package)
    record.architecture = architecture
    record.multiArch = fields[.multiArch].flatMap { $0 == "no" ? nil : $0.lowercased() }
    record.priority = fields[.priority] ?? "optional"
    record.isEssential = fields[.essential] == "yes"
    record.source = fields[.source] ?? record.name
    record.filename = try path(try fields.required(.filename), subject)
    record.size = try number(try fields.required(.size), "Size", subject)
    record.sha256 = try digest(try fields.required(.sha256), subject)
    record.installedSize = try fields[.installedSize].map { (text) throws(ResolveError) in
      try number(text, "Installed-Size", subject)
    }
    record.preDepends = try relations(.preDepends)
    record.depends = try relations(.depends)
    record.conflicts = try relations(.conflicts)
    record.breaks = try relations(.breaks)
    record.provides = try relations(.provides).flatMap(\.alternatives).map { each in
      ProvidedName(name: each.name, version: each.constraint?.version)
    }
    return record
  }

  private static func number(
    _ text: String, _ field: String, _ subject: String
  ) throws(ResolveError) -> Int64 {
    guard let number = Int64(text), number >= 0, text.first != "+" else {
      throw ResolveError(
        .invalidIndex, subject, "\(field) is \"\(text.prefix(40))\"; expected a whole number")
    }
    return number
  }

  private static func digest(_ text: String, _ subject: String) throws(ResolveError) -> String {
    let lower = text.lowercased()
    guard lower.utf8.count == 64, lower.allSatisfy(\.isHexDigit) else {
      throw ResolveError(
        .invalidIndex, subject, "SHA256 is \"\(text.prefix(80))\"; expected 64 hexadecimal digits")
    }
    return lower
  }

  private static func path(_ text: String, _ subject: String) throws(ResolveError) -> String {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let isSafe =
      !text.isEmpty && !text.hasPrefix("/") && !parts.contains("..")
      && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    guard isSafe else {
      throw ResolveError(
        .invalidIndex, subject,
        "Filename is \"\(text.prefix(100))\"; expected a path below the archive's URL")
    }
    return text
  }
}

/// The fields of one stanza that resolving needs.
struct StanzaFields {
  enum Name: Int, CaseIterable {
    case package, version, architecture, multiArch, priority, essential, source, filename, size
    case sha256, installedSize, preDepends, depends, conflicts, breaks, provides

    var text: StaticString {
      switch self {
      case .package: "package"
      case .version: "version"
      case .architecture: "architecture"
      case .multiArch: "multi-arch"
      case .priority: "priority"
      case .essential: "essential"
      case .source: "source"
      case .filename: "filename"
      case .size: "size"
      case .sha256: "sha256"
      case .installedSize: "installed-size"
      case .preDepends: "pre-depends"
      case .depends: "depends"
      case .conflicts: "conflicts"
      case .breaks: "breaks"
      case .provides: "provides"
      }
    }
  }

  let file: String
  let line: Int
  var values = [String?](repeating: nil, count: Name.allCases.count)

  init(file: String, line: Int) {
    self.file = file
    self.line = line
  }

  subscript(name: Name) -> String? { values[name.rawValue] }

  var subject: String { "\(file):\(line)" }

  func required(_ name: Name) throws(ResolveError) -> String {
    guard let value = self[name], !value.isEmpty else {
      let package = self[.package].map { " of \($0)" } ?? ""
      throw ResolveError(
        .invalidIndex, subject, "the stanza\(package) has no field \"\(name.text)\"")
    }
    return value
  }
}

/// Cuts an index into stanzas, keeping the fields that ``StanzaFields`` names.
struct StanzaReader {
  private let name: String
  private var position = 0
  private var line = 0

  init(name: String) { self.name = name }

  /// The next stanza; nil at the end. Every call takes the same bytes.
  mutating func next(in span: Span<UInt8>) throws(ResolveError) -> StanzaFields? {
    var fields: StanzaFields?
    var current: StanzaFields.Name?
    while position < span.count {
      let start = position
      while position < span.count, span[position] != 0x0A { position += 1 }
      let end = position > start && span[position - 1] == 0x0D ? position - 1 : position
      position += 1
      line += 1
      if start == end {
        if fields != nil { return fields }
        continue
      }
      let first = span[start]
      if first == 0x23 { continue }
      if first == 0x20 || first == 0x09 {
        guard fields != nil else {
          throw ResolveError(
            .invalidIndex, "\(name):\(line)",
            "a continuation line before any field; expected \"Field: value\"")
        }
        if let current {
          fields?.values[current.rawValue]?.append(" " + Self.text(span, start, end))
        }
        continue
      }
      guard let colon = (start..<end).first(where: { span[$0] == 0x3A }), colon > start else {
        throw ResolveError(
          .invalidIndex, "\(name):\(line)",
          "\"\(Self.text(span, start, min(end, start + 60)))\" has no colon; expected \"Field: value\""
        )
      }
      if fields == nil { fields = StanzaFields(file: name, line: line) }
      current = Self.field(span, start, colon)
      guard let current else { continue }
      guard fields?[current] == nil else {
        throw ResolveError(
          .invalidIndex, "\(name):\(line)",
          "the field \"\(current.text)\" stands twice in one stanza")
      }
      fields?.values[current.rawValue] = Self.text(span, colon + 1, end)
    }
    return fields
  }

  private static func text(_ span: Span<UInt8>, _ start: Int, _ end: Int) -> String {
    var (start, end) = (start, end)
    while start < end, span[start] == 0x20 || span[start] == 0x09 { start += 1 }
    while end > start, span[end - 1] == 0x20 || span[end - 1] == 0x09 { end -= 1 }
    return span.extracting(start..<end).withUnsafeBufferPointer {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// The field named by the bytes, without regard to case; nil for one that resolving does not need.
  private static func field(_ span: Span<UInt8>, _ start: Int, _ end: Int) -> StanzaFields.Name? {
    for name in StanzaFields.Name.allCases where name.text.utf8CodeUnitCount == end - start {
      let matches = (0..<(end - start)).allSatisfy { index in
        let byte = span[start + index]
        let lower = (0x41...0x5A).contains(byte) ? byte + 0x20 : byte
        return lower == name.text.utf8Start[index]
      }
      if matches { return name }
    }
    return nil
  }
}
