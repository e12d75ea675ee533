/// Where and how the bytes of two files differ, in a few lines.
enum ContentDetail {
  /// How many lines of a text are told.
  private static let mostLines = 3
  /// Longer files are not looked at as texts, in bytes.
  private static let textLimit = 1 << 20
  /// Of one line, in bytes.
  private static let lineLimit = 100

  /// nil where they are the same.
  static func lines(expected: [UInt8], found: [UInt8]) -> [String]? {
    guard let offset = firstDifference(expected, found) else { return nil }
    if let expected = textLines(expected), let found = textLines(found) {
      let lines = changedLines(expected, found)
      if !lines.isEmpty { return lines }
    }
    let place = "first difference at byte \(offset) of \(expected.count)"
    guard offset < expected.count, offset < found.count else {
      let isShort = found.count <= offset
      return ["\(place): the found one \(isShort ? "ends there" : "goes on")"]
    }
    return ["\(place): expected \(bytes(expected, offset)), found \(bytes(found, offset))"]
  }

  /// nil where they are the same; the shorter one's end where it is the beginning of the other.
  private static func firstDifference(_ left: [UInt8], _ right: [UInt8]) -> Int? {
    let count = min(left.count, right.count)
    let offset = left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        (0..<count).first { left[$0] != right[$0] }
      }
    }
    return offset ?? (left.count == right.count ? nil : count)
  }

  /// nil where it is no text.
  private static func textLines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>]? {
    guard bytes.count <= textLimit,
      bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A || $0 == 0x09 }),
      String(validating: bytes, as: UTF8.self) != nil
    else { return nil }
    return bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
  }

  /// What is left of two texts without the lines at the beginning and the end that they share.
  private static func changedLines(
    _ expected: [ArraySlice<UInt8>], _ found: [ArraySlice<UInt8>]
  ) -> [String] {
    let start = zip(expected, found).prefix { $0 == $1 }.count
    let left = expected.dropFirst(start)
    let right = found.dropFirst(start)
    let end = zip(left.reversed(), right.reversed()).prefix { $0 == $1 }.count
    let gone = left.dropLast(end)
    let come = right.dropLast(end)
    var result = ["at line \(start + 1):"]
    result += gone.prefix(mostLines).map { "- " + quoted($0) }
    if gone.count > mostLines { result.append("- and \(gone.count - mostLines) more lines") }
    result += come.prefix(mostLines).map { "+ " + quoted($0) }
    if come.count > mostLines { result.append("+ and \(come.count - mostLines) more lines") }
    return result
  }

  /// In quotation marks, whole: what differs may stand at the end.
  static func quoted(_ text: String) -> String { "\"" + text + "\"" }

  /// In quotation marks, cut to a length that a line can hold.
  static func quoted(_ bytes: ArraySlice<UInt8>) -> String {
    let text = String(decoding: bytes.prefix(lineLimit), as: UTF8.self)
    return "\"" + text + (bytes.count > lineLimit ? "…" : "") + "\""
  }

  private static func bytes(_ bytes: [UInt8], _ offset: Int) -> String {
    bytes[offset...].prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
      .joined(separator: " ")
  }
}
