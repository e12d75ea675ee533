/// Reads a Debian `Packages` index.
///
/// Source: Debian repository format "Packages indices", deb822(5).
public enum PackageIndex {
  /// The longest index that is read, in bytes.
  public static let sizeLimit = 1 << 30

  /// The records of an index, in its order.
  ///
  /// Throws ``ResolveError`` with code `invalidIndex` and `origin.name:line` where a stanza is malformed, lacks a field
  /// that is needed (Package, Version, Architecture, Filename, Size, SHA256), or holds a value that cannot be right.
  /// Relationship fields are read later, with the records that are considered.
  public static func parse(_ bytes: [UInt8], origin: PackageOrigin) throws(ResolveError)
    -> [PackageRecord]
  {
    guard bytes.count <= sizeLimit else {
      throw ResolveError(
        .invalidIndex, origin.name, "is over \(sizeLimit >> 30) GiB; expected a Packages index")
    }
    let source = IndexSource(bytes: bytes, origin: origin)
    var records = [PackageRecord]()
    records.reserveCapacity(bytes.count / 700)
    var stanza = StanzaBuilder(source: source)
    var scanner = LineScanner()
    let text = bytes.span
    while let line = scanner.next(in: text) {
      if line.count == 0 {
        if let record = try stanza.finish() { records.append(record) }
      } else {
        try stanza.add(line, number: scanner.number, of: text)
      }
    }
    if let record = try stanza.finish() { records.append(record) }
    return records
  }
}

/// Walks over the lines of a text.
struct LineScanner {
  /// Number of the line last returned, from 1.
  private(set) var number = 0
  private var position = 0

  /// Start and length of the next line, without its line end; nil at the end.
  mutating func next(in bytes: Span<UInt8>) -> (start: Int, count: Int)? {
    guard position < bytes.count else { return nil }
    let start = position
    var end = start
    while end < bytes.count && bytes[end] != UInt8(ascii: "\n") { end += 1 }
    position = end + 1
    number += 1
    if end > start && bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return (start, end - start)
  }
}
