#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Puts the parts of an index together to one ``PackageTable``. The result does not depend on where it was cut.
struct TableAssembly {
  private let layout: TableLayout
  private let base: UnsafeMutableRawPointer

  static func table(
    of chunks: [TableChunk], format: IndexFormat, requiresPackageFiles: Bool, origin: PackageOrigin
  ) throws(ResolveError) -> PackageTable {
    let rows = chunks.reduce(0) { $0 + $1.bytes.rowCount }
    let provisions = chunks.reduce(0) { $0 + $1.bytes.provisionCount }
    guard rows <= TableLayout.countLimit, provisions <= TableLayout.countLimit else {
      throw tooMany(origin)
    }
    var layout = TableLayout(
      rowCount: rows, provisionCount: provisions,
      slotCount: TableLayout.slotCount(symbols: rows + provisions),
      textCount: chunks.reduce(0) { $0 + $1.bytes.textCount }, symbolCount: rows + provisions)
    // The first part's text stays where it is.
    var memory = GrowingBytes(capacity: 0)
    if let first = chunks.first { swap(&memory, &first.bytes.text) }
    _ = memory.extend(by: layout.end - memory.count)
    let assembly = TableAssembly(layout: layout, base: memory.start)
    memset(assembly.base, 0, TableLayout.headerSize)
    memset(
      assembly.base + layout.text + layout.textCount, 0,
      layout.rows - layout.text - layout.textCount)
    memset(assembly.base + layout.slots, 0, layout.slotCount * TableLayout.slotSize)
    assembly.copy(chunks)
    guard let symbolCount = assembly.intern() else {
      throw ResolveError(
        .invalidIndex, origin.name,
        "its names were chosen to be slow to look up; expected those of packages")
    }
    layout.symbolCount = symbolCount
    memory.truncate(to: layout.end)
    assembly.writeHeader(layout, format: format, requiresPackageFiles: requiresPackageFiles)
    let bytes = memory.take()
    guard let base = bytes.baseAddress else {
      throw ResolveError(.invalidIndex, origin.name, "cannot be held in memory")
    }
    let owner = TableBytes(bytes) { free(UnsafeMutableRawPointer(mutating: $0.baseAddress)) }
    return PackageTable(
      owner, base: base, layout: layout, format: format,
      requiresPackageFiles: requiresPackageFiles, origin: origin)
  }

  static func tooMany(_ origin: PackageOrigin) -> ResolveError {
    ResolveError(
      .invalidIndex, origin.name,
      "holds over \(TableLayout.countLimit) packages, or as many provided names; expected fewer")
  }

  private func copy(_ chunks: [TableChunk]) {
    typealias Row = TableLayout.Row
    typealias Entry = TableLayout.Provision
    var rows = 0
    var provisions = 0
    var text = 0
    var lines = 0
    for (position, chunk) in chunks.enumerated() {
      let rowCount = chunk.bytes.rowCount
      let provisionCount = chunk.bytes.provisionCount
      let firstRow = base + layout.rows + rows * TableLayout.rowSize
      firstRow.copyMemory(
        from: chunk.bytes.rows.start, byteCount: rowCount * TableLayout.rowSize)
      let firstProvision = base + layout.provisions + provisions * TableLayout.provisionSize
      firstProvision.copyMemory(
        from: chunk.bytes.provisions.start,
        byteCount: provisionCount * TableLayout.provisionSize)
      if position == 0 {
        text = firstText(of: firstRow, rowCount)
      } else {
        let count = chunk.bytes.textCount
        (base + layout.text + text).copyMemory(
          from: chunk.bytes.text.start + TableLayout.headerSize, byteCount: count)
        shift(firstRow, rowCount, TableLayout.rowSize, Row.text, text)
        shift(firstRow, rowCount, TableLayout.rowSize, Row.line, lines)
        shift(firstProvision, provisionCount, TableLayout.provisionSize, Entry.text, text)
        shift(firstProvision, provisionCount, TableLayout.provisionSize, Entry.row, rows)
        text += count
      }
      rows += rowCount
      provisions += provisionCount
      lines += chunk.lineCount
    }
  }

  /// How long the text of the first part is, which is its table's by now: where the last row's ends.
  private func firstText(of rows: UnsafeMutableRawPointer, _ count: Int) -> Int {
    guard count > 0 else { return 0 }
    let last = rows + (count - 1) * TableLayout.rowSize
    let end = TableLayout.Row.ends + 4 * (TextField.allCases.count - 1)
    return Int(last.word(TableLayout.Row.text)) + Int(last.word(end))
  }

