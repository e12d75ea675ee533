/// Text as it may stand in an element or in a quoted attribute.
enum HTMLText {
  /// More of one text is cut off, in characters: no name or value in an image needs as much.
  private static let maximumLength = 4000

  /// Markup's own signs become references. What a browser or a reader's eye would obey is written out as `\u{202e}`:
  /// control characters, those that turn or hide the text around them, and those that HTML does not allow.
  ///
  /// Source: WHATWG HTML, 13.1.2.3, 13.1.4; Unicode general categories Cc, Cf, Zl, Zp.
  static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count + 16)
    var left = maximumLength
    for scalar in text.unicodeScalars {
      guard left > 0 else {
        result += "…"
        break
      }
      left -= 1
      append(scalar, to: &result)
    }
    return result
  }

  private static func append(_ scalar: Unicode.Scalar, to result: inout String) {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case " "..."~": result.unicodeScalars.append(scalar)
    default:
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
