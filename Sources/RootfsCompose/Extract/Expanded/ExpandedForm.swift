#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The form in which the store keeps a decoded package: the contents of its files, then a table of all else, then a
/// footer. Numbers are little-endian.
enum ExpandedForm {
  /// Raised whenever the form changes, or what unpacking makes of a package or accepts.
  static let version = 1

  /// Bytes of the table. A package with more is decoded each time.
  static let tableLimit = 1 << 30

  /// The file's last bytes: a mark, the lengths of the contents and of the table, and the CRC-32 of the table and of the
  /// footer up to it, each in eight bytes.
  struct Footer: Equatable {
    static let size = 32
    private static let mark = UInt64(littleEndian: 0x0a31_7067_6b69_6864)

    let contents: UInt64
    let table: UInt64
    let checksum: UInt32

    init(contents: Int64, table: UnsafeRawBufferPointer) {
      self.contents = UInt64(contents)
      self.table = UInt64(table.count)
      checksum = Self.checksum(of: table, contents: self.contents)
    }

    /// Reads the footer of a file of `fileSize` bytes; nil where it does not fit it.
    init?(_ bytes: UnsafeRawBufferPointer, fileSize: Int64) {
      guard bytes.count == Self.size, fileSize >= Int64(Self.size) else { return nil }
      func number(_ index: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
      }
      contents = number(1)
      table = number(2)
      let (size, overflow) = contents.addingReportingOverflow(table)
      guard number(0) == Self.mark, !overflow, table <= UInt64(tableLimit),
        size == UInt64(fileSize) - UInt64(Self.size), let checksum = UInt32(exactly: number(3))
      else { return nil }
      self.checksum = checksum
    }

    func vouches(for table: UnsafeRawBufferPointer) -> Bool {
      Self.checksum(of: table, contents: contents) == checksum
    }

    var bytes: [UInt8] {
      Self.start(contents: contents, table: table) + Self.bytes(UInt64(checksum))
    }

    private static func checksum(of table: UnsafeRawBufferPointer, contents: UInt64) -> UInt32 {
      start(contents: contents, table: UInt64(table.count)).withUnsafeBytes {
        ContentChecksum.extend(ContentChecksum.extend(0, with: table), with: $0)
      }
    }

    private static func start(contents: UInt64, table: UInt64) -> [UInt8] {
      bytes(mark) + bytes(contents) + bytes(table)
    }

    private static func bytes(_ number: UInt64) -> [UInt8] {
      withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
  }
}

/// What a kept package was made from and how, as far as its name in the store does not say it.
struct ExpandedKey: Equatable {
  /// The SHA-256 of the package's file in hexadecimal digits.
  let digest: String
  /// The checksum that vouched for an Alpine package; nil of one of Debian's.
  let checksum: String?
}

/// The kinds of entries in the table. Numbers are never used anew.
enum ExpandedKind: UInt8 {
  case directory = 1
  case regular = 2
  case symlink = 3
  case characterDevice = 4
  case blockDevice = 5
  case fifo = 6

  init(_ kind: FileEntry.Kind) {
    self =
      switch kind {
      case .directory: .directory
      case .regular: .regular
      case .symlink: .symlink
      case .characterDevice: .characterDevice
      case .blockDevice: .blockDevice
      case .fifo: .fifo
      }
  }
}

/// What an entry in the table has beside what every entry has.
struct ExpandedFlags: OptionSet {
  let rawValue: UInt8

  static let linkGroup = ExpandedFlags(rawValue: 1)
  static let attributes = ExpandedFlags(rawValue: 2)
  static let checksum = ExpandedFlags(rawValue: 4)
  static let owners = ExpandedFlags(rawValue: 8)
  static let all: ExpandedFlags = [.linkGroup, .attributes, .checksum, .owners]
}
