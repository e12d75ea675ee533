import ArgumentParser
import OCIImage
import RootfsCompose

/// Reads `--bundle FILE`, for commands that make an image.
struct BundleOption: ParsableArguments {
  @Option(
    name: .customLong("bundle"),
    help: ArgumentHelp(
      "A bundle to take packages and indexes from, and the recipes and locks where none are named.",
      valueName: "file"),
    completion: .file())
  var path: String?

  func validate() throws {
    if path?.isEmpty == true { throw ValidationError("--bundle is empty; name a file") }
  }

  /// The bundle, read and checked; nil where none was named.
  func bundle(_ archives: ArchiveOptions) throws -> Bundle? {
    try path.map { path in
      try Bundle(contentsOf: path, for: archives.composer()) { Interruption.hasCome }
    }
  }
}

extension Bundle {
  /// The recipes that it holds, once for each distribution that is wanted of them.
  func turns(_ distribution: DistributionOption) throws -> [RecipeTurn] {
    let wanted = images.map(\.recipe).filter {
      distribution.name == nil || $0.distribution == distribution.name
    }
    guard !wanted.isEmpty else {
      let names = images.compactMap(\.recipe.distribution).joined(separator: ", ")
      throw ComposeError(
        .unknownDistribution, path,
        "is for \(names), not for \(distribution.name ?? ""); name one that it is for")
    }
    return wanted.map { RecipeTurn(path: $0.path, recipe: .success($0)) }
  }

  /// The platforms to make where none is named: those whose packages it holds.
  func platforms(for recipe: Recipe) -> [Platform]? { image(for: recipe)?.platforms }
}
