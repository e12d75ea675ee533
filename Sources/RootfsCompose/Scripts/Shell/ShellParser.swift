/// Reads a maintainer script into a ``ShellCommand``.
///
/// Bounded: nesting over ``maximumDepth`` is an error, so that hostile input cannot exhaust the stack.
struct ShellParser {
  static let maximumDepth = 60

  let bytes: [UInt8]
  var position = 0
  var line = 1
  var depth = 0
  var pending: [ShellHereDocument] = []

  init(_ bytes: [UInt8], depth: Int = 0, line: Int = 1) {
    self.bytes = bytes
    self.depth = depth
    self.line = line
  }

  static func parse(_ bytes: [UInt8]) throws(ShellSyntaxError) -> ShellCommand {
    var parser = ShellParser(bytes)
    let command = try parser.list(until: [])
    guard parser.position >= bytes.count else { throw parser.failure("unexpected text") }
    return command
  }

  func failure(_ message: String) -> ShellSyntaxError {
    ShellSyntaxError(line: line, message: message)
  }

  var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  func byte(ahead: Int) -> UInt8? {
    position + ahead < bytes.count ? bytes[position + ahead] : nil
  }

  mutating func advance(_ count: Int = 1) {
    for _ in 0..<count where position < bytes.count {
      if bytes[position] == UInt8(ascii: "\n") { line += 1 }
      position += 1
    }
  }

  /// Commands separated by `;`, `&` and newlines, up to a reserved word of `until`, a `)` or the end.
  mutating func list(until: Set<String>) throws(ShellSyntaxError) -> ShellCommand {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else { throw failure("nested too deeply") }
    var commands: [ShellCommand] = []
    while true {
      skipBlank(andNewlines: true)
      guard let next = current, next != UInt8(ascii: ")") else { break }
      if next == UInt8(ascii: ";") {
        if byte(ahead: 1) == UInt8(ascii: ";") { break }
        advance()
        continue
      }
      if let word = peekReserved(), until.contains(word) { break }
      commands.append(try andOr())
      skipBlank(andNewlines: false)
      if current == UInt8(ascii: "&") { advance() }
    }
    return commands.count == 1 ? commands[0] : .sequence(commands)
  }

  private mutating func andOr() throws(ShellSyntaxError) -> ShellCommand {
    let first = try pipeline()
    var rest: [(isAnd: Bool, command: ShellCommand)] = []
    while true {
      skipBlank(andNewlines: false)
      let isAnd = current == UInt8(ascii: "&") && byte(ahead: 1) == UInt8(ascii: "&")
      let isOr = current == UInt8(ascii: "|") && byte(ahead: 1) == UInt8(ascii: "|")
      guard isAnd || isOr else { break }
      advance(2)
      skipBlank(andNewlines: true)
      rest.append((isAnd, try pipeline()))
    }
    return rest.isEmpty ? first : .andOr(first: first, rest: rest)
  }

  private mutating func pipeline() throws(ShellSyntaxError) -> ShellCommand {
    skipBlank(andNewlines: false)
    var negated = false
    while peekReserved() == "!" {
      advance()
      negated.toggle()
      skipBlank(andNewlines: false)
    }
    var commands = [try command()]
    while true {
      skipBlank(andNewlines: false)
      guard current == UInt8(ascii: "|"), byte(ahead: 1) != UInt8(ascii: "|") else { break }
      advance(byte(ahead: 1) == UInt8(ascii: "&") ? 2 : 1)
      skipBlank(andNewlines: true)
      commands.append(try command())
    }
    let whole = commands.count == 1 ? commands[0] : ShellCommand.pipeline(commands)
    return negated ? .not(whole) : whole
  }

  private mutating func command() throws(ShellSyntaxError) -> ShellCommand {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else { throw failure("nested too deeply") }
    skipBlank(andNewlines: false)
    if current == UInt8(ascii: "(") {
      advance()
      let body = try list(until: [])
      try expect(UInt8(ascii: ")"))
      return .group(body, redirects: try redirects(), isSubshell: true)
    }
    switch peekReserved() {
    case "{":
      advance()
      let body = try list(until: ["}"])
      try expect(reserved: "}")
      return .group(body, redirects: try redirects(), isSubshell: false)
    case "if": return try wrapped(try branch())
    case "while", "until": return try wrapped(try loop())
    case "for": return try wrapped(try forEach())
    case "case": return try wrapped(try select())
    default: return try simpleOrFunction()
    }
  }

  /// A compound command with the redirections that follow it.
  private mutating func wrapped(_ body: ShellCommand) throws(ShellSyntaxError) -> ShellCommand {
    let redirects = try redirects()
    return redirects.isEmpty ? body : .group(body, redirects: redirects, isSubshell: false)
  }

  private mutating func redirects() throws(ShellSyntaxError) -> [ShellRedirect] {
    var found: [ShellRedirect] = []
    skipBlank(andNewlines: false)
    while let redirect = try redirect() {
      found.append(redirect)
      skipBlank(andNewlines: false)
    }
    return found
  }

