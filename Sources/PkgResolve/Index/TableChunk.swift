/// What one part of an index was parsed to. Rows, lines and texts are counted from the start of the part; in place of
/// its symbol, each row and provision has the hash of its name.
final class TableChunk {
  var bytes: ChunkBytes
  let lineCount: Int

  init(_ bytes: consuming ChunkBytes, lineCount: Int) {
    self.bytes = bytes
    self.lineCount = lineCount
  }
}

/// The sections of a ``TableChunk`` while it is made.
struct ChunkBytes: ~Copyable {
  var rows: GrowingBytes
  var provisions = GrowingBytes(capacity: 0)
  /// After room for a table's header: the first part's text becomes the table.
  var text: GrowingBytes

  /// `size`: of the part, in bytes. No text stands twice, so that the part's size is enough for all of them.
  init(size: Int) {
    rows = GrowingBytes(capacity: size / 700 * TableLayout.rowSize)
    text = GrowingBytes(capacity: TableLayout.headerSize + size)
    _ = text.extend(by: TableLayout.headerSize)
  }

  var rowCount: Int { rows.count / TableLayout.rowSize }
  var provisionCount: Int { provisions.count / TableLayout.provisionSize }
  @inline(__always) var textCount: Int { text.count - TableLayout.headerSize }

  /// Adds a row that has no text yet; the texts are added in the order of ``TextField``, all of them.
  mutating func addRow(of origin: PackageOrigin) throws(ResolveError) -> UnsafeMutableRawPointer {
    guard rowCount < TableLayout.countLimit else { throw TableAssembly.tooMany(origin) }
    let row = rows.extend(by: TableLayout.rowSize)
    row.initializeMemory(as: UInt8.self, repeating: 0, count: TableLayout.rowSize)
    row.set(UInt32(truncatingIfNeeded: textCount), at: TableLayout.Row.text)
    return row
  }

  /// Adds a provision of the row added last.
  mutating func addProvision(
    text: Int, nameLength: Int, itemLength: Int, hash: UInt32, of origin: PackageOrigin
  ) throws(ResolveError) {
    guard provisionCount < TableLayout.countLimit else { throw TableAssembly.tooMany(origin) }
    typealias Entry = TableLayout.Provision
    let entry = provisions.extend(by: TableLayout.provisionSize)
    entry.set(UInt32(truncatingIfNeeded: rowCount - 1), at: Entry.row)
    entry.set(UInt32(truncatingIfNeeded: text), at: Entry.text)
    entry.set(UInt32(truncatingIfNeeded: nameLength), at: Entry.nameLength)
    entry.set(UInt32(truncatingIfNeeded: itemLength), at: Entry.itemLength)
    entry.set(hash, at: Entry.next)
  }
}
