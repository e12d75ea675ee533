import FoundationEssentials

/// A folder that make-mirror.py made.
struct PackageSet {
  /// Package files, and the Packages file they stand in.
  let files: [String]
  let index: String
  let recipe: String
  let suite: String
  let architecture: String
  /// The names that the set was made for.
  let packages: [String]

  private struct Record: Decodable {
    struct File: Decodable {
      let path: String
    }
    let suite: String
    let packages: [String]
    let files: [String: [File]]
  }

  init(folder: String) throws {
    let data = try Data(contentsOf: URL(filePath: folder + "/set.json"))
    let record = try JSONDecoder().decode(Record.self, from: data)
    guard let (architecture, files) = record.files.min(by: { $0.key < $1.key }) else {
      throw Stages.Failure(description: "\(folder)/set.json: names no packages")
    }
    self.files = files.map { "\(folder)/mirror/\($0.path)" }
    index = "\(folder)/mirror/dists/\(record.suite)/main/binary-\(architecture)/Packages"
    recipe = folder + "/recipe.yaml"
    suite = record.suite
    packages = record.packages
    self.architecture = architecture
  }
}