  private mutating func branch() throws(ShellSyntaxError) -> ShellCommand {
    try expect(reserved: "if")
    var arms: [(condition: ShellCommand, body: ShellCommand)] = []
    var otherwise: ShellCommand?
    while true {
      let condition = try list(until: ["then"])
      try expect(reserved: "then")
      arms.append((condition, try list(until: ["elif", "else", "fi"])))
      if peekReserved() == "elif" {
        advance(4)
        continue
      }
      if peekReserved() == "else" {
        advance(4)
        otherwise = try list(until: ["fi"])
      }
      try expect(reserved: "fi")
      return .branch(arms: arms, otherwise: otherwise)
    }
  }

  private mutating func loop() throws(ShellSyntaxError) -> ShellCommand {
    let isUntil = peekReserved() == "until"
    advance(5)
    let condition = try list(until: ["do"])
    return .loop(condition: condition, isUntil: isUntil, body: try doGroup())
  }

  private mutating func doGroup() throws(ShellSyntaxError) -> ShellCommand {
    try expect(reserved: "do")
    let body = try list(until: ["done"])
    try expect(reserved: "done")
    return body
  }

  private mutating func forEach() throws(ShellSyntaxError) -> ShellCommand {
    try expect(reserved: "for")
    skipBlank(andNewlines: false)
    guard let name = try word()?.bareText else { throw failure("expected a name after for") }
    skipBlank(andNewlines: true)
    var words: [ShellWord]?
    if peekReserved() == "in" {
      advance(2)
      var found: [ShellWord] = []
      skipBlank(andNewlines: false)
      while let word = try word() {
        found.append(word)
        skipBlank(andNewlines: false)
      }
      words = found
    }
    skipBlank(andNewlines: true)
    if current == UInt8(ascii: ";") { advance() }
    skipBlank(andNewlines: true)
    return .forEach(name: name, words: words, body: try doGroup())
  }

  private mutating func select() throws(ShellSyntaxError) -> ShellCommand {
    try expect(reserved: "case")
    skipBlank(andNewlines: false)
    guard let subject = try word() else { throw failure("expected a word after case") }
    skipBlank(andNewlines: true)
    try expect(reserved: "in")
    var arms: [(patterns: [ShellWord], body: ShellCommand)] = []
    while true {
      skipBlank(andNewlines: true)
      if peekReserved() == "esac" { break }
      if current == UInt8(ascii: "(") { advance() }
      var patterns: [ShellWord] = []
      while true {
        skipBlank(andNewlines: false)
        guard let pattern = try word() else { throw failure("expected a pattern in case") }
        patterns.append(pattern)
        skipBlank(andNewlines: false)
        guard current == UInt8(ascii: "|") else { break }
        advance()
      }
      try expect(UInt8(ascii: ")"))
      arms.append((patterns, try list(until: ["esac"])))
      if current == UInt8(ascii: ";") { advance(2) }
    }
    try expect(reserved: "esac")
    return .select(subject: subject, arms: arms)
  }

  private mutating func simpleOrFunction() throws(ShellSyntaxError) -> ShellCommand {
    var simple = ShellSimpleCommand()
    simple.line = line
    let start = position
    while true {
      skipBlank(andNewlines: false)
      if let redirect = try redirect() {
        simple.redirects.append(redirect)
        continue
      }
      if simple.words.isEmpty, let name = assignmentName() {
        advance(name.utf8.count + 1)
        simple.assignments.append((name, try word() ?? ShellWord(parts: [])))
        continue
      }
      guard let next = try word() else { break }
      simple.words.append(next)
      if simple.words.count == 1, let name = next.bareText {
        if let function = try functionBody(name) { return function }
        if name == "[[" { try conditionalExpression(into: &simple) }
      }
    }
    guard position > start else { throw failure("expected a command") }
    return .simple(simple)
  }

  private mutating func functionBody(_ name: String) throws(ShellSyntaxError) -> ShellCommand? {
    var next = name
    if name == "function" {
      skipBlank(andNewlines: false)
      guard let word = try word()?.bareText else { throw failure("expected a function's name") }
      next = word
    }
    let before = (position, line)
    skipBlank(andNewlines: false)
    if current == UInt8(ascii: "(") {
      advance()
      skipBlank(andNewlines: false)
      try expect(UInt8(ascii: ")"))
    } else if name != "function" {
      (position, line) = before
      return nil
    }
    skipBlank(andNewlines: true)
    return .function(name: next, body: try command())
  }

  /// bash's `[[ … ]]`: its words are kept, its operators are not understood.
  private mutating func conditionalExpression(
    into simple: inout ShellSimpleCommand
  ) throws(ShellSyntaxError) {
    while true {
      skipBlank(andNewlines: true)
      guard current != nil else { throw failure("[[ without ]]") }
      if let next = try word() {
        simple.words.append(next)
        if next.bareText == "]]" { return }
      } else {
        advance()
      }
    }
  }

  private func assignmentName() -> String? {
    var end = position
    while end < bytes.count, Self.isNameByte(bytes[end], isFirst: end == position) { end += 1 }
    guard end > position, end < bytes.count, bytes[end] == UInt8(ascii: "=") else { return nil }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }

  static func isNameByte(_ byte: UInt8, isFirst: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"):
      true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): !isFirst
    default: false
    }
  }
}
