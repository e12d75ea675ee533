extension ShellWalk {
  /// All words after expansion and field splitting.
  mutating func expandAll(_ words: [ShellWord]) -> [Word] {
    var result: [Word] = []
    for word in words { result += expand(word) }
    return result
  }

  private mutating func expand(_ word: ShellWord) -> [Word] {
    if word.parts.count == 1, case .variable(let name, _, nil, _) = word.parts[0],
      name == "@" || name == "*"
    {
      return positional
    }
    var fields: [Word] = []
    var open: Word?
    var hasWildcards = false
    for part in word.parts {
      let (value, splits) = expand(part)
      if case .literal(let text, isQuoted: false) = part, ShellPattern.hasWildcards(text) {
        hasWildcards = true
      }
      guard splits, value.isKnown else {
        open = Self.joined(open, value)
        continue
      }
      let pieces = value.text.split(whereSeparator: { " \t\n".contains($0) }).map(String.init)
      if let first = value.text.first, " \t\n".contains(first), let done = open {
        fields.append(done)
        open = nil
      }
      for (index, piece) in pieces.enumerated() {
        if index > 0, let done = open {
          fields.append(done)
          open = nil
        }
        open = Self.joined(open, Word(text: piece, isKnown: true))
      }
    }
    if let open { fields.append(open) }
    guard hasWildcards, fields.count == 1, fields[0].isKnown else { return fields }
    var work = 0
    let found = environment.glob(fields[0].text, in: directory, work: &work)
    guard let found, mayCompare(work) else {
      return [Word(text: fields[0].text, isKnown: false)]
    }
    return found.isEmpty ? fields : found.map { Word(text: $0, isKnown: true) }
  }

  /// One word without splitting, as an assignment, a `case` or a redirection expands it.
  ///
  /// With `keepsQuotes`, characters that were quoted are marked for ``ShellPattern``.
  mutating func expandOne(_ word: ShellWord, keepsQuotes: Bool = false) -> Word {
    var result = Word(text: "", isKnown: true)
    for part in word.parts {
      var (value, _) = expand(part)
      if keepsQuotes, case .literal(_, isQuoted: true) = part {
        value.text = value.text.map { "\\" + String($0) }.joined()
      }
      result = Self.joined(result, value)
    }
    return result
  }

  private static func joined(_ left: Word?, _ right: Word) -> Word {
    guard let left else { return right }
    guard left.text.utf8.count + right.text.utf8.count <= maximumText else {
      return Word(text: "…", isKnown: false)
    }
    return Word(text: left.text + right.text, isKnown: left.isKnown && right.isKnown)
  }

  /// One part, and whether its value is split into fields.
  private mutating func expand(_ part: ShellWord.Part) -> (Word, Bool) {
    switch part {
    case .literal(let text, _): return (Word(text: text, isKnown: true), false)
    case .opaque(let source): return (Word(text: source, isKnown: false), false)
    case .variable(let name, let isQuoted, let change, let source):
      return (value(of: name, change: change, source: source), !isQuoted)
    case .command(let command, let isQuoted): return (output(of: command), !isQuoted)
    }
  }

  private mutating func value(
    of name: String, change: ShellWord.VariableChange?, source: String
  ) -> Word {
    let unknown = Word(text: source, isKnown: false)
    let value = plainValue(of: name)
    if let value, !value.isKnown { return unknown }
    if value == nil, environment.knowsVariable(name) { return unset(name, change, unknown) }
    guard let change else { return value ?? unknown }
    let word = expandOne(change.operand)
    guard word.isKnown else { return unknown }
    let operand = word.text
    switch change.sign {
    case ":-", ":=", "-", "=":
      // Whether an environment sets it is not known.
      guard let value else { return unknown }
      let isEmpty = change.sign.hasPrefix(":") && value.text.isEmpty
      return isEmpty ? Word(text: operand, isKnown: true) : value
    case ":+", "+":
      guard let value else { return unknown }
      let isEmpty = change.sign == ":+" && value.text.isEmpty
      return Word(text: isEmpty ? "" : operand, isKnown: true)
    case "#", "##", "%", "%%":
      guard let value, value.text.utf8.count <= 256, operand.utf8.count <= 256 else {
        return unknown
      }
      let length = value.text.utf8.count + 1
      guard mayCompare(length * length * operand.utf8.count) else { return unknown }
      return Word(text: Self.trim(value.text, change.sign, operand), isKnown: true)
    default: return value ?? unknown
    }
  }

  /// The value of a variable that is surely not set.
  private mutating func unset(
    _ name: String, _ change: ShellWord.VariableChange?, _ unknown: Word
  ) -> Word {
    switch change?.sign {
    case ":-", "-":
      guard let operand = change?.operand else { return unknown }
      return expandOne(operand)
    case ":=", "=":
      guard let operand = change?.operand else { return unknown }
      let value = expandOne(operand)
      variables[name] = value
      return value
    case ":?", "?": return unknown
    default: return Word(text: "", isKnown: true)
    }
  }

  private func plainValue(of name: String) -> Word? {
    if name == "#" { return Word(text: String(positional.count), isKnown: true) }
    if name == "@" || name == "*" {
      return Word(
        text: positional.map(\.text).joined(separator: " "),
        isKnown: positional.allSatisfy(\.isKnown))
    }
    if let number = Int(name), number > 0 {
      return number <= positional.count ? positional[number - 1] : Word(text: "", isKnown: true)
    }
    return variables[name]
  }

  private static func trim(_ text: String, _ sign: String, _ pattern: String) -> String {
    let characters = Array(text)
    let cuts = Array(0...characters.count)
    if sign.hasPrefix("#") {
      let order = sign == "##" ? cuts.reversed() : cuts
      let cut = order.first { ShellPattern.matches(pattern, String(characters[..<$0])) }
      return cut.map { String(characters[$0...]) } ?? text
    }
    let order = sign == "%%" ? cuts : cuts.reversed()
    let cut = order.first { ShellPattern.matches(pattern, String(characters[$0...])) }
    return cut.map { String(characters[..<$0]) } ?? text
  }

  /// What a command substitution prints.
  private mutating func output(of command: ShellCommand) -> Word {
    let outside = captured
    let outsideLevel = captureLevel
    let before = variables
    captured = Word(text: "", isKnown: true)
    captureLevel = uncertain
    _ = run(command)
    var printed = captured ?? Word(text: "", isKnown: false)
    captured = outside
    captureLevel = outsideLevel
    variables = before
    while printed.text.hasSuffix("\n") { printed.text.removeLast() }
    return printed.isKnown ? printed : Word(text: "$(…)", isKnown: false)
  }

  /// Adds to what the surrounding command substitution prints; nil for text that is not known.
  ///
  /// Printing under an undecided condition makes the text unknown; printing nothing does not.
  mutating func print(_ text: String?) {
    guard let open = captured, text != "" else { return }
    guard let text, uncertain == captureLevel else {
      captured = Word(text: open.text, isKnown: false)
      return
    }
    captured = Self.joined(open, Word(text: text, isKnown: true))
  }
}