  /// Adds to one number of each entry.
  private func shift(
    _ first: UnsafeMutableRawPointer, _ count: Int, _ size: Int, _ offset: Int, _ distance: Int
  ) {
    let distance = UInt32(truncatingIfNeeded: distance)
    for position in 0..<count {
      let place = position * size + offset
      first.set(first.word(place) &+ distance, at: place)
    }
  }

  /// Gives each name one symbol, in the order of rows and then provisions, and chains what belongs to it; returns
  /// their number; nil where too many names fall into the same slots.
  private func intern() -> Int? {
    typealias Row = TableLayout.Row
    typealias Entry = TableLayout.Provision
    typealias Symbol = TableLayout.Symbol
    var count = 0
    let rows = base + layout.rows
    for row in 0..<layout.rowCount {
      let place = rows + row * TableLayout.rowSize
      guard
        let symbol = self.symbol(
          text: place.word(Row.text), length: place.word(Row.ends), hash: place.word(Row.symbol),
          &count)
      else { return nil }
      place.set(symbol, at: Row.symbol)
    }
    let provisions = base + layout.provisions
    for entry in 0..<layout.provisionCount {
      let place = provisions + entry * TableLayout.provisionSize
      guard
        let symbol = self.symbol(
          text: place.word(Entry.text), length: place.word(Entry.nameLength),
          hash: place.word(Entry.next), &count)
      else { return nil }
      place.set(symbol, at: Entry.next)
    }
    // From the end, so that each chain runs forward.
    for row in (0..<layout.rowCount).reversed() {
      let place = rows + row * TableLayout.rowSize
      let symbol = self.symbol(place.word(Row.symbol))
      place.set(symbol.word(Symbol.row), at: Row.next)
      symbol.set(UInt32(truncatingIfNeeded: row), at: Symbol.row)
    }
    for entry in (0..<layout.provisionCount).reversed() {
      let place = provisions + entry * TableLayout.provisionSize
      let symbol = self.symbol(place.word(Entry.next))
      place.set(symbol.word(Symbol.provision), at: Entry.next)
      symbol.set(UInt32(truncatingIfNeeded: entry), at: Symbol.provision)
    }
    return count
  }

  private func symbol(_ number: UInt32) -> UnsafeMutableRawPointer {
    base + layout.symbols + Int(number) * TableLayout.symbolSize
  }

  /// The number of a name's symbol, which is made where there is none; nil where no slot was found for it.
  @inline(__always)
  private func symbol(text: UInt32, length: UInt32, hash: UInt32, _ count: inout Int) -> UInt32? {
    let mask = layout.slotCount - 1
    let texts = base + layout.text
    var slot = Int(hash) & mask
    for _ in 0..<TableLayout.probeLimit {
      let place = base + layout.slots + slot * TableLayout.slotSize
      let number = place.word(4)
      if number == 0 {
        place.set(hash, at: 0)
        place.set(UInt32(truncatingIfNeeded: count + 1), at: 4)
        let new = symbol(UInt32(truncatingIfNeeded: count))
        new.set(text, at: TableLayout.Symbol.text)
        new.set(length, at: TableLayout.Symbol.length)
        new.set(TableLayout.none, at: TableLayout.Symbol.row)
        new.set(TableLayout.none, at: TableLayout.Symbol.provision)
        count += 1
        return UInt32(truncatingIfNeeded: count - 1)
      }
      if place.word(0) == hash {
        let other = symbol(number - 1)
        if other.word(TableLayout.Symbol.length) == length,
          memcmp(
            texts + Int(other.word(TableLayout.Symbol.text)), texts + Int(text), Int(length)) == 0
        {
          return number - 1
        }
      }
      slot = (slot + 1) & mask
    }
    return nil
  }

  private func writeHeader(_ layout: TableLayout, format: IndexFormat, requiresPackageFiles: Bool) {
    typealias Header = TableLayout.Header
    base.set(TableLayout.magic, at: Header.magic)
    base.set(TableLayout.version, at: Header.version)
    base.set(format.rawValue, at: Header.distribution)
    base.set(requiresPackageFiles ? 1 : 0 as UInt32, at: Header.mode)
    base.set(UInt32(truncatingIfNeeded: layout.rowCount), at: Header.rows)
    base.set(UInt32(truncatingIfNeeded: layout.provisionCount), at: Header.provisions)
    base.set(UInt32(truncatingIfNeeded: layout.slotCount), at: Header.slots)
    base.set(UInt32(truncatingIfNeeded: layout.textCount), at: Header.text)
    base.set(UInt32(truncatingIfNeeded: layout.symbolCount), at: Header.symbols)
    let checked = UnsafeRawBufferPointer(
      start: base + Header.checked, count: layout.end - Header.checked)
    base.set(tableChecksum(checked), at: Header.checksum)
  }
}
