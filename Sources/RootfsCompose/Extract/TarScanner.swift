/// Reads the framing of a tar archive as its bytes pass by on their way to libarchive, for what libarchive hides:
/// the checksum that Alpine's packages give each file in a pax record. The files' own SHA-1 is taken on the way.
///
/// It is stricter than libarchive, so that the two cannot understand one archive differently: a form that Alpine's
/// tools do not write is refused. Source of the format: POSIX.1-2017, pax, "ustar Interchange Format" and "pax
/// Header"; tar(5) for GNU's long names; apk-v2(5) for the record.
final class TarScanner {
  struct Entry {
    /// The type flag: `0` file, `1` hard link, `2` symbolic link, `3` and `4` devices, `5` directory, `6` FIFO.
    let type: UInt8
    let size: Int64
    /// Whether its name begins with a dot: apk passes over such entries.
    let hasDotName: Bool
    /// The pax record APK-TOOLS.checksum.SHA1.
    let recorded: [UInt8]?
    /// From the header alone: apk does not read the pax records `uname` and `gname`.
    let owner: OwnerNames
    /// SHA-1 of a file's data.
    fileprivate(set) var computed: [UInt8]?
  }

  private enum Use { case file, pax, longName, passed }

  private enum State {
    case header
    case body(Use, left: Int64)
    case padding(left: Int)
    /// Behind the first zero block.
    case end(passed: Int)
  }

  private static let block = 512
  /// In bytes. Linux's longest path and attributes fit.
  private static let recordLimit: Int64 = 1 << 20
  /// Bytes of zeros behind the archive; tar fills up to 10 KiB.
  private static let endLimit = 1 << 20

  private(set) var entries = [Entry]()
  private let subject: String
  private let hasher: ChecksumHasher
  private var state = State.header
  /// The header, or a body that is kept.
  private var kept = [UInt8]()
  private var records = PaxRecordValues()
  private var longName: UInt8?
  private var bodySize: Int64 = 0

  init(subject: String) throws(ComposeError) {
    guard let hasher = ChecksumHasher(.sha1) else { throw ChecksumHasher.unavailable(subject) }
    self.hasher = hasher
    self.subject = subject
  }

  func consume(_ bytes: UnsafeRawBufferPointer) throws(ComposeError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      switch state {
      case .header:
        let piece = rest.prefix(Self.block - kept.count)
        kept += piece
        rest = rest.dropFirst(piece.count)
        if kept.count == Self.block { try readHeader() }
      case .body(let use, let left):
        let piece = rest.prefix(Int(clamping: left))
        rest = rest.dropFirst(piece.count)
        switch use {
        case .file: hasher.update(UnsafeRawBufferPointer(rebasing: piece))
        case .pax, .longName: kept += piece
        case .passed: break
        }
        try advance(use, left: left - Int64(piece.count))
      case .padding(let left):
        let count = min(left, rest.count)
        rest = rest.dropFirst(count)
        state = left == count ? .header : .padding(left: left - count)
      case .end(let passed):
        guard rest.allSatisfy({ $0 == 0 }), rest.count <= Self.endLimit - passed else {
          throw fault("has bytes behind its end; expected zeros up to a block of 10 KiB")
        }
        state = .end(passed: passed + rest.count)
        rest = rest.dropFirst(rest.count)
      }
    }
  }

  /// Says that no byte follows.
  func finish() throws(ComposeError) {
    switch state {
    case .end: return
    case .header where kept.isEmpty && !records.isPending && longName == nil: return
    default: throw fault("ends inside an entry")
    }
  }

  private func fault(_ what: String) -> ComposeError {
    ComposeError(.invalidArchive, subject, "its data member's tar archive \(what)")
  }

  private func advance(_ use: Use, left: Int64) throws(ComposeError) {
    guard left == 0 else {
      state = .body(use, left: left)
      return
    }
    switch use {
    case .file: entries[entries.count - 1].computed = hasher.finish()
    case .pax:
      guard let values = PaxRecordValues(kept) else {
        throw fault("has a pax header that is malformed or gives a value twice")
      }
      guard !values.isSparse else {
        throw fault("has a sparse file, which apk does not know")
      }
      records = values
    case .longName: longName = kept.first
    case .passed: break
    }
    kept = []
    let over = Int(bodySize % Int64(Self.block))
    state = over == 0 ? .header : .padding(left: Self.block - over)
  }

  private func readHeader() throws(ComposeError) {
    let header = kept
    kept = []
    if header.allSatisfy({ $0 == 0 }) {
      guard !records.isPending, longName == nil else { throw fault("ends inside an entry") }
      state = .end(passed: 0)
      return
    }
    guard let stated = TarNumber.octal(header[124..<136]) else {
      throw fault("has a size that is no octal number")
    }
    let type =
      header[156] == 0 || header[156] == UInt8(ascii: "7") ? UInt8(ascii: "0") : header[156]
    switch type {
    case UInt8(ascii: "x"): try keep(.pax, size: stated)
    case UInt8(ascii: "L"): try keep(.longName, size: stated)
    // A long link target matters to libarchive alone, a global header to neither.
    case UInt8(ascii: "K"), UInt8(ascii: "g"): try keep(.passed, size: stated)
    case UInt8(ascii: "0")...UInt8(ascii: "6"):
      try readEntry(header, type: type, size: records.size ?? stated)
    default:
      let shown = (0x21...0x7e).contains(type) ? String(UnicodeScalar(type)) : "\(type)"
      throw fault("has an entry of type \(shown), which apk does not know")
    }
  }

  private func keep(_ use: Use, size: Int64) throws(ComposeError) {
    guard size > 0, size <= Self.recordLimit else {
      throw fault("has an extended header of \(size) bytes; expected 1 to \(Self.recordLimit)")
    }
    if use == .pax, records.isPending { throw fault("has two pax headers for one entry") }
    bodySize = size
    state = .body(use, left: size)
  }

  private func readEntry(_ header: [UInt8], type: UInt8, size: Int64) throws(ComposeError) {
    let isFile = type == UInt8(ascii: "0")
    guard isFile || size == 0 else {
      throw fault("has a directory, link or device with data of its own")
    }
    // The prefix stands before the name where there is one. Source: POSIX.1-2017, pax, "ustar Interchange Format".
    let short = header[345] != 0 && header[257..<263].elementsEqual("ustar\0".utf8)
    let first = records.nameStart ?? longName ?? (short ? header[345] : header[0])
    entries.append(
      Entry(
        type: type, size: size, hasDotName: first == UInt8(ascii: "."),
        recorded: records.checksum,
        owner: OwnerNames(
          user: Self.text(header[265..<297]), group: Self.text(header[297..<329])),
        computed: nil))
    records = PaxRecordValues()
    longName = nil
    bodySize = size
    guard isFile else {
      state = .header
      return
    }
    try advance(.file, left: size)
  }

  /// Up to the first NUL; empty where it is no UTF-8, which no account's name is.
  private static func text(_ field: ArraySlice<UInt8>) -> String {
    String(validating: field.prefix { $0 != 0 }, as: UTF8.self) ?? ""
  }
}

