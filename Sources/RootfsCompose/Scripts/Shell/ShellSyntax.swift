/// A command of the POSIX shell language, as far as maintainer scripts use it.
///
/// Source: POSIX.1-2017, Shell Command Language, section 2.10. Nothing here runs anything: the tree is read by
/// ``ShellWalk`` to learn which commands a script would reach.
indirect enum ShellCommand {
  case simple(ShellSimpleCommand)
  case sequence([ShellCommand])
  /// Commands joined by `&&` and `||`, from left to right.
  case andOr(first: ShellCommand, rest: [(isAnd: Bool, command: ShellCommand)])
  case not(ShellCommand)
  case pipeline([ShellCommand])
  case branch(arms: [(condition: ShellCommand, body: ShellCommand)], otherwise: ShellCommand?)
  case loop(condition: ShellCommand, isUntil: Bool, body: ShellCommand)
  case forEach(name: String, words: [ShellWord]?, body: ShellCommand)
  case select(subject: ShellWord, arms: [(patterns: [ShellWord], body: ShellCommand)])
  case group(ShellCommand, redirects: [ShellRedirect], isSubshell: Bool)
  case function(name: String, body: ShellCommand)
}

struct ShellSimpleCommand {
  var assignments: [(name: String, value: ShellWord)] = []
  var words: [ShellWord] = []
  var redirects: [ShellRedirect] = []
  /// Counted from 1.
  var line = 0
}

struct ShellRedirect {
  enum Kind {
    case read, write, append, duplicate
    case hereDocument(ShellHereDocument)
  }

  var descriptor: Int
  var kind: Kind
  var target: ShellWord
}

/// The body of a here-document, which the parser reads after the line that asks for it.
final class ShellHereDocument {
  let delimiter: [UInt8]
  /// A quoted delimiter turns expansion off.
  let isLiteral: Bool
  let stripsTabs: Bool
  var body = ShellWord(parts: [])

  init(delimiter: [UInt8], isLiteral: Bool, stripsTabs: Bool) {
    self.delimiter = delimiter
    self.isLiteral = isLiteral
    self.stripsTabs = stripsTabs
  }
}

/// A word before expansion.
struct ShellWord {
  enum Part {
    case literal(String, isQuoted: Bool)
    case variable(name: String, isQuoted: Bool, change: VariableChange?, source: String)
    case command(ShellCommand, isQuoted: Bool)
    /// Arithmetic and whatever else is not expanded, as written.
    case opaque(String)
  }

  /// `${name:-word}` and its like.
  struct VariableChange {
    /// `-`, `:-`, `+`, `:+`, `#`, `##`, `%`, `%%`, `=`, `:=`, `?`, `:?`.
    var sign: String
    var operand: ShellWord
  }

  var parts: [Part]

  /// The text of a word made of unquoted literals only: what reserved words and names are.
  var bareText: String? {
    var text = ""
    for part in parts {
      guard case .literal(let piece, isQuoted: false) = part else { return nil }
      text += piece
    }
    return text
  }
}

/// A script that is not in the part of the shell language this reader knows.
struct ShellSyntaxError: Error {
  let line: Int
  let message: String
}
