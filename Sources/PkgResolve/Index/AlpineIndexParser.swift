/// Reads one part of an `APKINDEX`: lines of a letter, a colon and a value, with an empty line after each package.
struct AlpineIndexParser: ~Copyable {
  /// The letters that are read. All other lower-case ones may be passed over; an upper-case one that is not known
  /// marks a package that only a newer program can install.
  private enum Field: Int {
    case checksum, name, version, architecture, size, installedSize, origin
    case providerPriority, replacesPriority, depends, provides, installIf, replaces

    init?(_ letter: UInt8) {
      switch letter {
      case UInt8(ascii: "C"): self = .checksum
      case UInt8(ascii: "P"): self = .name
      case UInt8(ascii: "V"): self = .version
      case UInt8(ascii: "A"): self = .architecture
      case UInt8(ascii: "S"): self = .size
      case UInt8(ascii: "I"): self = .installedSize
      case UInt8(ascii: "o"): self = .origin
      case UInt8(ascii: "k"): self = .providerPriority
      case UInt8(ascii: "q"): self = .replacesPriority
      case UInt8(ascii: "D"): self = .depends
      case UInt8(ascii: "p"): self = .provides
      case UInt8(ascii: "i"): self = .installIf
      case UInt8(ascii: "r"): self = .replaces
      default: return nil
      }
    }
  }

  private let part: IndexPart
  private let requiresPackageFiles: Bool
  private var out: ChunkBytes
  private var values = FieldValues()
  /// Lines of a field after its first.
  private var repeats = [(field: Field, extent: Extent)]()
  private var seen: UInt32 = 0
  private var hasUnknownField = false
  private var recordStart = 0
  private var firstLine = 0

  init(_ part: IndexPart, requiresPackageFiles: Bool) {
    self.part = part
    self.requiresPackageFiles = requiresPackageFiles
    out = ChunkBytes(size: part.end - part.start)
  }

  consuming func parse() throws(ResolveError) -> TableChunk {
    var position = part.start
    var line = 0
    while position < part.end {
      let start = position
      var end = part.lineEnd(from: start)
      position = end + 1
      line += 1
      if end > start && part.text[end - 1] == UInt8(ascii: "\r") { end -= 1 }
      if end == start {
        try finish()
      } else {
        if firstLine == 0 {
          firstLine = line
          recordStart = start
        }
        try add(start, end)
      }
    }
    try finish()
    return TableChunk(out, lineCount: line)
  }

