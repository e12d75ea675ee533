/// Where things stand in the bytes of a ``PackageTable``.
///
/// A header, then five sections one after the other: text, rows, provisions, slots and symbols, the rows at a multiple of
/// eight. Their counts alone say where each starts. All numbers are little-endian and 32 bits wide where nothing else
/// is said; `none` stands for no row, no provision or no size.
///
/// - A row is one package, in the order of the index.
/// - A provision is one name that a package provides.
/// - A symbol is one name, of packages or provided, with the first of its rows and the first of its provisions; each
///   of these names the next, which always stands after it.
/// - Slots are a hash table over the symbols, probed one after the other: the name's hash, and the symbol's number
///   counted from 1, or 0 where the slot is free.
struct TableLayout: Equatable {
  static let none = UInt32.max
  /// "dhi-pkgs" in memory.
  static let magic: UInt64 = 0x7367_6b70_2d69_6864
  /// Changes with every change of what the parsers accept or how a table is laid out.
  static let version: UInt32 = 2

  static let headerSize = 64
  static let rowSize = 128
  static let provisionSize = 20
  static let slotSize = 8
  static let symbolSize = 16

  /// Byte offsets within the header.
  enum Header {
    static let magic = 0
    static let version = 8
    static let distribution = 12
    static let checksum = 16
    /// From here on, bytes count towards the checksum.
    static let checked = 24
    static let mode = 24
    static let rows = 28
    static let provisions = 32
    static let slots = 36
    static let text = 40
    static let symbols = 44
  }

  /// Byte offsets within a row.
  enum Row {
    static let symbol = 0
    static let next = 4
    static let line = 8
    static let flags = 12
    /// 64 bits wide, in bytes.
    static let size = 16
    /// 64 bits wide, in bytes; all ones where it is not known.
    static let installedSize = 24
    static let providerPriority = 32
    static let replacesPriority = 36
    static let text = 40
    /// One for each ``TextField``: where its text ends, counted from the start of the row's text.
    static let ends = 44
    /// 32 bytes.
    static let digest = 96
  }

  /// Byte offsets within a provision.
  enum Provision {
    static let row = 0
    /// Where the item starts in the text: `libssl3:any (= 3.5)`, `so:libssl.so.3=3.5`.
    static let text = 4
    static let nameLength = 8
    static let itemLength = 12
    static let next = 16
  }

  /// Byte offsets within a symbol.
  enum Symbol {
    static let text = 0
    static let length = 4
    static let row = 8
    static let provision = 12
  }

  /// Parts of a row's flags.
  enum Flags {
    static let multiArch: UInt32 = 0b11
    static let priorityShift: UInt32 = 2
    static let priority: UInt32 = 0b111
    static let essential: UInt32 = 1 << 5
    static let hasDigest: UInt32 = 1 << 6
    static let hasUnknownField: UInt32 = 1 << 7
    /// The file name's text is its folder only; what follows is `/NAME_VERSION_ARCHITECTURE.deb`, without the epoch.
    static let hasUsualFilename: UInt32 = 1 << 8
  }

  var rowCount: Int
  var provisionCount: Int
  /// A power of two, more than twice the number of symbols.
  var slotCount: Int
  var textCount: Int
  var symbolCount: Int

  var text: Int { Self.headerSize }
  var rows: Int { (text + textCount + 7) & ~7 }
  var provisions: Int { rows + rowCount * Self.rowSize }
  var slots: Int { provisions + provisionCount * Self.provisionSize }
  var symbols: Int { slots + slotCount * Self.slotSize }
  var end: Int { symbols + symbolCount * Self.symbolSize }

  /// No index has more packages, nor provides more names: short records would need far more memory than their text.
  static let countLimit = 1 << 21
  /// No name is looked for in more slots. Even of two million names, hardly one needs a tenth of them, unless someone
  /// chose them so that they fall into the same slots.
  static let probeLimit = 1024

  /// The number of slots for at most that many symbols.
  static func slotCount(symbols: Int) -> Int {
    var count = 8
    while count <= 2 * symbols { count *= 2 }
    return count
  }
}

/// The texts of a row, in the order in which they follow each other.
enum TextField: Int, CaseIterable {
  case name, version, architecture, filename, source, checksum
  case depends, preDepends, conflicts, breaks, provides, replaces, installIf
}
