/// Follows a maintainer script as a first installation would and collects the commands it reaches.
///
/// Nothing is executed. Conditions are decided where their values are known (the script's arguments, files of the
/// tree, versions compared with "none installed before"); where they are not, both ways are followed and what they
/// reach is marked uncertain. All bounds are fixed, so that hostile scripts end too.
struct ShellWalk {
  static let maximumDepth = 120
  /// Of all kinds: loops around nothing take their time too.
  static let maximumCommands = 50_000
  static let maximumText = 1 << 16
  static let maximumExpansion = 1 << 24
  static let maximumSteps = 4096
  /// Comparisons of a character with a part of a pattern.
  static let maximumComparisons = 1 << 24

  enum Status: Equatable {
    case success, failure, unknown

    var negated: Status {
      switch self {
      case .success: .failure
      case .failure: .success
      case .unknown: .unknown
      }
    }
  }

  /// How a command ends.
  enum Flow: Equatable {
    case next(Status)
    case returned(Status)
    case exited(Status)
    case loopLeft
  }

  /// A word after expansion.
  struct Word: Equatable {
    var text: String
    var isKnown: Bool
  }

  let script: String
  let environment: ShellEnvironment
  var variables: [String: Word]
  var positional: [Word]
  var functions: [String: ShellCommand] = [:]
  var steps: [ScriptStep] = []
  /// Over 0 inside a branch that may or may not be taken.
  var uncertain = 0
  /// Set once the script may have ended early.
  var mayHaveEnded = false
  var depth = 0
  /// How often each function is being called.
  var calls: [String: Int] = [:]
  /// What the script itself has made and removed so far.
  var changes = ShellChanges()
  var commands = 0
  /// Bytes of all words expanded so far.
  var expanded = 0
  /// How many characters were compared with patterns, at most.
  var comparisons = 0
  /// What a command substitution has printed so far; nil outside of one.
  var captured: Word?
  /// How many undecided conditions stood above the command substitution.
  var captureLevel = 0
  /// The file mode mask the script has set.
  var mask: UInt16 = 0o022
  /// Where the script stands; nil where that is not known.
  var directory: String?
  /// Set when a bound was reached: the steps are then not all.
  var isCutShort = false

  init(script: String, arguments: [String], environment: ShellEnvironment) {
    self.script = script
    self.environment = environment
    positional = arguments.map { Word(text: $0, isKnown: true) }
    variables = environment.variables.mapValues { Word(text: $0, isKnown: true) }
    directory = environment.workingDirectory
  }

  mutating func run(_ command: ShellCommand) -> Flow {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth, commands < Self.maximumCommands else {
      isCutShort = true
      return .next(.unknown)
    }
    commands += 1
    switch command {
    case .simple(let simple): return runSimple(simple)
    case .sequence(let list): return runSequence(list)
    case .andOr(let first, let rest): return runAndOr(first, rest)
    case .not(let inner):
      let flow = run(inner)
      if case .next(let status) = flow { return .next(status.negated) }
      return flow
    case .pipeline(let list): return runPipeline(list)
    case .branch(let arms, let otherwise): return runBranch(arms[...], otherwise)
    case .loop(let condition, let isUntil, let body): return runLoop(condition, isUntil, body)
    case .forEach(let name, let words, let body): return runForEach(name, words, body)
    case .select(let subject, let arms): return runSelect(subject, arms)
    case .group(let body, let redirects, let isSubshell):
      return runGroup(body, redirects, isSubshell)
    case .function(let name, let body):
      functions[name] = body
      return .next(.success)
    }
  }

  private mutating func runSequence(_ list: [ShellCommand]) -> Flow {
    var last = Flow.next(.success)
    for command in list {
      last = run(command)
      guard case .next = last else { return last }
    }
    return last
  }

  private mutating func runAndOr(
    _ first: ShellCommand, _ rest: [(isAnd: Bool, command: ShellCommand)]
  ) -> Flow {
    var flow = run(first)
    for (isAnd, command) in rest {
      guard case .next(let status) = flow else { return flow }
      switch status {
      case .unknown: flow = runMaybe(command)
      case .success: if isAnd { flow = run(command) }
      case .failure: if !isAnd { flow = run(command) }
      }
    }
    return flow
  }

