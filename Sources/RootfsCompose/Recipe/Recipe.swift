import OCIImage

/// A recipe: an image definition read from a file and found valid.
public struct Recipe: Sendable {
  /// The file's path as it was given.
  public let path: String
  /// The folder that the recipe's local paths are relative to.
  public private(set) var folder: String
  public let definition: Definition
  /// `debian-13`, `alpine-3.22`: from the line `# syntax=…`, from `compose.distribution`, or the one that was picked of
  /// `compose.distributions`.
  public let distribution: String?
  /// The distributions of `compose.distributions`, in the file's order; empty where the recipe is for one alone. What is
  /// made of such a recipe has the distribution in its name.
  public let listedDistributions: [String]
  /// Digest of what the recipe says, whatever its comments, key order and layout.
  public let recipeDigest: Digest
  /// Digest of those parts that choose packages: distribution, snapshot, mirrors, repositories, keyring, pins, packages
  /// and platforms. A lock holds as long as it is the same.
  public let requestDigest: Digest

  private let unsupported: [ComposeError]

  /// Reads and validates a file of at most 1 MiB.
  ///
  /// - Parameter distribution: which one is meant of those that the recipe is for; nil where it is for one only.
  /// - Throws: ``ComposeError`` of code `invalidRecipe`, `inputUnreadable` or `limitExceeded`, and
  ///   `unknownDistribution` where the recipe is not for the one that is meant. Where the file has several errors it is
  ///   the first, and ``ComposeError/all`` holds every one. An error in what the recipe says of another distribution is
  ///   one too.
  public init(contentsOf path: String, distribution: String? = nil) throws(ComposeError) {
    self = try Self.choose(distribution, of: Self.all(contentsOf: path), path: path)
  }

  /// Validates a recipe that is at hand as text.
  ///
  /// - Parameter path: the name that messages begin with, and whose folder local paths are relative to.
  /// - Throws: as ``init(contentsOf:distribution:)``.
  public init(text: String, path: String, distribution: String? = nil) throws(ComposeError) {
    self = try Self.choose(distribution, of: Self.all(text: text, path: path), path: path)
  }

  /// A recipe for each distribution that a file offers, in its order; at least one.
  ///
  /// - Throws: as ``init(contentsOf:distribution:)``.
  public static func all(contentsOf path: String) throws(ComposeError) -> [Recipe] {
    try all(bytes: RecipeFile.read(path), path: path)
  }

  /// As ``all(contentsOf:)``, of a recipe that is at hand as text.
  public static func all(text: String, path: String) throws(ComposeError) -> [Recipe] {
    try all(bytes: Array(text.utf8), path: path)
  }

  private static func all(bytes: [UInt8], path: String) throws(ComposeError) -> [Recipe] {
    guard bytes.count <= RecipeFile.maximumSize else {
      throw ComposeError(
        .limitExceeded, path, "expected a recipe of at most \(RecipeFile.maximumSize) bytes")
    }
    var reader = RecipeReader(file: path)
    let readings = try reader.read(RecipeFile.decode(bytes, file: path))
    guard !readings.isEmpty else { throw ComposeError.joining(reader.problems, path: path) }
    return readings.map { Recipe($0, path: path, listed: reader.listed) }
  }

  private static func choose(
    _ distribution: String?, of recipes: [Recipe], path: String
  ) throws(ComposeError) -> Recipe {
    let names = recipes.compactMap(\.distribution).joined(separator: ", ")
    if let distribution {
      if let chosen = recipes.first(where: { $0.distribution == distribution }) { return chosen }
      throw ComposeError(
        .unknownDistribution, path,
        "is for \(names), not for \(RecipeText.quoted(distribution)); name one that it is for")
    }
    guard let first = recipes.first, recipes.count == 1 else {
      throw ComposeError(
        .invalidRecipe, path, "is for \(names); choose one of these with --distribution")
    }
    return first
  }

  private init(_ reading: RecipeReader.Reading, path: String, listed: [String]) {
    self.path = path
    let slash = path.lastIndex(of: "/")
    folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    definition = reading.definition
    distribution = reading.distribution
    listedDistributions = listed
    recipeDigest = CanonicalRecipe.digest(reading.tree, distribution: reading.distribution)
    requestDigest = CanonicalRecipe.requestDigest(
      reading.definition, distribution: reading.distribution)
    unsupported = reading.unsupported
  }

  /// The same recipe with its local files in another folder.
  func withFiles(in folder: String) -> Recipe {
    var recipe = self
    recipe.folder = folder
    return recipe
  }

  /// Every error of a recipe file, in the file's order; empty where it is valid.
  public static func diagnose(path: String) -> [ComposeError] {
    do throws(ComposeError) {
      _ = try all(contentsOf: path)
      return []
    } catch {
      return error.all
    }
  }

  /// What this valid recipe asks for and composing cannot serve, by name and position; to be asked before an image is
  /// composed.
  ///
  /// Refused: `contents.builds`, `contents.artifacts`, `includes`, `if`, `variant: helm`, `fips-compliant: true` and
  /// `stig-certified: true` (claims that composing cannot prove), files by anything but https, with a secret or with a
  /// checksum other than SHA-256, keys over plain http, and variables that only builds from source have. Read and
  /// without effect: `dates`, `track`, `tests` (not run), `tags`, `suffix`, `entitlement`.
  public func unsupportedKeys() -> [ComposeError] { unsupported }
}

/// All errors of one recipe file.
public struct RecipeErrors: Error, Sendable, CustomStringConvertible {
  /// In the file's order.
  public let errors: [ComposeError]

  public init(errors: [ComposeError]) { self.errors = errors }

  public var description: String { errors.map(\.description).joined(separator: "\n") }
}

extension ComposeError {
  /// This error, or every error of the recipe file that it stands for.
  public var all: [ComposeError] { (underlying as? RecipeErrors)?.errors ?? [self] }

  static func joining(_ errors: [ComposeError], path: String) -> ComposeError {
    guard let first = errors.first else {
      return ComposeError(.invalidRecipe, path, "not a valid recipe")
    }
    if errors.count == 1 { return first }
    let more = errors.count == 2 ? "1 more error" : "\(errors.count - 1) more errors"
    return ComposeError(
      first.code, first.subject, first.message + " (and \(more))",
      underlying: RecipeErrors(errors: errors))
  }
}
