import ArgumentParser
import FoundationEssentials
import OCIImage
import PkgResolve
import RootfsCompose

/// Options of the subcommands of `cache`.
struct CacheOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The store's folder (default: $XDG_CACHE_HOME/dhi-compose).", valueName: "dir"))
  var store: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if store?.isEmpty == true {
      throw ValidationError("--store is empty; give it a value or leave it out")
    }
  }

  /// The store's folder and its files; none where the folder is not there yet, which a line on standard error says.
  func census() throws -> (directory: String, census: StoreCensus?) {
    let location = store.map { StoreLocation.directory($0) } ?? .userCache
    let directory = try location.path(environment: ProcessInfo.processInfo.environment)
    let census = try StoreCensus(directory: directory)
    if census == nil { Console.say("note: \(directory): no build has kept anything there yet") }
    return (directory, census)
  }
}

extension StoreArea {
  /// What people call it.
  var title: String {
    switch self {
    case .downloads: "downloads"
    case .packages: "decoded packages"
    case .members: "layer members"
    case .indexes: "indexes"
    case .documents: "documents"
    case .images: "image records"
    case .partial: "broken downloads"
    case .work: "work files"
    case .outdated: "outdated"
    case .other: "other"
    }
  }
}

/// A table of sums with their numbers set to the right.
struct SumTable {
  private var rows: [[String]]
  /// How many columns after the first hold numbers.
  private let numbers = 2

  init(_ head: [String]) { rows = [head] }

  mutating func add(_ title: String, _ sum: StoreSum, _ more: [String] = []) {
    add(title, files: sum.files, size: sum.size, more)
  }

  mutating func add(_ title: String, files: Int, size: Int64, _ more: [String] = []) {
    rows.append([title, "\(files)", byteText(size)] + more)
  }

  func print() {
    let widths = (0...numbers).map { column in rows.map { $0[column].count }.max() ?? 0 }
    Table.print(
      rows.map { row in
        row.enumerated().map { column, cell in
          guard (1...numbers).contains(column) else { return cell }
          return String(repeating: " ", count: widths[column] - cell.count) + cell
        }
      })
  }
}

/// What `--json` prints of an area.
struct ShownArea: Encodable {
  let area: String
  let files: Int
  let size: Int64
  let oldestUse: String?
  let newestUse: String?

  init(_ area: StoreArea, _ sum: StoreSum) {
    self.area = area.rawValue
    files = sum.files
    size = sum.size
    oldestUse = sum.oldestUse.map(ImageConfiguration.timestamp)
    newestUse = sum.newestUse.map(ImageConfiguration.timestamp)
  }
}
