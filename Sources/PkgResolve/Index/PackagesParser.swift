/// Reads one part of a `Packages` index, line by line, looking at what a line starts with and where it ends only.
struct PackagesParser: ~Copyable {
  let part: IndexPart
  let requiresPackageFiles: Bool
  var out: ChunkBytes
  /// By ``IndexField`` raw value; only those are set that `seen` has.
  var values = FieldValues()
  private var seen: UInt32 = 0
  /// Where the stanza's first field starts; the number of its line, from 1; 0 where no stanza was begun.
  private(set) var stanzaStart = 0
  private(set) var firstLine = 0
  private var current = Self.noField

  private static let noField = -2
  private static let ignoredField = -1
  private static let interruptedField = -3

  init(_ part: IndexPart, requiresPackageFiles: Bool) {
    self.part = part
    self.requiresPackageFiles = requiresPackageFiles
    out = ChunkBytes(size: part.end - part.start)
  }

  func has(_ field: IndexField) -> Bool { seen & 1 << UInt32(field.rawValue) != 0 }

  /// The value of a field; empty where it is missing.
  @inline(__always)
  func value(_ field: IndexField) -> Extent {
    has(field) ? values[field.rawValue] : Extent()
  }

  consuming func parse() throws(ResolveError) -> TableChunk {
    let text = part.text
    var position = part.start
    var line = 0
    while position < part.end {
      let start = position
      var end = part.lineEnd(from: start)
      position = end + 1
      line += 1
      if end > start && text[end - 1] == UInt8(ascii: "\r") { end -= 1 }
      if end == start {
        try finish()
      } else if text[start] == UInt8(ascii: " ") || text[start] == UInt8(ascii: "\t") {
        try continueField(start, end)
      } else if text[start] == UInt8(ascii: "#") {
        // A value is one range of the text: it cannot go on behind a comment.
        if current >= 0 { current = Self.interruptedField }
      } else {
        if firstLine == 0 {
          firstLine = line
          stanzaStart = start
        }
        try beginField(start, end)
      }
    }
    try finish()
    return TableChunk(out, lineCount: line)
  }

  @inline(__always)
  private mutating func beginField(_ start: Int, _ end: Int) throws(ResolveError) {
    guard let field = IndexField(part.text + start, end - start) else {
      var colon = start
      while colon < end && part.text[colon] != UInt8(ascii: ":") { colon += 1 }
      guard colon < end, colon > start else {
        let shown = part.string(Extent(start, min(end, start + 60)))
        throw part.fault("\"\(shown)\" is no field; expected \"Field: value\"", at: start)
      }
      current = Self.ignoredField
      return
    }
    guard !has(field) else {
      throw part.fault("the field \"\(field.name)\" stands twice in one stanza", at: start)
    }
    seen |= 1 << UInt32(field.rawValue)
    values[field.rawValue] = trimmed(start + field.label.utf8CodeUnitCount, end)
    current = field.rawValue
  }

  private mutating func continueField(_ start: Int, _ end: Int) throws(ResolveError) {
    guard current != Self.noField else {
      throw part.fault("a continuation line before any field; expected \"Field: value\"", at: start)
    }
    guard current != Self.interruptedField else {
      throw part.fault("a comment stands inside a field; expected it between fields", at: start)
    }
    if current >= 0 { values[current] = trimmed(Int(values[current].start), end) }
  }

  @inline(__always)
  private func trimmed(_ start: Int, _ end: Int) -> Extent {
    var start = start
    var end = end
    while start < end && isBlank(part.text[start]) { start += 1 }
    while end > start && isBlank(part.text[end - 1]) { end -= 1 }
    return Extent(start, end)
  }

  /// Takes the stanza in, after an empty line or at the end.
  private mutating func finish() throws(ResolveError) {
    guard firstLine > 0 else { return }
    let checked = try check()
    let row = try out.addRow(of: part.origin)
    row.set(UInt32(truncatingIfNeeded: firstLine), at: TableLayout.Row.line)
    row.set(checked.flags, at: TableLayout.Row.flags)
    row.set(checked.size, at: TableLayout.Row.size)
    row.set(checked.installedSize, at: TableLayout.Row.installedSize)
    row.storeBytes(of: checked.digest, toByteOffset: TableLayout.Row.digest, as: PackedDigest.self)
    let name = value(.package)
    row.set(
      tableHash(part.text + Int(name.start), Int(name.count)), at: TableLayout.Row.symbol)
    try addTexts(to: row, filename: checked.filename)
    seen = 0
    firstLine = 0
    current = Self.noField
  }

  private mutating func addTexts(
    to row: UnsafeMutableRawPointer, filename: Extent
  ) throws(ResolveError) {
    add(value(.package), .name, row)
    add(value(.version), .version, row)
    add(value(.architecture), .architecture, row)
    add(filename, .filename, row)
    add(value(.source), .source, row)
    add(Extent(), .checksum, row)
    add(value(.depends), .depends, row)
    add(value(.preDepends), .preDepends, row)
    add(value(.conflicts), .conflicts, row)
    add(value(.breaks), .breaks, row)
    if has(.provides) { try addProvisions(value(.provides)) }
    add(value(.provides), .provides, row)
    add(value(.replaces), .replaces, row)
    add(Extent(), .installIf, row)
  }

  @inline(__always)
  private mutating func add(_ extent: Extent, _ field: TextField, _ row: UnsafeMutableRawPointer) {
    if !extent.isEmpty { out.text.append(part.text + Int(extent.start), Int(extent.count)) }
    let start = row.word(TableLayout.Row.text)
    row.set(
      UInt32(truncatingIfNeeded: out.textCount) &- start,
      at: TableLayout.Row.ends + 4 * field.rawValue)
  }

  /// Adds the names that the package provides; their text is added next.
  private mutating func addProvisions(_ field: Extent) throws(ResolveError) {
    let offset = out.textCount - Int(field.start)
    var scan = ProvidesScan(part.text, field)
    while let item = scan.next() {
      try out.addProvision(
        text: item.start + offset, nameLength: item.nameLength, itemLength: item.length,
        hash: tableHash(part.text + item.start, item.nameLength), of: part.origin)
    }
    guard scan.isMalformed else { return }
    // The parser of relations knows how to say what is wrong.
    let name = part.string(value(.package))
    let line = part.line(of: stanzaStart)
    let subject = "\(part.origin.name):\(line): \(name): Provides"
    var parser = RelationParser(part.bytes(field)[...]) { subject }
    _ = try parser.provides()
    throw fault(.provides, "is malformed")
  }
}

extension Extent {
  @inline(__always)
  init(_ start: Int, _ end: Int) {
    self.init(
      start: UInt32(truncatingIfNeeded: start), count: UInt32(truncatingIfNeeded: end - start))
  }
}

/// Room for the extent of each field, without an array's checks: fields are numbered from 0 to 31.
struct FieldValues: ~Copyable {
  private let extents = UnsafeMutablePointer<Extent>.allocate(capacity: 32)

  init() { extents.initialize(repeating: Extent(), count: 32) }

  deinit { extents.deallocate() }

  @inline(__always)
  subscript(field: Int) -> Extent {
    get { extents[field & 31] }
    nonmutating set { extents[field & 31] = newValue }
  }
}
