/// Reads one part of a `Packages` index, line by line, looking at what a line starts with and where it ends only.
struct PackagesParser {
  let part: IndexPart
  let requiresPackageFiles: Bool
  let chunk: TableChunk
  /// By ``IndexField`` raw value; only those are set that `seen` has.
  var values = FieldValues()
  private var seen: UInt32 = 0
  /// Where the stanza's first field starts; the number of its line, from 1; 0 where no stanza was begun.
  private(set) var stanzaStart = 0
  private(set) var firstLine = 0
  private var current = Self.noField

  private static let noField = -2
  private static let ignoredField = -1

  init(_ part: IndexPart, requiresPackageFiles: Bool) {
    self.part = part
    self.requiresPackageFiles = requiresPackageFiles
    chunk = TableChunk(size: part.end - part.start)
  }

  func has(_ field: IndexField) -> Bool { seen & 1 << UInt32(field.rawValue) != 0 }

  /// The value of a field; empty where it is missing.
  @inline(__always)
  func value(_ field: IndexField) -> Extent {
    has(field) ? values[field.rawValue] : Extent()
  }

  mutating func parse() throws(ResolveError) -> TableChunk {
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
      } else if text[start] != UInt8(ascii: "#") {
        if firstLine == 0 {
          firstLine = line
          stanzaStart = start
        }
        try beginField(start, end)
      }
    }
    try finish()
    chunk.lineCount = line
    return chunk
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
    let row = chunk.addRow()
    row.set(UInt32(truncatingIfNeeded: firstLine), at: TableLayout.Row.line)
    row.set(checked.flags, at: TableLayout.Row.flags)
    row.set(checked.size, at: TableLayout.Row.size)
    row.set(checked.installedSize, at: TableLayout.Row.installedSize)
    if checked.flags & TableLayout.Flags.hasDigest != 0 {
      writeDigest(value(.sha256), to: row + TableLayout.Row.digest)
    }
    let name = value(.package)
    row.set(
      tableHash(part.text + Int(name.start), Int(name.count)), at: TableLayout.Row.symbol)
    try addTexts(to: row)
    seen = 0
    firstLine = 0
    current = Self.noField
  }

  private func addTexts(to row: UnsafeMutableRawPointer) throws(ResolveError) {
    let start = chunk.text.count
    var ends = TableLayout.Row.ends
    func add(_ extent: Extent) {
      chunk.text.append(part.text + Int(extent.start), Int(extent.count))
      row.set(UInt32(truncatingIfNeeded: chunk.text.count - start), at: ends)
      ends += 4
    }
    add(value(.package))
    add(value(.version))
    add(value(.architecture))
    add(value(.filename))
    add(value(.source))
    add(Extent())
    add(value(.depends))
    add(value(.preDepends))
    add(value(.conflicts))
    add(value(.breaks))
    if !value(.provides).isEmpty { try addProvisions(value(.provides)) }
    add(value(.provides))
    add(value(.replaces))
    add(Extent())
  }

  /// Adds the names that the package provides; their text comes next in the chunk.
  private func addProvisions(_ field: Extent) throws(ResolveError) {
    let offset = chunk.text.count - Int(field.start)
    var scan = ProvidesScan(part.text, field)
    while let item = scan.next() {
      chunk.addProvision(
        text: item.start + offset, nameLength: item.nameLength, itemLength: item.length,
        hash: tableHash(part.text + item.start, item.nameLength))
    }
    guard scan.isMalformed else { return }
    // The parser of relations knows how to say what is wrong.
    let name = part.string(value(.package))
    let line = part.line(of: stanzaStart)
    var parser = RelationParser(part.bytes(field)[...]) {
      "\(part.origin.name):\(line): \(name): Provides"
    }
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

/// Room for the extent of each field, without an array's bookkeeping.
struct FieldValues {
  private var low = (SIMD32<UInt32>(), SIMD32<UInt32>())

  @inline(__always)
  subscript(field: Int) -> Extent {
    get { Extent(start: low.0[field & 31], count: low.1[field & 31]) }
    set {
      low.0[field & 31] = newValue.start
      low.1[field & 31] = newValue.count
    }
  }
}
