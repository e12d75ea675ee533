import ArgumentParser

struct CacheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache",
    abstract: "Show or prune what builds keep in the store.",
    discussion: """
      The store saves time and nothing else: all of it may be removed at any time, and what a \
      build needs is fetched or made again.

      Example:
        dhi-compose cache show
        dhi-compose cache prune --max-size 2G --older-than 30d

      \(ExitStatus.table)
      """,
    subcommands: [CacheShowCommand.self, CachePruneCommand.self])
}
