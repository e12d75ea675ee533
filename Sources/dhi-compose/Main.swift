import ArgumentParser
import PkgResolve
import RootfsCompose

@main
struct DHICompose: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dhi-compose",
    abstract: "Compose hardened, reproducible container images from distribution packages.",
    discussion: """
      Reads recipes in the language of Docker Hardened Images definitions, resolves their \
      packages against signed package archives, and writes OCI images. Needs no daemon, root or \
      login. Runs nothing of the image.

      Example:
        dhi-compose build recipes/python.yaml --output out/python

      Shell completions:
        dhi-compose --generate-completion-script bash|zsh|fish

      \(ExitStatus.table)
      """,
    version: ToolVersion.current,
    subcommands: [
      BuildCommand.self, LockCommand.self, UpdateCommand.self, BundleCommand.self,
      CheckCommand.self, ShowCommand.self, VerifyCommand.self, DiffCommand.self,
      CacheCommand.self, ResolveCommand.self, WhyCommand.self, WhyNotCommand.self,
      CompareVersionsCommand.self,
    ])

  static func main() async {
    Console.occupyDescriptors()
    Console.allowManyFiles()
    refuseUnknownCommand(CommandLine.arguments.dropFirst())
    let arguments = Array(CommandLine.arguments.dropFirst())
    let takesIndexes = ["resolve", "why", "why-not"].contains(arguments.first)
    do {
      let words = takesIndexes ? try IndexArguments.expanded(arguments) : arguments
      var command = try parseAsRoot(words)
      if let command = command as? any AsyncParsableCommand {
        try await Interruption.cancelling(command)
      } else {
        try command.run()
      }
    } catch let error as ValidationError {
      refuseUsage(error, of: arguments.first)
    } catch {
      leave(error)
    }
    Console.leave(0)
  }

  /// As `exit(withError:)`: the parser's own words (help, version, what is wrong with the arguments), and the code.
  private static func leave(_ error: any Error) -> Never {
    let code = exitCode(for: error)
    let words = fullMessage(for: error)
    if !words.isEmpty { Console.write(words + "\n", to: code == .success ? 1 : 2) }
    Console.leave(code.rawValue)
  }

  /// As the parser refuses what it finds by itself: with the usage of the command that was named.
  private static func refuseUsage(_ error: ValidationError, of name: String?) -> Never {
    guard let name,
      let command = configuration.subcommands.first(where: { $0.configuration.commandName == name })
    else { leave(error) }
    let usage = usageString(for: command).replacing("\n", with: "\n       ")
    Console.say(
      "Error: \(error.message)\nUsage: \(usage)\n"
        + "  See 'dhi-compose \(name) --help' for more information.")
    leave(ExitStatus.usage)
  }

  /// The parser counts a misspelt command among the arguments; a person wants to hear of the command.
  private static func refuseUnknownCommand(_ words: some Collection<String>) {
    let first = words.first
    refuseUnknown(first, among: configuration.subcommands, outer: "")
    guard first == CacheCommand.configuration.commandName else { return }
    refuseUnknown(
      words.dropFirst().first, among: CacheCommand.configuration.subcommands, outer: "cache ")
  }

  private static func refuseUnknown(
    _ word: String?, among commands: [any ParsableCommand.Type], outer: String
  ) {
    let known =
      commands.compactMap { $0.configuration.commandName } + (outer.isEmpty ? ["help"] : [])
    guard let word, !word.hasPrefix("-"), !known.contains(word) else { return }
    func distance(_ name: String) -> Int { editDistance(Array(name.utf8), Array(word.utf8)) }
    let nearest = known.min { distance($0) < distance($1) } ?? ""
    let hint =
      distance(nearest) <= 2
      ? "did you mean \"\(outer)\(nearest)\"?" : "expected one of \(known.joined(separator: ", "))"
    Console.say("error: unknown command \"\(outer)\(word)\"; \(hint)")
    leave(ExitStatus.usage)
  }
}
