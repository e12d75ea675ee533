import ArgumentParser
import PkgResolve
import RootfsCompose

struct CachePruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Remove from the store what was not used lately.",
    discussion: """
      Removes files until the store keeps every bound given: first what other versions of the \
      program left in a form of their own, then what was used least recently. Files that no \
      version made stay. Builds may run meanwhile: what was used within the last hour is left \
      to them, and what they miss they make again.

      Example:
        dhi-compose cache prune --max-size 2G --older-than 30d

      \(ExitStatus.table)
      """)

  @Option(
    help: ArgumentHelp(
      "Most that the store may hold: 500M, 2G, 1.5GiB (K, M, G, T of 1000; Ki, Mi, Gi, Ti of 1024).",
      valueName: "size"),
    transform: CacheBound.size)
  var maxSize: Int64?

  @Option(
    help: ArgumentHelp(
      "Longest time since a file was used: 90m, 12h, 30d, 8w (s, m, h, d, w).", valueName: "age"),
    transform: CacheBound.age)
  var olderThan: Int64?

  @Flag(help: "Remove nothing; say what would be.")
  var dryRun = false

  @OptionGroup var options: CacheOptions

  func validate() throws {
    guard maxSize != nil || olderThan != nil else {
      throw ValidationError(
        "say what may stay: --max-size 2G, --older-than 30d, or both; "
          + "--max-size 0 removes everything")
    }
  }

  private struct Shown: Encodable {
    let store: String
    let dryRun: Bool
    let inUse: Bool
    let removed: [ShownArea]
    let removedFiles: Int
    let removedSize: Int64
    let sparedFiles: Int
    let sparedSize: Int64
    let files: Int
    let size: Int64
  }

  func run() throws {
    try reportingErrors {
      let (directory, census) = try options.census()
      let pruning = census.map {
        StorePruning($0, to: StoreBounds(size: maxSize, age: olderThan), isDryRun: dryRun)
      }
      try report(directory, pruning)
      if let failure = pruning?.failure { throw failure }
    }
  }

  private func report(_ directory: String, _ pruning: StorePruning?) throws {
    let areas = (pruning?.removed ?? [:]).sorted { $0.key < $1.key }
    let files = areas.reduce(0) { $0 + $1.value.files }
    let size = areas.reduce(0) { $0 + $1.value.size }
    let remaining = pruning?.remaining ?? StoreSum()
    if let pruning { advise(directory, pruning) }
    if options.json {
      let document = Shown(
        store: directory, dryRun: dryRun, inUse: pruning?.isInUse ?? false,
        removed: areas.map { ShownArea($0.key, $0.value) }, removedFiles: files,
        removedSize: size, sparedFiles: pruning?.spared.files ?? 0,
        sparedSize: pruning?.spared.size ?? 0, files: remaining.files, size: remaining.size)
      Console.write(try JSONOutput.text(document) + "\n", to: 1)
      return
    }
    Console.print(directory)
    var table = SumTable([dryRun ? "would remove" : "removed", "files", "size"])
    for (area, sum) in areas { table.add(area.title, sum) }
    table.add("total", files: files, size: size)
    table.add(dryRun ? "would remain" : "remaining", remaining)
    table.print()
  }

  private func advise(_ directory: String, _ pruning: StorePruning) {
    if pruning.spared.files > 0 {
      Console.say(
        "note: \(directory): a build runs; \(pruning.spared.files) files of "
          + "\(byteText(pruning.spared.size)) that were used within the last hour are left to it")
    } else if let maxSize, pruning.remaining.size > maxSize, pruning.failure == nil {
      Console.say(
        "note: \(directory): still over \(byteText(maxSize)); what remains is in use, or is not "
          + "the program's: see `dhi-compose cache show`")
    }
  }
}
