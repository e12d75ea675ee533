import ArgumentParser
import Glibc
import PkgResolve
import RootfsCompose

struct WhyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Show what brings a package or a file into an image.",
    usage: """
      dhi-compose why <package> [--recipe <file>] [--platform <os/arch>] [<options>]
      dhi-compose why <path> [--recipe <file>] [--platform <os/arch>] [<options>]
      dhi-compose why <package> --packages <file>... --for <name>... [--arch <arch>]
      dhi-compose why <package> --apkindex [@<tag>=]<file>... --for <name>... [--world <dep>]...
      """,
    discussion: """
      Prints the shortest chain from a line of the recipe to the package, and how many others \
      need it. Resolves anew, as `resolve` does. Where the package is not in the set, the exit \
      code is 1.

      What begins with a slash is a path in the image: prints what stands there, the package that \
      ships it, the chain to that package, and what rules and scripts did to it; of a directory, \
      whose files it holds; of a pattern, what matches it. Composes the image for that, by its lock \
      where there is one. Where nothing is there, the exit code is 1.

      Example:
        dhi-compose why libssl3t64 --recipe recipes/python.yaml
        dhi-compose why /usr/bin/python3 --recipe recipes/python.yaml
        dhi-compose why libc6 --packages Packages.xz --for curl --for bash

      \(ExitStatus.table)
      """)

  @Argument(
    help: ArgumentHelp("The package, or a path in the image.", valueName: "package"))
  var package: String

  @OptionGroup var request: RequestOptions

  func validate() throws {
    if try request.isPath(package) { return }
    let asked = AskedPackage(text: package)
    try asked.validate("why")
    try asked.validateName()
  }

  func run() async throws {
    let display = request.display()
    try await reportingErrors(display) {
      if try request.isPath(package) {
        return try await PathQuestion(package, request).ask(.why, display)
      }
      let problems = try await request.problems(display)
      let asked = AskedPackage(text: package)
      let options = request.repeatable
      let answers = try await PlatformAnswers(problems) { try Self.answer(asked, $0, options) }
      display.finish()
      try answers.print()
    }
  }

  private static func answer(
    _ asked: AskedPackage, _ problem: ResolutionProblem, _ options: [String]?
  ) throws -> PlatformAnswers.Answer {
    let resolution = try problem.solve()
    guard let name = asked.name(in: problem) else {
      return .init(
        text: "\(asked.text): is not in the set, which is for \(problem.architecture)\n",
        isFound: false)
    }
    if let text = resolution.whyText(name, style: Console.outputStyle) {
      return .init(text: text, isFound: true)
    }
    let isPackage = problem.hasPackage(named: name)
    let provided = problem.providers(of: name)
    let members = resolution.packages.map(\.record).filter { record in
      provided.contains { $0.name == record.name && $0.version == record.version }
    }.map(\.name)
    if !members.isEmpty {
      let kind = isPackage ? "is not in the set" : "is a virtual name"
      let verb = members.count == 1 ? "provides" : "provide"
      let line = "\(name): \(kind); \(members.joined(separator: ", ")) \(verb) it\n"
      let chains = members.compactMap { resolution.whyText($0, style: Console.outputStyle) }
      return .init(text: Console.harmless(line) + chains.joined(separator: "\n"), isFound: true)
    }
    let near = isPackage || !provided.isEmpty ? [] : resolution.nearNames(of: name)
    let kind = isPackage || provided.isEmpty ? "" : "is a virtual name, and what provides it "
    let command =
      options.map { words in
        "`"
          + (["dhi-compose", "why-not", name] + words).map(LoadingAdvice.quoted)
          .joined(separator: " ") + "`"
      } ?? "why-not"
    let advice =
      near.isEmpty
      ? "\(command) says what keeps it out"
      : "did you mean \(near.joined(separator: ", "))?"
    return .init(text: "\(name): \(kind)is not in the set; \(advice)\n", isFound: false)
  }
}

/// What `why` and `why-not` ask of whom.
struct RequestOptions: ParsableArguments {
  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(
      "With --packages or --apkindex: a name that is asked for; may be repeated.", valueName: "name"
    ))
  var names: [String] = []

  @Flag(name: .shortAndLong, help: "Say nothing but warnings and errors.")
  var quiet = false

  @OptionGroup var source: PackageSourceOptions

  /// Whether what is asked about is a path of a recipe's image. Of Alpine's indexes given by hand, it is a name: packages
  /// provide paths.
  func isPath(_ text: String) throws -> Bool {
    guard text.hasPrefix("/") else { return false }
    guard source.packages.isEmpty else {
      throw ValidationError(
        "\(text): is a path, and which package ships it is known of a recipe's image only; "
          + "use --recipe")
    }
    return !source.isByHand
  }

  func check() throws {
    try source.check()
    if source.isByHand, names.isEmpty, source.world.isEmpty {
      throw ValidationError("name what is asked for with --for\(source.filesTaken)")
    }
    if !source.isByHand, !names.isEmpty {
      throw ValidationError("--for goes with --packages or --apkindex")
    }
  }

  /// The words that ask the same of another command; nil where what was read cannot be read again.
  var repeatable: [String]? {
    source.repeatable.map { $0 + names.flatMap { ["--for", $0] } }
  }

  func display() -> ProgressDisplay {
    ProgressDisplay(
      style: ProgressDisplay.style(quiet: quiet || source.isByHand, json: false))
  }

  func problems(
    _ display: ProgressDisplay
  ) async throws -> [ResolutionProblem] {
    try check()
    return try await source.problems(of: source.soleRecipe(), names, display)
  }
}

/// One question put to each platform. What all answer alike is said once.
struct PlatformAnswers {
  struct Answer: Sendable {
    let text: String
    /// Whether it is an answer, and not the news that there is none.
    let isFound: Bool
  }

  private let answers: [(name: String, answer: Answer)]

  init(
    _ problems: [ResolutionProblem], _ ask: @Sendable @escaping (ResolutionProblem) throws -> Answer
  ) async throws {
    let pool = BlockingPool(threads: 1, name: "solve")
    var answers = [(String, Answer)]()
    for problem in problems {
      let answer = try await pool.run { try ask(problem.cancelled(by: $0)) }
      answers.append((problem.platform?.description ?? problem.architecture, answer))
    }
    self.answers = answers
  }

  init(_ answers: [(name: String, answer: Answer)]) { self.answers = answers }

  /// Answers go to standard output; where none was found, the news goes to standard error and the exit code is 1.
  func print() throws {
    let isFound = answers.contains { $0.answer.isFound }
    let first = answers.first?.answer.text ?? ""
    let isOne = answers.allSatisfy { $0.answer.text == first }
    let text =
      isOne ? first : answers.map { "\($0.name):\n\($0.answer.text)" }.joined(separator: "\n")
    if isFound {
      Console.write(text, to: STDOUT_FILENO)
    } else {
      Console.write("error: " + text, to: STDERR_FILENO)
      throw ExitStatus.failure
    }
  }
}
