/// What one part of an index was parsed to. Rows, lines and texts are counted from the start of the part; in place of
/// its symbol, each row and provision has the hash of its name.
final class TableChunk {
  var rows: GrowingBytes
  var provisions = GrowingBytes(capacity: 0)
  var text: GrowingBytes
  var lineCount = 0

  /// `size`: of the part, in bytes. No text stands twice, so that the part's size is enough for all of them.
  init(size: Int) {
    rows = GrowingBytes(capacity: size / 800 * TableLayout.rowSize)
    text = GrowingBytes(capacity: size)
  }

  var rowCount: Int { rows.count / TableLayout.rowSize }
  var provisionCount: Int { provisions.count / TableLayout.provisionSize }

  /// Adds a row that has no text yet; the texts are added in the order of ``TextField``, all of them.
  func addRow() -> UnsafeMutableRawPointer {
    let row = rows.extend(by: TableLayout.rowSize)
    row.initializeMemory(as: UInt8.self, repeating: 0, count: TableLayout.rowSize)
    row.set(UInt32(truncatingIfNeeded: text.count), at: TableLayout.Row.text)
    return row
  }

  /// Adds a provision of the row added last.
  func addProvision(text: Int, nameLength: Int, itemLength: Int, hash: UInt32) {
    typealias Entry = TableLayout.Provision
    let entry = provisions.extend(by: TableLayout.provisionSize)
    entry.set(UInt32(truncatingIfNeeded: rowCount - 1), at: Entry.row)
    entry.set(UInt32(truncatingIfNeeded: text), at: Entry.text)
    entry.set(UInt32(truncatingIfNeeded: nameLength), at: Entry.nameLength)
    entry.set(UInt32(truncatingIfNeeded: itemLength), at: Entry.itemLength)
    entry.set(hash, at: Entry.next)
  }
}
