import ArgumentParser
import RootfsCompose

@main
struct DHICompose: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "dhi-compose")
}
