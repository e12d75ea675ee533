extension TextForm {
  /// `8080`, `8080/tcp`, `8000-8010/udp`.
  static let port = TextForm("a port") { text in
    port(text)
      ? nil : .expected("a port such as \"8080/tcp\" or \"8000-8010/udp\", from 1 to 65535")
  }

  private static func port(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let range = parts.first else { return false }
    if parts.count == 2, !["tcp", "udp", "sctp"].contains(parts[1]) { return false }
    let ends = range.split(separator: "-", omittingEmptySubsequences: false).map { end in
      end.utf8.allSatisfy(RecipeText.isDigit) ? UInt16(end) ?? 0 : 0
    }
    guard (1...2).contains(ends.count), !ends.contains(0), let first = ends.first else {
      return false
    }
    return first <= ends[ends.count - 1]
  }

  /// What execve(2) takes: no `=` and no NUL. Dots and dashes occur in practice.
  static let environmentName = matching(
    "a variable name without \"=\" and spaces"
  ) { text in
    !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "=") }
  }

  static let variableName = matching("a name of letters, digits, \"_\", \"-\" and \".\"") {
    !$0.isEmpty && RecipeText.isWord($0, or: "_-.")
  }

  static let labelName = matching("a name without control characters") {
    !$0.isEmpty && !RecipeText.holdsControl($0)
  }

  /// One line, as os-release(5) and passwd(5) hold.
  static let line = TextForm("text on one line") { text in
    RecipeText.holdsControl(text) ? .expected("text on one line without control characters") : nil
  }

  /// os-release(5), ID_LIKE, with the schema's pattern.
  static let idLike = matching("lower-case words of a-z, 0-9, \".\", \"_\" and \"-\"") { text in
    text.split(separator: " ", omittingEmptySubsequences: false).allSatisfy { word in
      !word.isEmpty
        && word.utf8.allSatisfy {
          RecipeText.isLowercase($0) || RecipeText.isDigit($0) || "._-".utf8.contains($0)
        }
    }
  }

  /// passwd(5): no colon, no control character; and no slash or space, which no tool takes.
  static let accountName = matching(
    "an account name of letters, digits, \".\", \"_\" and \"-\"", isAccountName)

  @Sendable private static func isAccountName(_ text: String) -> Bool {
    let name = text.hasSuffix("$") ? text.dropLast() : text[...]
    return !name.isEmpty && name.utf8.count <= 256 && !name.hasPrefix("-")
      && RecipeText.isWord(name, or: "._-")
  }

  /// A user's name or number, and after a colon a group's.
  static let runAs = matching("a user name, a number, or USER:GROUP") { text in
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return (1...2).contains(parts.count)
      && parts.allSatisfy { part in
        let isNumber = part.utf8.allSatisfy(RecipeText.isDigit)
        return isAccountName(String(part))
          && (!isNumber || (UInt32(part).map { $0 != .max } ?? false))
      }
  }

  /// signal(7), Linux's names and numbers, as OCI image-spec config.md "StopSignal" takes them.
  static let stopSignal = TextForm("a signal") { text in
    if let number = Int(text), RecipeText.isWord(text, or: "") {
      return (1...64).contains(number) ? nil : .expected("a signal from 1 to 64")
    }
    let bare = text.hasPrefix("SIG") ? String(text.dropFirst(3)) : text
    if signals.contains(bare) || isRealTime(bare) { return nil }
    let near = Spelling.nearest(to: bare.uppercased(), among: signals)
    let same = signals.contains(bare.uppercased()) ? bare.uppercased() : near
    return .expected(
      "a signal such as \"SIGTERM\"",
      advice: same.map { "did you mean \(RecipeText.quoted("SIG" + $0))?" })
  }

  private static let signals = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "IOT", "BUS", "FPE", "KILL", "USR1", "SEGV",
    "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CLD", "CONT", "STOP", "TSTP", "TTIN",
    "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "POLL", "PWR", "SYS",
  ]

  private static func isRealTime(_ name: String) -> Bool {
    if name == "RTMIN" || name == "RTMAX" { return true }
    guard name.hasPrefix("RTMIN+") || name.hasPrefix("RTMAX-") else { return false }
    let digits = name.dropFirst(6)
    guard digits.utf8.allSatisfy(RecipeText.isDigit), let offset = Int(digits) else { return false }
    return (1...30).contains(offset)
  }
}
