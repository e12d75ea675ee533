extension PackageTable {
  /// Reads the form that ``withKeptBytes(_:)`` gives.
  ///
  /// Throws ``ResolveError`` with code `invalidIndex` where the bytes are damaged, of another version, or do not hold
  /// together: whatever they are, reading a table that was accepted ends and stays within them.
  public convenience init(kept owner: TableBytes, origin: PackageOrigin) throws(ResolveError) {
    let bytes = owner.buffer
    func damaged(_ what: String) -> ResolveError {
      ResolveError(
        .invalidIndex, origin.name, "the kept index \(what); it must be made from the index again")
    }
    typealias Header = TableLayout.Header
    guard bytes.count >= TableLayout.headerSize, let base = bytes.baseAddress else {
      throw damaged("is cut short")
    }
    func word(_ offset: Int) -> UInt32 {
      UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
    func longWord(_ offset: Int) -> UInt64 {
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    guard longWord(Header.magic) == TableLayout.magic else { throw damaged("is something else") }
    guard word(Header.version) == TableLayout.version,
      let format = IndexFormat(rawValue: word(Header.distribution))
    else { throw damaged("is of another version") }
    let layout = TableLayout(
      rowCount: Int(word(Header.rows)), provisionCount: Int(word(Header.provisions)),
      slotCount: Int(word(Header.slots)), textCount: Int(word(Header.text)),
      symbolCount: Int(word(Header.symbols)))
    guard layout.end == bytes.count, layout.slotCount.nonzeroBitCount == 1 else {
      throw damaged("is cut short")
    }
    guard
      tableChecksum(UnsafeRawBufferPointer(rebasing: bytes[Header.checked...]))
        == longWord(Header.checksum)
    else { throw damaged("is damaged") }
    self.init(
      owner, base: base, layout: layout, format: format,
      requiresPackageFiles: word(Header.mode) == 1, origin: origin)
    guard holdsTogether else { throw damaged("is damaged") }
  }

  /// Whether every number that leads somewhere leads into the table, and every chain forward.
  private var holdsTogether: Bool {
    rowsHoldTogether && provisionsHoldTogether && namesHoldTogether
  }

  private var rowsHoldTogether: Bool {
    typealias Row = TableLayout.Row
    let symbols = UInt32(layout.symbolCount)
    let text = UInt64(layout.textCount)
    // No text stands twice, so that all rows together are no longer than the text: what is read of them stays bounded.
    var total: UInt64 = 0
    var good = true
    for row in 0..<layout.rowCount {
      let offset = layout.rows + row * TableLayout.rowSize
      good = good && word(offset + Row.symbol) < symbols
      good = good && leadsOn(word(offset + Row.next), from: row, limit: layout.rowCount)
      var last: UInt32 = 0
      for field in 0..<TextField.allCases.count {
        let end = word(offset + Row.ends + 4 * field)
        good = good && last <= end
        last = end
      }
      good = good && UInt64(word(offset + Row.text)) + UInt64(last) <= text
      total += UInt64(last)
      if !good { return false }
    }
    return total <= text
  }

  private var provisionsHoldTogether: Bool {
    typealias Entry = TableLayout.Provision
    var total: UInt64 = 0
    for entry in 0..<layout.provisionCount {
      let offset = layout.provisions + entry * TableLayout.provisionSize
      let length = word(offset + Entry.itemLength)
      let end = UInt64(word(offset + Entry.text)) + UInt64(length)
      guard word(offset + Entry.row) < UInt32(layout.rowCount), end <= UInt64(layout.textCount),
        word(offset + Entry.nameLength) <= length,
        leadsOn(word(offset + Entry.next), from: entry, limit: layout.provisionCount)
      else { return false }
      total += UInt64(length)
    }
    return total <= UInt64(layout.textCount)
  }

  private var namesHoldTogether: Bool {
    typealias Symbol = TableLayout.Symbol
    for slot in 0..<layout.slotCount
    where word(layout.slots + slot * TableLayout.slotSize + 4) > UInt32(layout.symbolCount) {
      return false
    }
    var total: UInt64 = 0
    for symbol in 0..<layout.symbolCount {
      let offset = layout.symbols + symbol * TableLayout.symbolSize
      let length = UInt64(word(offset + Symbol.length))
      let end = UInt64(word(offset + Symbol.text)) + length
      guard end <= UInt64(layout.textCount),
        leadsOn(word(offset + Symbol.row), from: -1, limit: layout.rowCount),
        leadsOn(word(offset + Symbol.provision), from: -1, limit: layout.provisionCount)
      else { return false }
      total += length
    }
    return total <= UInt64(layout.textCount)
  }

  @inline(__always)
  private func leadsOn(_ next: UInt32, from current: Int, limit: Int) -> Bool {
    next == TableLayout.none || (Int(next) > current && Int(next) < limit)
  }
}
