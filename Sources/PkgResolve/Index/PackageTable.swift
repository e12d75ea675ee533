/// The distribution whose index a ``PackageTable`` holds.
public enum IndexFormat: UInt32, Sendable {
  /// A Debian `Packages` file.
  case debian = 1
  /// An Alpine `APKINDEX`.
  case alpine = 2
}

/// One index as parsed: one run of bytes that needs no work to be read from a file again.
///
/// It is a collection of its records, in the order of the index. See ``TableLayout`` for the form of the bytes, and
/// ``PackageIndex`` and ``AlpineIndex`` for what makes one.
public final class PackageTable: Sendable {
  /// Part of the key of kept tables: those of another version cannot be read.
  public static let formatVersion = Int(TableLayout.version)

  public let origin: PackageOrigin
  public let format: IndexFormat
  /// Whether every record was required to name its package file, with size and digest.
  public let requiresPackageFiles: Bool

  let layout: TableLayout
  let owner: TableBytes
  // Safe to share: the owner keeps it alive, and nobody writes to it.
  nonisolated(unsafe) let base: UnsafeRawPointer

  /// Takes bytes that are known to hold together; see `init(kept:origin:)` for others.
  init(
    _ owner: TableBytes, base: UnsafeRawPointer, layout: TableLayout, format: IndexFormat,
    requiresPackageFiles: Bool, origin: PackageOrigin
  ) {
    self.owner = owner
    self.base = base
    self.layout = layout
    self.format = format
    self.requiresPackageFiles = requiresPackageFiles
    self.origin = origin
  }

  /// The same records under another origin.
  public func with(_ origin: PackageOrigin) -> PackageTable {
    PackageTable(
      owner, base: base, layout: layout, format: format,
      requiresPackageFiles: requiresPackageFiles, origin: origin)
  }

  /// The form that `init(kept:origin:)` reads. Equal indexes give equal bytes.
  public func withKeptBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(start: base, count: layout.end))
  }

  /// The same, copied.
  public var keptBytes: [UInt8] { withKeptBytes { Array($0) } }

  @inline(__always) func word(_ offset: Int) -> UInt32 {
    UInt32(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  @inline(__always) func longWord(_ offset: Int) -> UInt64 {
    UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// Where the fixed part of a row starts.
  @inline(__always) func rowOffset(_ row: Int) -> Int {
    precondition(row >= 0 && row < layout.rowCount)
    return layout.rows + row * TableLayout.rowSize
  }

  /// The bytes of one text of a row; they live as long as the table.
  @inline(__always) func text(_ field: TextField, row: Int) -> UnsafeRawBufferPointer {
    let offset = rowOffset(row)
    let ends = offset + TableLayout.Row.ends + 4 * field.rawValue
    let start = field.rawValue == 0 ? 0 : Int(word(ends - 4))
    let count = Int(word(ends)) - start
    return text(Int(word(offset + TableLayout.Row.text)) + start, count)
  }

  @inline(__always) func text(_ start: Int, _ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + layout.text + start, count: count)
  }

  func string(_ field: TextField, row: Int) -> String {
    String(decoding: text(field, row: row), as: UTF8.self)
  }
}

extension PackageTable: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { layout.rowCount }
  public subscript(row: Int) -> PackageRecord {
    precondition(row >= 0 && row < layout.rowCount)
    return PackageRecord(table: self, row: row)
  }
}