/// What a pax header says of its entry, as far as ``TarScanner`` needs it.
struct PaxRecordValues {
  /// Whether a header was read whose entry has not come yet.
  private(set) var isPending = false
  private(set) var size: Int64?
  private(set) var nameStart: UInt8?
  /// SHA-1, 20 bytes.
  private(set) var checksum: [UInt8]?
  private(set) var isSparse = false

  init() {}

  /// Reads records `LENGTH KEY=VALUE\n`, where LENGTH counts itself; nil where one is malformed or stands twice.
  init?(_ bytes: [UInt8]) {
    isPending = true
    var rest = bytes[...]
    var seen = Set<[UInt8]>()
    while !rest.isEmpty {
      let digits = rest.prefix { $0 != 0x20 }
      guard (1...8).contains(digits.count), let length = TarNumber.decimal(digits),
        length <= rest.count, length > digits.count + 1, rest[rest.startIndex + length - 1] == 0x0a
      else { return nil }
      let record = rest[(rest.startIndex + digits.count + 1)..<(rest.startIndex + length - 1)]
      guard let equals = record.firstIndex(of: UInt8(ascii: "=")), equals > record.startIndex,
        seen.insert(Array(record[..<equals])).inserted,
        take(String(decoding: record[..<equals], as: UTF8.self), record[(equals + 1)...])
      else { return nil }
      rest = rest[(rest.startIndex + length)...]
    }
  }

  private mutating func take(_ key: String, _ value: ArraySlice<UInt8>) -> Bool {
    switch key {
    case "size":
      guard let number = TarNumber.decimal(value) else { return false }
      size = Int64(number)
    case "path":
      guard let first = value.first else { return false }
      nameStart = first
    case "APK-TOOLS.checksum.SHA1":
      guard value.count == 40, let digest = hexadecimal(value) else { return false }
      checksum = digest
    default:
      if key.hasPrefix("GNU.sparse.") || key == "SCHILY.realsize" { isSparse = true }
    }
    return true
  }
}

/// The numbers in tar headers.
enum TarNumber {
  /// Octal digits, spaces before them, spaces or NULs after them; nil for anything else.
  static func octal(_ field: ArraySlice<UInt8>) -> Int64? {
    let digits = field.drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
    let rest = field[digits.endIndex...]
    guard !digits.isEmpty, rest.allSatisfy({ $0 == 0 || $0 == 0x20 }) else { return nil }
    // At most twelve digits, 36 bits.
    return digits.count > 20 ? nil : digits.reduce(0) { $0 << 3 | Int64($1 - 0x30) }
  }

  /// 1 to 18 decimal digits.
  static func decimal(_ digits: ArraySlice<UInt8>) -> Int? {
    guard (1...18).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }
}

/// The bytes that pairs of hexadecimal digits stand for; nil for anything else.
func hexadecimal(_ digits: some Collection<UInt8>) -> [UInt8]? {
  var values = [UInt8]()
  for digit in digits {
    switch digit {
    case 0x30...0x39: values.append(digit - 0x30)
    case 0x61...0x66: values.append(digit - 0x61 + 10)
    case 0x41...0x46: values.append(digit - 0x41 + 10)
    default: return nil
    }
  }
  guard values.count.isMultiple(of: 2) else { return nil }
  return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
}

/// Two lower-case hexadecimal digits a byte.
func hexadecimalText(_ bytes: [UInt8]) -> String {
  let digits = Array("0123456789abcdef".utf8)
  return String(
    decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
