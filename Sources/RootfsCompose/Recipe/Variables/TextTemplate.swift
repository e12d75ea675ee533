/// Text cut at its references: `${NAME}`, and `#{ expression }`.
struct TextTemplate {
  enum Part: Equatable {
    case literal(String)
    /// `${…}`, with what stands inside.
    case reference(String)
    /// `#{…}`, with what stands inside.
    case expression(String)
  }

  /// In bytes. What is longer is literal, so that a row of open braces costs no more than it is long.
  static let maximumReference = 512

  private(set) var parts: [Part] = []

  /// What has no closing brace is literal. Quotes inside an expression hide braces.
  init(_ text: String) {
    let bytes = Array(text.utf8)
    var start = 0
    var index = 0
    var closing = 0
    while index + 1 < bytes.count {
      let isExpression = bytes[index] == UInt8(ascii: "#")
      guard isExpression || bytes[index] == UInt8(ascii: "$"),
        bytes[index + 1] == UInt8(ascii: "{"),
        Self.advance(&closing, past: index, in: bytes),
        let end = Self.end(of: bytes, from: index + 2, quotes: isExpression)
      else {
        index += 1
        continue
      }
      append(bytes[start..<index])
      let inside = String(decoding: bytes[(index + 2)..<end], as: UTF8.self)
      parts.append(isExpression ? .expression(inside) : .reference(inside))
      index = end + 1
      start = index
    }
    append(bytes[start...])
  }

  private mutating func append(_ literal: ArraySlice<UInt8>) {
    if !literal.isEmpty { parts.append(.literal(String(decoding: literal, as: UTF8.self))) }
  }

  /// Moves to the first closing brace after an index; false where it is too far away to belong to it.
  private static func advance(_ closing: inout Int, past index: Int, in bytes: [UInt8]) -> Bool {
    closing = max(closing, index)
    while closing < bytes.count, bytes[closing] != UInt8(ascii: "}") { closing += 1 }
    return closing < bytes.count && closing - index <= maximumReference
  }

  private static func end(of bytes: [UInt8], from start: Int, quotes: Bool) -> Int? {
    var quote: UInt8?
    for index in start..<min(bytes.count, start + maximumReference) {
      let byte = bytes[index]
      if let open = quote {
        if byte == open { quote = nil }
      } else if quotes && (byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")) {
        quote = byte
      } else if byte == UInt8(ascii: "}") {
        return index
      }
    }
    return nil
  }

  static func source(of part: Part) -> String {
    switch part {
    case .literal(let text): text
    case .reference(let name): "${" + name + "}"
    case .expression(let text): "#{" + text + "}"
    }
  }
}
