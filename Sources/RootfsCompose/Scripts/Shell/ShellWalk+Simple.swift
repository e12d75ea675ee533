extension ShellWalk {
  mutating func runSimple(_ simple: ShellSimpleCommand) -> Flow {
    let words = expandAll(simple.words)
    // Long words a thousand times over would fill the memory.
    expanded += words.reduce(0) { $0 + $1.text.utf8.count }
    guard expanded <= Self.maximumExpansion else {
      isCutShort = true
      return .next(.unknown)
    }
    guard !words.isEmpty else {
      for (name, value) in simple.assignments { variables[name] = expandOne(value) }
      let outputs = outputs(of: simple.redirects)
      if !outputs.isEmpty {
        record([":"], isResolved: true, outputs: outputs, text: "", line: simple.line)
      }
      return .next(simple.assignments.isEmpty ? .success : .unknown)
    }
    guard words[0].text == "exec", words.count > 1, !words[1].text.hasPrefix("-") else {
      return run(words, of: simple)
    }
    let flow = run(Array(words.dropFirst()), of: simple)
    if case .next(let status) = flow { return .exited(status) }
    return flow
  }

  private mutating func run(_ words: [Word], of simple: ShellSimpleCommand) -> Flow {
    let words = environment.withoutBusybox(words)
    let name = words[0]
    let outputs = outputs(of: simple.redirects)
    if let body = functions[name.text], name.isKnown {
      if !outputs.isEmpty {
        record(
          words.map(\.text), isResolved: false, outputs: outputs, text: nil, line: simple.line)
      }
      return call(name.text, body, Array(words.dropFirst()))
    }
    let input = inputText(of: simple.redirects)
    if let flow = builtin(words) { return flow }
    let text = printedText(words, input: input)
    if outputs.isEmpty, !discardsOutput(simple.redirects) { print(text) }
    if !outputs.isEmpty || !ShellPrograms.hasNoEffect(words.map(\.text)) {
      record(
        words.map(\.text), isResolved: words.allSatisfy(\.isKnown), outputs: outputs,
        text: text, line: simple.line)
    }
    return .next(status(of: words))
  }

  mutating func record(
    _ words: [String], isResolved: Bool, outputs: [ScriptStep.Output], text: String?, line: Int
  ) {
    guard steps.count < Self.maximumSteps else {
      isCutShort = true
      return
    }
    let known = isResolved && outputs.allSatisfy { !$0.path.utf8.contains(UInt8(ascii: "$")) }
    let step = ScriptStep(
      script: script, line: line, words: words, isResolved: known,
      isCertain: uncertain == 0 && !mayHaveEnded, outputs: outputs, text: text, mask: mask,
      directory: directory)
    steps.append(step)
    changes.follow(step)
  }

  private mutating func call(
    _ name: String, _ body: ShellCommand, _ arguments: [Word]
  ) -> Flow {
    // A function that calls itself with what is not known would reach nothing new.
    let active = calls[name] ?? 0
    guard active < 3 else { return .next(.unknown) }
    calls[name] = active + 1
    defer { calls[name] = active }
    let outside = positional
    let ended = mayHaveEnded
    positional = arguments
    let flow = run(body)
    positional = outside
    // A `return` that may have happened ended the function only.
    mayHaveEnded = ended
    switch flow {
    case .returned(let status): return .next(status)
    case .loopLeft: return .next(.unknown)
    default: return flow
    }
  }

  /// Commands that change the walk itself; nil for any other.
  private mutating func builtin(_ words: [Word]) -> Flow? {
    let arguments = words.dropFirst()
    switch words[0].text {
    case "exit": return .exited(endStatus(arguments))
    case "return": return .returned(endStatus(arguments))
    case "break", "continue": return .loopLeft
    case "shift":
      positional.removeFirst(min(positional.count, Int(arguments.first?.text ?? "1") ?? 1))
      return .next(.success)
    case "set":
      if arguments.first?.text == "--" { positional = Array(arguments.dropFirst()) }
      return .next(.success)
    case "local", "export", "readonly", "declare", "typeset":
      for word in arguments {
        guard let equals = word.text.firstIndex(of: "=") else { continue }
        variables[String(word.text[..<equals])] = Word(
          text: String(word.text[word.text.index(after: equals)...]), isKnown: word.isKnown)
      }
      return .next(.success)
    case "cd" where environment.workingDirectory != nil:
      changeDirectory(arguments)
      return .next(.success)
    case "umask":
      if uncertain == 0, let mode = arguments.first.flatMap({ UInt16($0.text, radix: 8) }) {
        mask = mode & 0o777
      }
      return .next(.success)
    case "unset":
      for word in arguments { variables[word.text] = nil }
      return .next(.success)
    case "read", "getopts", "mapfile":
      for word in arguments { variables[word.text] = Word(text: "$" + word.text, isKnown: false) }
      return .next(.unknown)
    case "[", "test":
      return .next(
        ShellTest(
          words: words, environment: environment, changes: changes, directory: directory
        ).status)
    case let name where name.hasPrefix("db_"):
      variables["RET"] = Word(text: "$RET", isKnown: false)
      return .next(name == "db_version" || name == "db_stop" ? .success : .unknown)
    default: return nil
    }
  }

  private mutating func changeDirectory(_ arguments: ArraySlice<Word>) {
    guard uncertain == 0, arguments.count == 1, let target = arguments.first, target.isKnown,
      !target.text.hasPrefix("-"), !target.text.contains("..")
    else {
      directory = nil
      return
    }
    let isAbsolute = target.text.hasPrefix("/")
    directory =
      isAbsolute
      ? target.text : directory.map { ShellEnvironment.absolute(target.text, in: $0) }
  }

  private func endStatus(_ arguments: ArraySlice<Word>) -> Status {
    guard let first = arguments.first else { return .success }
    guard first.isKnown else { return .unknown }
    return first.text == "0" ? .success : .failure
  }

  /// The files that redirections write, but for `/dev/null` and its like.
  mutating func outputs(of redirects: [ShellRedirect]) -> [ScriptStep.Output] {
    var found: [ScriptStep.Output] = []
    for redirect in redirects {
      let appends: Bool
      switch redirect.kind {
      case .write: appends = false
      case .append: appends = true
      default: continue
      }
      let target = expandOne(redirect.target)
      if target.text.hasPrefix("/dev/") || target.text.hasPrefix("/tmp/") { continue }
      found.append(
        ScriptStep.Output(
          path: target.isKnown ? target.text : "$(…)" + target.text, appends: appends))
    }
    return found
  }

  private mutating func discardsOutput(_ redirects: [ShellRedirect]) -> Bool {
    redirects.contains { redirect in
      guard redirect.descriptor == 1 else { return false }
      switch redirect.kind {
      case .write, .append, .duplicate: return true
      default: return false
      }
    }
  }

  /// The text of a here-document, `""` where there is none, nil where it is not known.
  private mutating func inputText(of redirects: [ShellRedirect]) -> String? {
    for redirect in redirects.reversed() {
      switch redirect.kind {
      case .hereDocument(let document):
        let text = expandOne(document.body)
        return text.isKnown ? text.text : nil
      case .read: return nil
      default: continue
      }
    }
    return ""
  }

  /// What a program prints, where that follows from its words.
  private func printedText(_ words: [Word], input: String?) -> String? {
    guard words.allSatisfy(\.isKnown) else { return nil }
    let texts = words.map(\.text)
    let arguments = texts.dropFirst()
    switch texts[0] {
    case "echo":
      let hasOption = ["-n", "-e", "-E", "-ne", "-en"].contains(arguments.first ?? "")
      if hasOption || arguments.contains(where: Self.hasBackslash) { return nil }
      return arguments.joined(separator: " ") + "\n"
    case "printf":
      guard let format = arguments.first, arguments.count == 1,
        !format.utf8.contains(UInt8(ascii: "%")), !Self.hasBackslash(format)
      else { return nil }
      return format
    case "cat": return arguments.isEmpty ? input : nil
    case "uname" where arguments == ["-s"]: return "Linux\n"
    // The kind of virtual machine or container that OpenRC runs in: an image is composed in none.
    case "/sbin/rc" where arguments == ["--sys"]: return ""
    case "dpkg" where arguments == ["--print-architecture"]:
      return environment.architecture + "\n"
    case "dpkg-divert":
      // No diversion is set before a first installation.
      if arguments.first == "--truename", let path = arguments.last { return path + "\n" }
      return arguments.first == "--listpackage" ? "" : nil
    case "mktemp" where arguments.isEmpty: return "/tmp/tmp.XXXXXXXXXX\n"
    case "readlink", "realpath": return environment.readLink(Array(arguments), in: directory)
    case "command" where arguments.count == 2 && arguments.first == "-v",
      "which" where arguments.count == 1:
      return environment.programPath(arguments.last ?? "").map { $0 + "\n" }
    case "dirname", "basename":
      guard arguments.count == 1, let path = arguments.first, let slash = path.lastIndex(of: "/")
      else { return nil }
      let isName = texts[0] == "basename"
      return (isName ? String(path[path.index(after: slash)...]) : String(path[..<slash])) + "\n"
    case let name where ShellPrograms.printsNothing.contains(name): return ""
    default: return nil
    }
  }

  private static func hasBackslash(_ text: String) -> Bool {
    text.utf8.contains(UInt8(ascii: "\\"))
  }

  private func status(of words: [Word]) -> Status {
    let texts = words.map(\.text)
    switch texts[0] {
    case "false": return .failure
    case "command" where texts.count == 3, "which" where texts.count == 2,
      "type" where texts.count == 2:
      let isThere = environment.hasProgram(texts[texts.count - 1])
      return isThere.map { $0 ? .success : .failure } ?? .unknown
    case "dpkg" where texts.contains("--compare-versions"): return compareVersions(words)
    case "dpkg-statoverride" where texts.contains("--list"): return .failure
    case let name where ShellPrograms.succeeds.contains(name): return .success
    default: return .unknown
    }
  }

  /// Decides `dpkg --compare-versions` where the version before is "none": earlier than any, later with `-nl`.
  private func compareVersions(_ words: [Word]) -> Status {
    let operands = words.drop { $0.text != "--compare-versions" }.dropFirst()
      .filter { $0.text != "--" }
    guard operands.count == 3, operands.allSatisfy(\.isKnown), operands[0].text.isEmpty,
      !operands[2].text.isEmpty
    else { return .unknown }
    switch operands[1].text {
    case "lt", "le", "ne", "<<", "<=", "<", "ge-nl", "gt-nl": return .success
    case "gt", "ge", "eq", ">>", ">=", ">", "=", "lt-nl", "le-nl": return .failure
    default: return .unknown
    }
  }
}
