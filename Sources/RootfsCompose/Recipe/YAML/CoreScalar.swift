/// The types of plain scalars in YAML's core schema.
///
/// Source: YAML 1.2.2, §10.3.2. So `yes` and `2025-01-31` are text, and `0755` is the number 755.
enum CoreScalar {
  static func value(of text: String) -> RecipeNode.Value {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .boolean(true)
    case "false", "False", "FALSE": return .boolean(false)
    default: break
    }
    // Most scalars are words; only these bytes begin a number.
    guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else {
      return .text(text)
    }
    if isDecimal(text) {
      return Int64(text).map(RecipeNode.Value.integer) ?? .number(text)
    }
    if let integer = prefixed(text) { return integer }
    return isFloat(text) ? .number(text) : .text(text)
  }

  private static func unsigned(_ text: String) -> Substring.UTF8View {
    text.utf8.dropFirst(text.hasPrefix("+") || text.hasPrefix("-") ? 1 : 0)
  }

  private static func isDecimal(_ text: String) -> Bool {
    let digits = unsigned(text)
    return !digits.isEmpty && digits.allSatisfy(RecipeText.isDigit)
  }

  private static func prefixed(_ text: String) -> RecipeNode.Value? {
    let radix = text.hasPrefix("0o") ? 8 : text.hasPrefix("0x") ? 16 : 0
    guard radix != 0, text.utf8.count > 2 else { return nil }
    let digits = text.dropFirst(2)
    let valid = digits.utf8.allSatisfy {
      radix == 8 ? (0x30...0x37).contains($0) : RecipeText.isHexadecimal($0)
    }
    guard valid else { return nil }
    return Int64(digits, radix: radix).map(RecipeNode.Value.integer) ?? .number(text)
  }

  private static func isFloat(_ text: String) -> Bool {
    var rest = unsigned(text)
    if [".inf", ".Inf", ".INF"].contains(where: { rest.elementsEqual($0.utf8) }) { return true }
    if [".nan", ".NaN", ".NAN"].contains(text) { return true }
    let whole = rest.prefix(while: RecipeText.isDigit)
    rest = rest.dropFirst(whole.count)
    var fraction = 0
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      fraction = rest.prefix(while: RecipeText.isDigit).count
      rest = rest.dropFirst(fraction)
    }
    guard !whole.isEmpty || fraction > 0 else { return false }
    guard let mark = rest.first else { return true }
    guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { return false }
    rest = rest.dropFirst()
    if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") {
      rest = rest.dropFirst()
    }
    return !rest.isEmpty && rest.allSatisfy(RecipeText.isDigit)
  }
}
