import ArgumentParser
import OCIImage
import RootfsCompose

struct CacheShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show what the store holds.",
    discussion: """
      Lists each kind of file with its number, its size and the times of its oldest and newest \
      use. "outdated" is what other versions of the program left in a form of their own, "other" \
      what they did not make.

      Example:
        dhi-compose cache show

      \(ExitStatus.table)
      """)

  @OptionGroup var options: CacheOptions

  private struct Shown: Encodable {
    let store: String
    let areas: [ShownArea]
    let files: Int
    let size: Int64
  }

  func run() throws {
    try reportingErrors {
      let (directory, census) = try options.census()
      let areas = census?.areas ?? [:]
      let total = census?.total ?? StoreSum()
      let shown = StoreArea.allCases.filter { ![.outdated, .other].contains($0) || areas[$0] != nil }
      if options.json {
        let document = Shown(
          store: directory, areas: shown.map { ShownArea($0, areas[$0] ?? StoreSum()) },
          files: total.files, size: total.size)
        Console.write(try JSONOutput.text(document) + "\n", to: 1)
        return
      }
      Console.print(directory)
      var table = SumTable(["", "files", "size", "oldest use", "newest use"])
      for area in shown { table.add(area.title, areas[area] ?? StoreSum(), Self.uses(areas[area])) }
      table.add("total", total, Self.uses(total))
      table.print()
    }
  }

  private static func uses(_ sum: StoreSum?) -> [String] {
    [sum?.oldestUse, sum?.newestUse].map { $0.map(ImageConfiguration.timestamp) ?? "-" }
  }
}
