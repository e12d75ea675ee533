extension ShellParser {
  private static let reserved: Set<String> = [
    "!", "{", "}", "if", "then", "elif", "else", "fi", "while", "until", "for", "in", "do", "done",
    "case", "esac",
  ]
  /// The bytes that reserved words begin with.
  private static let reservedStarts = reserved.compactMap(\.utf8.first).sorted()

  private static func endsWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"),
      UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "<"),
      UInt8(ascii: ">"), UInt8(ascii: "("), UInt8(ascii: ")"):
      true
    default: false
    }
  }

  /// The reserved word that stands here, if one does.
  func peekReserved() -> String? {
    guard position < bytes.count, Self.reservedStarts.contains(bytes[position]) else { return nil }
    var end = position
    while end < bytes.count, end - position < 6, !Self.endsWord(bytes[end]) { end += 1 }
    if end < bytes.count, !Self.endsWord(bytes[end]) { return nil }
    let word = String(decoding: bytes[position..<end], as: UTF8.self)
    return Self.reserved.contains(word) ? word : nil
  }

  mutating func expect(reserved word: String) throws(ShellSyntaxError) {
    skipBlank(andNewlines: true)
    guard peekReserved() == word else { throw failure("expected \(word)") }
    advance(word.utf8.count)
  }

  mutating func expect(_ byte: UInt8) throws(ShellSyntaxError) {
    skipBlank(andNewlines: true)
    guard current == byte else {
      throw failure("expected \(Character(Unicode.Scalar(byte)))")
    }
    advance()
  }

  /// Skips spaces, comments and escaped newlines; newlines, with the here-documents they bring, where asked.
  mutating func skipBlank(andNewlines: Bool) {
    while let byte = current {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): advance()
      case UInt8(ascii: "\\") where self.byte(ahead: 1) == UInt8(ascii: "\n"): advance(2)
      case UInt8(ascii: "#"):
        while let next = current, next != UInt8(ascii: "\n") { advance() }
      case UInt8(ascii: "\n") where andNewlines:
        advance()
        for document in pending { readBody(of: document) }
        pending = []
      default: return
      }
    }
  }

  private mutating func readBody(of document: ShellHereDocument) {
    var body: [UInt8] = []
    while position < bytes.count {
      var end = position
      while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
      var text = bytes[position..<end]
      if document.stripsTabs { text = text.drop { $0 == UInt8(ascii: "\t") } }
      advance(end - position + 1)
      if text.elementsEqual(document.delimiter) { break }
      body += text
      body.append(UInt8(ascii: "\n"))
    }
    if document.isLiteral {
      document.body = ShellWord(parts: [
        .literal(String(decoding: body, as: UTF8.self), isQuoted: true)
      ])
    } else {
      var inner = ShellParser(body, depth: depth, line: line)
      document.body =
        (try? inner.quoted(until: nil))
        ?? ShellWord(parts: [.opaque(String(decoding: body, as: UTF8.self))])
    }
  }

  /// A redirection, if one stands here.
  mutating func redirect() throws(ShellSyntaxError) -> ShellRedirect? {
    var digits = 0
    while let byte = byte(ahead: digits), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte),
      digits < 2
    { digits += 1 }
    guard let sign = byte(ahead: digits), sign == UInt8(ascii: "<") || sign == UInt8(ascii: ">")
    else { return nil }
    let isInput = sign == UInt8(ascii: "<")
    let number = Int(String(decoding: bytes[position..<(position + digits)], as: UTF8.self))
    advance(digits + 1)
    var kind: ShellRedirect.Kind = isInput ? .read : .write
    switch (isInput, current) {
    case (true, UInt8(ascii: "<")):
      advance()
      return try hereDocument(descriptor: number ?? 0)
    case (true, UInt8(ascii: "&")), (false, UInt8(ascii: "&")):
      kind = .duplicate
      advance()
    case (false, UInt8(ascii: ">")):
      kind = .append
      advance()
    case (false, UInt8(ascii: "|")), (true, UInt8(ascii: ">")): advance()
    default: break
    }
    skipBlank(andNewlines: false)
    guard let target = try word() else { throw failure("expected a file after a redirection") }
    return ShellRedirect(descriptor: number ?? (isInput ? 0 : 1), kind: kind, target: target)
  }

  private mutating func hereDocument(
    descriptor: Int
  ) throws(ShellSyntaxError) -> ShellRedirect {
    let stripsTabs = current == UInt8(ascii: "-")
    if stripsTabs { advance() }
    skipBlank(andNewlines: false)
    guard let word = try word() else { throw failure("expected a delimiter after <<") }
    var delimiter = ""
    var isLiteral = false
    for part in word.parts {
      guard case .literal(let text, let isQuoted) = part else {
        throw failure("a here-document's delimiter is not plain text")
      }
      delimiter += text
      isLiteral = isLiteral || isQuoted
    }
    let document = ShellHereDocument(
      delimiter: Array(delimiter.utf8), isLiteral: isLiteral, stripsTabs: stripsTabs)
    pending.append(document)
    return ShellRedirect(descriptor: descriptor, kind: .hereDocument(document), target: word)
  }

  /// The word that stands here; nil where an operator or the end does.
  ///
  /// With `untilEnd`, operators and blanks are part of the word, as inside `${name:-word}`.
  mutating func word(untilEnd: Bool = false) throws(ShellSyntaxError) -> ShellWord? {
    var parts: [ShellWord.Part] = []
    var plain: [UInt8] = []
    func flushed(_ parts: inout [ShellWord.Part], _ plain: inout [UInt8]) {
      guard !plain.isEmpty else { return }
      parts.append(.literal(String(decoding: plain, as: UTF8.self), isQuoted: false))
      plain = []
    }
    let start = position
    while let byte = current, untilEnd || !Self.endsWord(byte) {
      switch byte {
      case UInt8(ascii: "\\"):
        advance()
        if current == UInt8(ascii: "\n") {
          advance()
        } else if let next = current {
          flushed(&parts, &plain)
          parts.append(.literal(String(decoding: [next], as: UTF8.self), isQuoted: true))
          advance()
        }
      case UInt8(ascii: "'"):
        flushed(&parts, &plain)
        parts.append(.literal(try singleQuoted(), isQuoted: true))
      case UInt8(ascii: "\""):
        flushed(&parts, &plain)
        advance()
        let inner = try quoted(until: UInt8(ascii: "\""))
        parts += inner.parts.isEmpty ? [.literal("", isQuoted: true)] : inner.parts
      case UInt8(ascii: "$"), UInt8(ascii: "`"):
        flushed(&parts, &plain)
        parts.append(try expansion(isQuoted: false))
      default:
        plain.append(byte)
        advance()
      }
    }
    flushed(&parts, &plain)
    return position == start ? nil : ShellWord(parts: parts)
  }

  private mutating func singleQuoted() throws(ShellSyntaxError) -> String {
    advance()
    let start = position
    while let byte = current, byte != UInt8(ascii: "'") {
      _ = byte
      advance()
    }
    guard current != nil else { throw failure("an unmatched quote") }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    advance()
    return text
  }

  /// Text in double quotes up to `end`, or a here-document's body where `end` is nil.
  mutating func quoted(until end: UInt8?) throws(ShellSyntaxError) -> ShellWord {
    var parts: [ShellWord.Part] = []
    var plain: [UInt8] = []
    while let byte = current, byte != end {
      if byte == UInt8(ascii: "\\"), let next = self.byte(ahead: 1) {
        if next != UInt8(ascii: "\n") {
          let special: [UInt8] = Array("$`\\".utf8) + (end.map { [$0] } ?? [])
          if !special.contains(next) { plain.append(byte) }
          plain.append(next)
        }
        advance(2)
      } else if byte == UInt8(ascii: "$") || byte == UInt8(ascii: "`") {
        if !plain.isEmpty {
          parts.append(.literal(String(decoding: plain, as: UTF8.self), isQuoted: true))
        }
        plain = []
        parts.append(try expansion(isQuoted: true))
      } else {
        plain.append(byte)
        advance()
      }
    }
    if end != nil {
      guard current != nil else { throw failure("an unmatched quote") }
      advance()
    }
    if !plain.isEmpty {
      parts.append(.literal(String(decoding: plain, as: UTF8.self), isQuoted: true))
    }
    return ShellWord(parts: parts)
  }
}
