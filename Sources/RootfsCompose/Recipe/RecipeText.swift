/// Classes of bytes, and text as messages show it.
enum RecipeText {
  static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  static func isLowercase(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }
  static func isLetter(_ byte: UInt8) -> Bool {
    isLowercase(byte) || (0x41...0x5a).contains(byte)
  }
  static func isHexadecimal(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x61...0x66).contains(byte) || (0x41...0x46).contains(byte)
  }

  /// Whether all bytes are letters, digits or one of `others`.
  static func isWord(_ text: some StringProtocol, or others: String) -> Bool {
    text.utf8.allSatisfy { isLetter($0) || isDigit($0) || others.utf8.contains($0) }
  }

  static func holdsControl(_ text: String) -> Bool {
    text.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }

  /// The lines without their ends. A character may be CR LF, so characters cannot be split at LF.
  static func lines(of text: String) -> [Substring] {
    text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      Substring(line.last == "\r" ? line.dropLast() : line)
    }
  }

  /// Text in quotes: control characters escaped, cut after 80 characters.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for (index, scalar) in text.unicodeScalars.enumerated() {
      if index == 80 { return result + "…\"" }
      switch scalar {
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      default:
        if scalar.properties.generalCategory == .control {
          result += "\\u{" + String(scalar.value, radix: 16) + "}"
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}
