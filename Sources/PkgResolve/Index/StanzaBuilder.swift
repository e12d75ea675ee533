/// Gathers the fields of one stanza of a `Packages` index and checks them.
struct StanzaBuilder {
  private let source: IndexSource
  /// By ``IndexField`` raw value; a field that is missing has no start.
  private var values = [Extent?](repeating: nil, count: IndexField.allCases.count)
  private var lines = [Int](repeating: 0, count: IndexField.allCases.count)
  private var firstLine = 0
  private var current = Current.none

  /// What a continuation line would continue.
  private enum Current {
    case none, ignored
    case field(IndexField)
  }

  init(source: IndexSource) { self.source = source }

  /// Takes in a line that is not empty; `bytes` are the source's.
  mutating func add(
    _ line: (start: Int, count: Int), number: Int, of bytes: Span<UInt8>
  ) throws(ResolveError) {
    let first = bytes[line.start]
    let end = line.start + line.count
    if first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") {
      switch current {
      case .none:
        throw fault("a continuation line before any field; expected \"Field: value\"", number)
      case .ignored: break
      case .field(let field):
        if let value = values[field.rawValue] {
          values[field.rawValue] = trimmed(Int(value.start), end, bytes)
        }
      }
      return
    }
    if first == UInt8(ascii: "#") { return }
    if firstLine == 0 { firstLine = number }
    var colon = line.start
    while colon < end && bytes[colon] != UInt8(ascii: ":") { colon += 1 }
    guard colon < end, colon > line.start else {
      let text = String(
        decoding: source.bytes[line.start..<min(end, line.start + 60)], as: UTF8.self)
      throw fault("\"\(text)\" is no field; expected \"Field: value\"", number)
    }
    guard let field = IndexField(bytes, line.start..<colon) else {
      current = .ignored
      return
    }
    guard values[field.rawValue] == nil else {
      throw fault("the field \"\(field.name)\" stands twice in one stanza", number)
    }
    values[field.rawValue] = trimmed(colon + 1, end, bytes)
    lines[field.rawValue] = number
    current = .field(field)
  }

  /// The record, after an empty line or at the end; nil where no stanza was begun.
  mutating func finish() throws(ResolveError) -> PackageRecord? {
    guard firstLine > 0 else { return nil }
    let record = try self.record()
    for index in values.indices { values[index] = nil }
    firstLine = 0
    current = .none
    return record
  }

  private func record() throws(ResolveError) -> PackageRecord {
    let name = try required(.package)
    guard let first = source.bytes[name.range].first, isLetter(first) || isDigit(first),
      source.bytes[name.range].allSatisfy(isNameByte)
    else { throw fault(.package, "expected a package name") }
    let written = try required(.version)
    let version: DebianVersion
    do throws(DebianVersion.Fault) {
      version = try DebianVersion(source.bytes[written.range])
    } catch {
      throw fault(.version, error.message)
    }
    let architecture = try required(.architecture)
    guard source.bytes[architecture.range].allSatisfy(isArchitectureByte) else {
      throw fault(.architecture, "expected an architecture")
    }
    let digest = try required(.sha256)
    guard digest.count == 64, source.bytes[digest.range].allSatisfy(isHexadecimal) else {
      throw fault(.sha256, "expected 64 hexadecimal digits")
    }
    try checkFilename(try required(.filename))
    return PackageRecord(
      name: text(name), version: version, architecture: text(architecture),
      multiArch: try multiArch(), priority: priority(),
      isEssential: values[IndexField.essential.rawValue].map(text) == "yes",
      size: try number(.size, try required(.size)),
      installedSize: try installedSize(), line: firstLine, source: source, fields: fields())
  }

  private func fields() -> PackageRecord.Fields {
    func extent(_ field: IndexField) -> Extent { values[field.rawValue] ?? Extent() }
    return PackageRecord.Fields(
      sha256: extent(.sha256), filename: extent(.filename), section: extent(.section),
      source: extent(.source), depends: extent(.depends), preDepends: extent(.preDepends),
      conflicts: extent(.conflicts), breaks: extent(.breaks), provides: extent(.provides),
      replaces: extent(.replaces))
  }

  private func multiArch() throws(ResolveError) -> PackageRecord.MultiArch {
    guard let value = values[IndexField.multiArch.rawValue] else { return .no }
    switch text(value) {
    case "no": return .no
    case "same": return .same
    case "foreign": return .foreign
    case "allowed": return .allowed
    default: throw fault(.multiArch, "expected no, same, foreign or allowed")
    }
  }

  private func priority() -> PackageRecord.Priority {
    switch values[IndexField.priority.rawValue].map(text) {
    case "required": .required
    case "important": .important
    case "standard": .standard
    case "optional": .optional
    case "extra": .extra
    default: .unknown
    }
  }

  private func installedSize() throws(ResolveError) -> Int64? {
    guard let value = values[IndexField.installedSize.rawValue] else { return nil }
    return try number(.installedSize, value)
  }

  private func number(_ field: IndexField, _ extent: Extent) throws(ResolveError) -> Int64 {
    let digits = source.bytes[extent.range]
    guard digits.allSatisfy(isDigit), let value = Int64(text(extent)) else {
      throw fault(field, "expected a number")
    }
    return value
  }

  private func checkFilename(_ extent: Extent) throws(ResolveError) {
    let path = source.bytes[extent.range]
    guard path.first != UInt8(ascii: "/") else {
      throw fault(.filename, "expected a relative path")
    }
    guard path.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
      throw fault(.filename, "white space and control characters may not stand in it")
    }
    for part in path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    where part.elementsEqual("..".utf8) {
      throw fault(.filename, "\"..\" may not stand in it")
    }
  }

  private func required(_ field: IndexField) throws(ResolveError) -> Extent {
    guard let value = values[field.rawValue], !value.isEmpty else {
      let name = values[IndexField.package.rawValue].map { text($0) + ": " } ?? ""
      throw fault("\(name)the field \"\(field.name)\" is missing", firstLine)
    }
    return value
  }

  private func text(_ extent: Extent) -> String {
    String(decoding: source.bytes[extent.range], as: UTF8.self)
  }

  private func trimmed(_ start: Int, _ end: Int, _ bytes: Span<UInt8>) -> Extent {
    var start = start
    var end = end
    while start < end && isBlank(bytes[start]) { start += 1 }
    while end > start && isBlank(bytes[end - 1]) { end -= 1 }
    return Extent(start: UInt32(start), count: UInt32(end - start))
  }

  private func fault(_ field: IndexField, _ expected: String) -> ResolveError {
    let value = values[field.rawValue].map { String(text($0).prefix(80)) } ?? ""
    return fault("\(field.name) \"\(value)\": \(expected)", lines[field.rawValue])
  }

  private func fault(_ message: String, _ line: Int) -> ResolveError {
    ResolveError(.invalidIndex, "\(source.origin.name):\(line)", message)
  }
}

func isHexadecimal(_ byte: UInt8) -> Bool {
  isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
}
