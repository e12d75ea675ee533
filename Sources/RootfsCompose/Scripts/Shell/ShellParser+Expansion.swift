extension ShellParser {
  /// What a `$` or a backtick begins.
  mutating func expansion(isQuoted: Bool) throws(ShellSyntaxError) -> ShellWord.Part {
    if current == UInt8(ascii: "`") { return try backquoted(isQuoted: isQuoted) }
    let start = position
    advance()
    switch current {
    case UInt8(ascii: "("):
      if byte(ahead: 1) == UInt8(ascii: "(") { return try arithmetic(from: start) }
      advance()
      let body = try list(until: [])
      try expect(UInt8(ascii: ")"))
      return .command(body, isQuoted: isQuoted)
    case UInt8(ascii: "{"): return try braced(from: start, isQuoted: isQuoted)
    case let byte? where Self.isNameByte(byte, isFirst: true):
      let nameStart = position
      while let next = current, Self.isNameByte(next, isFirst: false) { advance() }
      let name = String(decoding: bytes[nameStart..<position], as: UTF8.self)
      return .variable(name: name, isQuoted: isQuoted, change: nil, source: "$" + name)
    case let byte? where Array("@*#?-$!0123456789".utf8).contains(byte):
      advance()
      let name = String(decoding: [byte], as: UTF8.self)
      return .variable(name: name, isQuoted: isQuoted, change: nil, source: "$" + name)
    default: return .literal("$", isQuoted: isQuoted)
    }
  }

  private mutating func arithmetic(from start: Int) throws(ShellSyntaxError) -> ShellWord.Part {
    var open = 0
    repeat {
      guard let byte = current else { throw failure("an unmatched $((") }
      if byte == UInt8(ascii: "(") { open += 1 }
      if byte == UInt8(ascii: ")") { open -= 1 }
      advance()
    } while open > 0
    return .opaque(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func backquoted(isQuoted: Bool) throws(ShellSyntaxError) -> ShellWord.Part {
    advance()
    let startLine = line
    var inner: [UInt8] = []
    while let byte = current, byte != UInt8(ascii: "`") {
      if byte == UInt8(ascii: "\\"), let next = self.byte(ahead: 1),
        Array("`$\\".utf8).contains(next)
      {
        advance()
        inner.append(next)
      } else {
        inner.append(byte)
      }
      advance()
    }
    guard current != nil else { throw failure("an unmatched backquote") }
    advance()
    var parser = ShellParser(inner, depth: depth, line: startLine)
    return .command(try parser.list(until: []), isQuoted: isQuoted)
  }

  /// `${name}` and `${name-word}` in its forms.
  private mutating func braced(
    from start: Int, isQuoted: Bool
  ) throws(ShellSyntaxError) -> ShellWord.Part {
    let inside = try bracedText()
    let source = String(decoding: bytes[start..<position], as: UTF8.self)
    var end = 0
    if let first = inside.first, Array("@*#?".utf8).contains(first), inside.count == 1 {
      end = 1
    } else {
      while end < inside.count,
        Self.isNameByte(inside[end], isFirst: false)
      { end += 1 }
    }
    guard end > 0 else { return .opaque(source) }
    let name = String(decoding: inside[..<end], as: UTF8.self)
    let rest = String(decoding: inside[end...], as: UTF8.self)
    guard !rest.isEmpty else {
      return .variable(name: name, isQuoted: isQuoted, change: nil, source: source)
    }
    let signs = [":-", ":+", ":=", ":?", "##", "%%", "-", "+", "=", "?", "#", "%"]
    guard let sign = signs.first(where: { rest.hasPrefix($0) }) else { return .opaque(source) }
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else { throw failure("nested too deeply") }
    var inner = ShellParser(Array(rest.dropFirst(sign.count).utf8), depth: depth, line: line)
    let operand = try inner.word(untilEnd: true) ?? ShellWord(parts: [])
    return .variable(
      name: name, isQuoted: isQuoted, change: .init(sign: sign, operand: operand), source: source)
  }

  private mutating func bracedText() throws(ShellSyntaxError) -> [UInt8] {
    advance()
    let start = position
    var open = 1
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\\"): advance()
      case UInt8(ascii: "{"): open += 1
      case UInt8(ascii: "}"): open -= 1
      default: break
      }
      if open == 0 { break }
      advance()
    }
    guard current != nil else { throw failure("an unmatched ${") }
    let text = Array(bytes[start..<min(position, bytes.count)])
    advance()
    return text
  }
}
