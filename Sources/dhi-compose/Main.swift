import ArgumentParser
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
    subcommands: [BuildCommand.self, LockCommand.self, CheckCommand.self, ShowCommand.self])

  static func main() async {
    Console.occupyDescriptors()
    do {
      var command = try parseAsRoot()
      if let command = command as? any AsyncParsableCommand {
        try await Interruption.cancelling(command)
      } else {
        try command.run()
      }
    } catch {
      exit(withError: error)
    }
  }
}