  /// Follows a command that may or may not be reached.
  mutating func runMaybe(_ command: ShellCommand) -> Flow {
    let before = variables
    let ended = mayHaveEnded
    uncertain += 1
    let flow = run(command)
    uncertain -= 1
    mayHaveEnded = ended || mayHaveEnded
    forget(changedSince: before)
    switch flow {
    case .next(.success), .next(.failure), .next(.unknown), .loopLeft: break
    // An exit with failure would fail the installation: what follows supposes that it did not happen.
    case .exited(.failure): break
    case .returned, .exited: mayHaveEnded = true
    }
    return .next(.unknown)
  }

  /// Variables that a branch may have set are no longer known.
  mutating func forget(changedSince before: [String: Word]) {
    for (name, value) in variables where before[name] != value {
      variables[name] = Word(text: "$" + name, isKnown: false)
    }
    for name in before.keys where variables[name] == nil {
      variables[name] = Word(text: "$" + name, isKnown: false)
    }
  }

  private mutating func runPipeline(_ list: [ShellCommand]) -> Flow {
    let before = variables
    let outside = captured
    for command in list {
      captured = nil
      if case .simple = command { _ = run(command) } else { _ = runMaybe(command) }
    }
    variables = before
    captured = outside.map { _ in Word(text: "", isKnown: false) }
    return .next(.unknown)
  }

  private mutating func runBranch(
    _ arms: ArraySlice<(condition: ShellCommand, body: ShellCommand)>, _ otherwise: ShellCommand?
  ) -> Flow {
    var undecided = 0
    defer { uncertain -= undecided }
    for arm in arms {
      let condition = run(arm.condition)
      guard case .next(let status) = condition else { return condition }
      if status == .failure { continue }
      if status == .success {
        if undecided == 0 { return run(arm.body) }
        return runMaybe(arm.body)
      }
      _ = runMaybe(arm.body)
      undecided += 1
      uncertain += 1
    }
    guard let otherwise else { return .next(undecided == 0 ? .success : .unknown) }
    return undecided == 0 ? run(otherwise) : runMaybe(otherwise)
  }

  private mutating func runLoop(
    _ condition: ShellCommand, _ isUntil: Bool, _ body: ShellCommand
  ) -> Flow {
    let flow = run(condition)
    guard case .next(let status) = flow else { return flow }
    if status == (isUntil ? .success : .failure) { return .next(.success) }
    return runMaybe(body)
  }

  private mutating func runForEach(
    _ name: String, _ words: [ShellWord]?, _ body: ShellCommand
  ) -> Flow {
    let values = words.map { expandAll($0) } ?? positional
    guard values.allSatisfy(\.isKnown), values.count <= 256 else {
      variables[name] = Word(text: "$" + name, isKnown: false)
      return runMaybe(body)
    }
    for value in values {
      variables[name] = value
      switch run(body) {
      case .next, .loopLeft: continue
      case let flow: return flow
      }
    }
    return .next(.success)
  }

  private mutating func runSelect(
    _ subject: ShellWord, _ arms: [(patterns: [ShellWord], body: ShellCommand)]
  ) -> Flow {
    let value = expandOne(subject)
    var undecided = false
    for arm in arms {
      let patterns = arm.patterns.map { expandOne($0, keepsQuotes: true) }
      let isShort = ([value] + patterns).allSatisfy { $0.text.utf8.count <= 1024 }
      let work = patterns.reduce(0) { $0 + $1.text.utf8.count * (value.text.utf8.count + 1) }
      let isDecidable = isShort && value.isKnown && patterns.allSatisfy(\.isKnown)
      if !isDecidable || !mayCompare(work) {
        undecided = true
        _ = runMaybe(arm.body)
      } else if patterns.contains(where: { ShellPattern.matches($0.text, value.text) }) {
        return undecided ? runMaybe(arm.body) : run(arm.body)
      }
    }
    return .next(undecided ? .unknown : .success)
  }

  /// Whether as many comparisons more keep within the bound.
  mutating func mayCompare(_ work: Int) -> Bool {
    comparisons += min(work, Self.maximumComparisons)
    if comparisons > Self.maximumComparisons { isCutShort = true }
    return comparisons <= Self.maximumComparisons
  }

  private mutating func runGroup(
    _ body: ShellCommand, _ redirects: [ShellRedirect], _ isSubshell: Bool
  ) -> Flow {
    let outputs = outputs(of: redirects)
    if !outputs.isEmpty {
      // The group as a whole writes a file, with text that is not followed.
      record(["{"], isResolved: false, outputs: outputs, text: nil, line: 0)
    }
    guard isSubshell else { return run(body) }
    let before = variables
    let place = directory
    let flow = run(body)
    variables = before
    directory = place
    if case .exited(let status) = flow { return .next(status) }
    return flow
  }
}
