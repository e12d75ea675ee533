extension PackageTable {
  /// The rows whose package has a name, in the order of the index.
  public func rows(named name: String) -> [Int] {
    guard let symbol = symbol(of: name) else { return [] }
    return rows(of: symbol)
  }

  /// One name that a package provides.
  public struct Provision: Sendable {
    public let row: Int
    /// As the index writes it, with all that follows the name: `libssl3 (= 3.5)`, `so:libssl.so.3=3.5`.
    public let item: String
  }

  /// Who provides a name, in the order of the index.
  public func provisions(of name: String) -> [Provision] {
    guard let symbol = symbol(of: name) else { return [] }
    var found = [Provision]()
    forEachProvision(of: symbol) { row, text in
      found.append(Provision(row: row, item: String(decoding: text, as: UTF8.self)))
    }
    return found
  }

  /// The names that packages have, those first that the index mentions first.
  public var packageNames: some Sequence<String> {
    (0..<layout.symbolCount).lazy
      .filter { self.firstRow(of: $0) != TableLayout.none }
      .map { String(decoding: self.name(of: $0), as: UTF8.self) }
  }

  /// The number that stands for a name in this table.
  func symbol(of name: String) -> Int? {
    var name = name
    return name.withUTF8 { name in
      guard let start = name.baseAddress else { return nil }
      let hash = tableHash(start, name.count)
      let mask = layout.slotCount - 1
      var slot = Int(hash) & mask
      // No name was ever put further from its place; a forged table may have no free slot to stop at.
      for _ in 0..<TableLayout.probeLimit {
        let offset = layout.slots + slot * TableLayout.slotSize
        let number = word(offset + 4)
        if number == 0 { return nil }
        if word(offset) == hash {
          let symbol = Int(number) - 1
          let other = self.name(of: symbol)
          if other.count == name.count && other.elementsEqual(name) { return symbol }
        }
        slot = (slot + 1) & mask
      }
      return nil
    }
  }

  func rows(of symbol: Int) -> [Int] {
    var found = [Int]()
    var row = firstRow(of: symbol)
    while row != TableLayout.none {
      found.append(Int(row))
      row = word(rowOffset(Int(row)) + TableLayout.Row.next)
    }
    return found
  }

  func forEachProvision(
    of symbol: Int, _ body: (_ row: Int, _ item: UnsafeRawBufferPointer) -> Void
  ) {
    typealias Entry = TableLayout.Provision
    var entry = word(symbolOffset(symbol) + TableLayout.Symbol.provision)
    while entry != TableLayout.none {
      let offset = layout.provisions + Int(entry) * TableLayout.provisionSize
      body(
        Int(word(offset + Entry.row)),
        text(Int(word(offset + Entry.text)), Int(word(offset + Entry.itemLength))))
      entry = word(offset + Entry.next)
    }
  }

  func firstRow(of symbol: Int) -> UInt32 {
    word(symbolOffset(symbol) + TableLayout.Symbol.row)
  }

  private func name(of symbol: Int) -> UnsafeRawBufferPointer {
    let offset = symbolOffset(symbol)
    return text(
      Int(word(offset + TableLayout.Symbol.text)), Int(word(offset + TableLayout.Symbol.length)))
  }

  private func symbolOffset(_ symbol: Int) -> Int {
    precondition(symbol >= 0 && symbol < layout.symbolCount)
    return layout.symbols + symbol * TableLayout.symbolSize
  }
}
