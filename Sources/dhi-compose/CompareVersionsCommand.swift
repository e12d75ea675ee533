import ArgumentParser
import Glibc
import PkgResolve
import RootfsCompose

struct CompareVersionsCommand: ParsableCommand {
  enum Ordering: EnumerableFlag {
    case debian, alpine

    static func help(for value: Self) -> ArgumentHelp? {
      switch value {
      case .debian: "Compare as dpkg does."
      case .alpine: "Compare as apk does."
      }
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "compare-versions",
    abstract: "Compare package versions, a pair a line.",
    usage: "dhi-compose compare-versions --debian|--alpine [<file>]",
    discussion: """
      Reads lines A<TAB>B and prints for each "<", "=" or ">", or "invalid" where either is no \
      version. With --alpine, a line A<TAB>~<TAB>B asks whether A is B or one of its \
      sub-versions (apk's "~"), and the answer is "true" or "false". Answers come as \
      fast as lines do; a line of another form ends the run with exit code 65.

      Input:
        A<TAB>B            "<", "=", ">" or "invalid"
        A<TAB>~<TAB>B      with --alpine: "true" or "false"

      Example:
        printf '1.0~rc1\\t1.0\\n' | dhi-compose compare-versions --debian    # <
        printf '1.2.3\\t~\\t1.2\\n' | dhi-compose compare-versions --alpine   # true

      \(ExitStatus.table)
      """)

  @Flag(exclusivity: .exclusive) var ordering: Ordering

  @Argument(help: "A file of lines (default: standard input).", completion: .file())
  var file: String?

  func run() throws {
    try reportingErrors {
      let input = try LineInput(path: file)
      defer { input.close() }
      var answers = [UInt8]()
      func flush() {
        Console.write(answers, to: STDOUT_FILENO)
        answers.removeAll(keepingCapacity: true)
      }
      // What was answered stands, even if a later line is wrong.
      defer { flush() }
      try input.forEach(
        { line, number in
          let answer = try answer(line, "\(input.name):\(number)")
          answers += answer.utf8
          answers.append(UInt8(ascii: "\n"))
        }, atPause: flush)
    }
  }

  private func answer(
    _ line: ArraySlice<UInt8>, _ place: @autoclosure () -> String
  ) throws -> String {
    let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
    switch (ordering, fields.count) {
    case (.debian, 2):
      return Self.order(fields[0], fields[1]) { try DebianVersion(parsing: $0) }
    case (.alpine, 2):
      return Self.order(fields[0], fields[1]) { try AlpineVersion(parsing: $0) }
    case (.alpine, 3) where fields[1].elementsEqual("~".utf8):
      // As in an index: apk matches what it does not call a version all the same.
      let version = AlpineVersion(asWritten: String(decoding: fields[0], as: UTF8.self))
      let prefix = AlpineVersion(asWritten: String(decoding: fields[2], as: UTF8.self))
      return version.continues(prefix) ? "true" : "false"
    default:
      throw ComposeError(
        .invalidArchive, place(),
        "expected A<TAB>B\(ordering == .alpine ? " or A<TAB>~<TAB>B" : ""), found "
          + (fields.count == 1 ? "no tab" : "\(fields.count) fields"))
    }
  }

  private static func order<Version: Comparable>(
    _ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>, _ parse: (String) throws -> Version
  ) -> String {
    guard let left = try? parse(String(decoding: left, as: UTF8.self)),
      let right = try? parse(String(decoding: right, as: UTF8.self))
    else { return "invalid" }
    return left == right ? "=" : left < right ? "<" : ">"
  }
}
