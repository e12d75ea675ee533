import OCIImage

/// What a recipe may ask about the image it makes: `${target.arch}`, and the same names in `#{ … }`.
struct RecipeTarget: Sendable, Hashable {
  /// GOARCH: `amd64`, `arm64`. The one fact that differs between the platforms of one recipe.
  var architecture: String
  var isDevelopment = false
  var isFIPS = false
  var flavor = ""
  /// `debian-13`; nil where the recipe does not say it in plain words. A name of dhi-compose's own: published
  /// definitions are each for one distribution.
  var distribution: String?

  static let architectures = Platform.supported.map(\.architecture)

  static let names = [
    "target.arch", "target.dev", "target.fips", "target.flavor", "target.distribution",
  ]

  func value(of name: String) -> PlatformExpression.Value? {
    switch name {
    case "target.arch": .text(architecture)
    case "target.dev": .boolean(isDevelopment)
    case "target.fips": .boolean(isFIPS)
    case "target.flavor": .text(flavor)
    case "target.distribution": distribution.map(PlatformExpression.Value.text)
    default: nil
    }
  }

  /// Whether a name is one the builders of the published images know, but composing has no value for: the folders
  /// and the clock of a build from source.
  static func isBuildName(_ name: String) -> Bool {
    name.hasPrefix("target.") || name.hasPrefix("source.") || name == "SOURCE_DATE_EPOCH"
  }
}