  private mutating func add(_ start: Int, _ end: Int) throws(ResolveError) {
    let letter = part.text[start]
    guard end - start >= 2, part.text[start + 1] == UInt8(ascii: ":"), isLetter(letter) else {
      let shown = part.string(Extent(start, min(end, start + 60)))
      throw part.fault(
        "\"\(shown)\" is no field; expected a letter, a colon and a value", at: start)
    }
    guard let field = Field(letter) else {
      switch letter {
      case UInt8(ascii: "T"), UInt8(ascii: "U"), UInt8(ascii: "L"): return
      case UInt8(ascii: "F"), UInt8(ascii: "R"), UInt8(ascii: "M"), UInt8(ascii: "Z"):
        throw part.fault(
          "\"\(Character(UnicodeScalar(letter))):\" lists installed files; expected an APKINDEX, "
            + "not the database of what is installed", at: start)
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): hasUnknownField = true
      default: break
      }
      return
    }
    guard !has(field) else {
      // apk takes these together.
      if field == .depends || field == .provides || field == .installIf || field == .replaces {
        repeats.append((field, Extent(start + 2, end)))
        return
      }
      throw part.fault(
        "the field \"\(Character(UnicodeScalar(letter))):\" stands twice in one record", at: start)
    }
    seen |= 1 << UInt32(field.rawValue)
    values[field.rawValue] = Extent(start + 2, end)
  }

  private func has(_ field: Field) -> Bool { seen & 1 << UInt32(field.rawValue) != 0 }

  @inline(__always)
  private func value(_ field: Field) -> Extent {
    has(field) ? values[field.rawValue] : Extent()
  }

  /// Takes the record in, after an empty line or at the end.
  private mutating func finish() throws(ResolveError) {
    guard firstLine > 0 else { return }
    try check()
    let size = try number(.size, "S")
    let installedSize = try number(.installedSize, "I")
    let providerPriority = try priority(.providerPriority, "k")
    let replacesPriority = try priority(.replacesPriority, "q")
    let row = try out.addRow(of: part.origin)
    row.set(UInt32(truncatingIfNeeded: firstLine), at: TableLayout.Row.line)
    row.set(
      hasUnknownField ? TableLayout.Flags.hasUnknownField : 0, at: TableLayout.Row.flags)
    row.set(UInt64(size ?? 0), at: TableLayout.Row.size)
    row.set(installedSize.map(UInt64.init) ?? UInt64.max, at: TableLayout.Row.installedSize)
    row.set(providerPriority, at: TableLayout.Row.providerPriority)
    row.set(replacesPriority, at: TableLayout.Row.replacesPriority)
    let name = value(.name)
    row.set(
      tableHash(part.text + Int(name.start), Int(name.count)), at: TableLayout.Row.symbol)
    try addTexts(to: row)
    repeats.removeAll(keepingCapacity: true)
    seen = 0
    hasUnknownField = false
    firstLine = 0
  }

  private mutating func addTexts(to row: UnsafeMutableRawPointer) throws(ResolveError) {
    let start = out.textCount
    var ends = TableLayout.Row.ends
    for field in TextField.allCases {
      let extent: Extent
      var repeated: Field?
      switch field {
      case .name: extent = value(.name)
      case .version: extent = value(.version)
      case .architecture: extent = value(.architecture)
      case .source: extent = value(.origin)
      case .checksum: extent = value(.checksum)
      case .depends: (extent, repeated) = (value(.depends), .depends)
      case .provides:
        (extent, repeated) = (value(.provides), .provides)
        try addProvisions(extent)
      case .replaces: (extent, repeated) = (value(.replaces), .replaces)
      case .installIf: (extent, repeated) = (value(.installIf), .installIf)
      case .filename, .preDepends, .conflicts, .breaks: extent = Extent()
      }
      out.text.append(part.text + Int(extent.start), Int(extent.count))
      for line in repeats where line.field == repeated {
        out.text.extend(by: 1).storeBytes(of: UInt8(ascii: " "), as: UInt8.self)
        if line.field == .provides { try addProvisions(line.extent) }
        out.text.append(part.text + Int(line.extent.start), Int(line.extent.count))
      }
      row.set(UInt32(truncatingIfNeeded: out.textCount - start), at: ends)
      ends += 4
    }
  }

  /// Adds the names that the package provides; their text is added next.
  private mutating func addProvisions(_ field: Extent) throws(ResolveError) {
    let offset = out.textCount - Int(field.start)
    var position = Int(field.start)
    while position < field.end {
      if isBlank(part.text[position]) {
        position += 1
        continue
      }
      let start = position
      while position < field.end, !isBlank(part.text[position]) { position += 1 }
      var nameEnd = start
      while nameEnd < position, !isConstraintByte(part.text[nameEnd]) { nameEnd += 1 }
      if nameEnd == start { continue }
      try out.addProvision(
        text: start + offset, nameLength: nameEnd - start, itemLength: position - start,
        hash: tableHash(part.text + start, nameEnd - start), of: part.origin)
    }
  }

  /// What ends the name in a dependency: an operator, or the tag of a repository.
  private func isConstraintByte(_ byte: UInt8) -> Bool {
    isDependencySign(byte) || byte == UInt8(ascii: "@")
  }

  private func check() throws(ResolveError) {
    try require(.name, "P")
    guard isWord(value(.name)), !containsConstraint(value(.name)) else {
      throw fault(.name, "P", "expected a package name")
    }
    try require(.version, "V")
    guard isWord(value(.version)) else { throw fault(.version, "V", "expected a version") }
    if has(.architecture), !isWord(value(.architecture)) {
      throw fault(.architecture, "A", "expected an architecture")
    }
    if requiresPackageFiles {
      try require(.checksum, "C")
      try require(.size, "S")
    }
    if has(.checksum), !isChecksum(value(.checksum)) {
      throw fault(.checksum, "C", "expected \"Q1\" or \"Q2\" and a digest in base64")
    }
  }

  private func require(_ field: Field, _ letter: String) throws(ResolveError) {
    guard value(field).isEmpty else { return }
    let name = has(.name) ? part.string(value(.name)) + ": " : ""
    throw part.fault("\(name)the field \"\(letter):\" is missing", at: recordStart)
  }

  /// Whether it can be part of a file's name: visible bytes and no slash.
  private func isWord(_ extent: Extent) -> Bool {
    guard !extent.isEmpty else { return false }
    for index in Int(extent.start)..<extent.end {
      let byte = part.text[index]
      if byte <= 0x20 || byte == 0x7f || byte == UInt8(ascii: "/") { return false }
    }
    return true
  }

  private func containsConstraint(_ extent: Extent) -> Bool {
    if part.text[Int(extent.start)] == UInt8(ascii: "!") { return true }
    for index in Int(extent.start)..<extent.end where isConstraintByte(part.text[index]) {
      return true
    }
    return false
  }

  private func isChecksum(_ extent: Extent) -> Bool {
    let text = part.text + Int(extent.start)
    guard extent.count >= 3, text[0] == UInt8(ascii: "Q"),
      text[1] == UInt8(ascii: "1") || text[1] == UInt8(ascii: "2")
    else { return false }
    for index in 2..<Int(extent.count) {
      let byte = text[index]
      guard
        isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")
          || byte == UInt8(ascii: "=")
      else { return false }
    }
    return true
  }

  private func number(_ field: Field, _ letter: String) throws(ResolveError) -> Int64? {
    guard has(field) else { return nil }
    let extent = value(field)
    guard let number = decimal(part.text + Int(extent.start), Int(extent.count)) else {
      throw fault(field, letter, "expected a number")
    }
    return number
  }

  private func priority(_ field: Field, _ letter: String) throws(ResolveError) -> UInt32 {
    guard let number = try number(field, letter) else { return 0 }
    guard let priority = UInt32(exactly: number) else {
      throw fault(field, letter, "expected a number of at most 32 bits")
    }
    return priority
  }

  private func fault(_ field: Field, _ letter: String, _ expected: String) -> ResolveError {
    let shown = String(part.string(value(field)).prefix(80))
    return part.fault("\(letter): \"\(shown)\": \(expected)", at: Int(value(field).start))
  }
}
