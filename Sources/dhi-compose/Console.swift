import FoundationEssentials
import PkgResolve
import RootfsCompose
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Data on standard output, talk on standard error.
enum Console {
  /// Opens what the caller closed of the standard descriptors: the next file opened would take the number, and what is
  /// printed would go there.
  static func occupyDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", O_RDWR)
    }
  }

  /// Lets the program have more files open than shells allow by default, 1,024: the packages of many images are held open
  /// at once. Where it may not, fewer are.
  static func allowManyFiles() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    // More than that is of no use, and some programs that ours starts look at each number up to the limit.
    let wanted = min(limit.rlim_max, 16_384)
    guard limit.rlim_cur < wanted else { return }
    limit.rlim_cur = wanted
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// Ends the program without what libraries do at exit: libcrypto would free what threads that are ending themselves
  /// still free.
  static func leave(_ code: Int32) -> Never {
    fflush(nil)
    _exit(code)
  }

  /// Ends the program where data cannot be written: a result that is lost is a failure. Lost talk is not.
  static func write(_ text: String, to descriptor: Int32) {
    write(Array(text.utf8), to: descriptor)
  }

  static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var bytes = bytes[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 {
        if errno == EINTR { continue }
        guard descriptor == STDOUT_FILENO else { return }
        let reason = String(cString: strerror(errno))
        say("error: standard output: cannot be written: \(reason)")
        leave(ExitStatus.cannotCreate.rawValue)
      }
      bytes = bytes.dropFirst(written)
    }
  }

  /// A line of text on standard output. Documents for machines go through ``write(_:to:)``, byte for byte.
  static func print(_ line: String) { write(harmless(line) + "\n", to: STDOUT_FILENO) }

  /// A line of text on standard error.
  static func say(_ line: String) {
    let line = harmless(line)
    write(line + "\n", to: STDERR_FILENO)
    annotate(line)
  }

  /// Repeats an error or a warning for the workflow that reads it, if one does.
  static func annotate(_ line: String) {
    let environment = ProcessInfo.processInfo.environment
    guard environment["GITHUB_ACTIONS"] == "true" else { return }
    if let command = Annotations.command(for: line, workspace: environment["GITHUB_WORKSPACE"]) {
      write(command + "\n", to: STDERR_FILENO)
    }
  }

  /// How text for people is set off on standard output: not at all where it is no terminal, or NO_COLOR is set.
  static var outputStyle: TextStyle {
    let environment = ProcessInfo.processInfo.environment
    let isWanted = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    return isWanted && isatty(STDOUT_FILENO) == 1 ? .terminal : .plain
  }

  /// Text with its control characters written out: names in archives, indexes and images are their makers' choice, and
  /// a terminal would obey the escape sequences in them.
  static func harmless(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if scalar.properties.generalCategory == .control, scalar != "\n", scalar != "\t" {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// Shows a composer's events: one live line on a terminal, plain lines elsewhere, nothing when quiet.
///
/// Warnings are shown even then, on standard error.
final class ProgressDisplay: Sendable {
  enum Style: Sendable {
    case live(colour: Bool)
    case plain, quiet, json
  }

  private struct State {
    var line = ""
    var warned = Set<String>()
    var told = Set<String>()
  }

  private let style: Style
  private let state = Mutex(State())

  init(style: Style) { self.style = style }

  /// The style for the process: live where standard error is a terminal that can move its cursor.
  static func style(quiet: Bool, json: Bool) -> Style {
    if quiet { return .quiet }
    if json { return .json }
    let environment = ProcessInfo.processInfo.environment
    guard isatty(STDERR_FILENO) == 1, environment["TERM"] != "dumb" else { return .plain }
    return .live(colour: (environment["NO_COLOR"] ?? "").isEmpty)
  }

  /// - Parameter image: which one of several the event is of.
  func show(_ event: ComposeEvent, of image: String? = nil) {
    let text = (image.map { $0 + ": " } ?? "") + event.description
    switch event {
    case .warning: important(text)
    // Images share indexes: each is told of once.
    case .indexVerified where !isNew(event.description): break
    case .indexVerified: lasting(event.description)
    case .fetching, .unpacked, .fetched: transient(text)
    default: lasting(text)
    }
  }

  private func isNew(_ text: String) -> Bool {
    state.withLock { $0.told.insert(text).inserted }
  }

  /// A line about the run itself.
  func note(_ text: String) { lasting(text) }

  /// Ends the live line, so that what follows starts on one of its own.
  func finish() {
    state.withLock { state in
      if case .live = style, !state.line.isEmpty { Console.write("\r\u{1B}[K", to: STDERR_FILENO) }
      state.line = ""
    }
  }

  private func important(_ text: String) {
    state.withLock { state in
      guard state.warned.insert(text).inserted else { return }
      var line = Console.harmless(text)
      if case .live(let colour) = style {
        if !state.line.isEmpty { Console.write("\r\u{1B}[K", to: STDERR_FILENO) }
        state.line = ""
        if colour { line = "\u{1B}[33m" + line + "\u{1B}[0m" }
      }
      Console.write(line + "\n", to: STDERR_FILENO)
      Console.annotate(Console.harmless(text))
    }
  }

  private func lasting(_ text: String) {
    state.withLock { state in
      switch style {
      case .live:
        Console.write("\r\u{1B}[K" + Console.harmless(text) + "\n", to: STDERR_FILENO)
        state.line = ""
      case .plain: Console.say(text)
      case .quiet, .json: break
      }
    }
  }

  private func transient(_ text: String) {
    guard case .live = style else { return }
    state.withLock { state in
      let clipped = String(Console.harmless(text).prefix(Self.terminalWidth() - 1))
      guard clipped != state.line else { return }
      Console.write("\r\u{1B}[K" + clipped, to: STDERR_FILENO)
      state.line = clipped
    }
  }

  private static func terminalWidth() -> Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 80 }
    return Int(size.ws_col)
  }
}
