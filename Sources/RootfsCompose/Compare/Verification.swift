import OCIImage
import PkgResolve

/// Whether an image is what a recipe and a lock give, and why not.
public struct Verification: Sendable {
  public enum Verdict: String, Sendable, Codable {
    /// The same manifests, byte for byte, and the same index where the image has one and all its platforms were asked
    /// for.
    case identical
    /// The same layers before packing and the same configurations; other compressed bytes.
    case compressionOnly = "compression only"
    case different
  }

  /// One platform's digests.
  public struct Comparison: Sendable, Equatable {
    public let platform: Platform
    public let expected: Lockfile.Manifest
    public let found: Lockfile.Manifest
    /// What the lock recorded when it was made; nil where it records nothing.
    public let recorded: Lockfile.Manifest?

    public var isIdentical: Bool { expected.manifest == found.manifest }
  }

  /// Why an image may differ.
  public struct Cause: Sendable, Equatable, Encodable {
    public enum Kind: String, Sendable, Codable {
      case recipeChanged = "recipe changed"
      case toolVersion = "tool version"
      case packageReplaced = "package replaced"
      case otherPackages = "other packages"
      case compressor
      case imageChanged = "image changed"
      case builderChanged = "builder changed"
      case unknown
    }

    public let kind: Kind
    /// For a person.
    public let text: String
  }

  /// Digest of the image, and of the rebuild.
  public let found: Digest
  public let expected: Digest
  /// Whether the image's index was compared.
  public let comparesIndex: Bool
  /// In the order of an index.
  public let platforms: [Comparison]
  /// The most telling first; none where the image is identical.
  public internal(set) var deviations: [Deviation]
  /// The likeliest first; none where the image is identical.
  public internal(set) var causes: [Cause] = []
  /// What is odd about a lock, though the image is what it and the recipe give.
  public internal(set) var notes: [String] = []

  public var verdict: Verdict {
    if deviations.isEmpty { return .identical }
    let isPacking = deviations.allSatisfy { $0.attribute == .compression }
    return isPacking ? .compressionOnly : .different
  }

  /// Compares an image with what was rebuilt for the same platforms. The image's layers are checked elsewhere; those that
  /// differ are read.
  ///
  /// Throws `OCIError` and ``ComposeError`` where the image cannot be read.
  init(
    of image: Image, platforms: [PlatformImage], rebuilt: ComposedImage, lock: Lockfile
  ) throws {
    found = image.digest
    expected = rebuilt.image.digest
    comparesIndex =
      image.index != nil && platforms.count == image.platformImages.count
      && rebuilt.image.index != nil
    var deviations = [Deviation]()
    var comparisons = [Comparison]()
    for part in platforms {
      guard
        let own = rebuilt.image.platformImages.first(where: { $0.platform == part.platform })
      else { continue }
      let name = part.platform.description
      comparisons.append(
        Comparison(
          platform: part.platform, expected: Self.record(own), found: Self.record(part),
          recorded: lock.image?.manifests[name]))
      deviations += try PlatformComparison(
        expected: own, rebuilt: rebuilt.image, found: part, image: image
      ).deviations(
        ledger: rebuilt.ledgers[part.platform] ?? Ledger(),
        packages: lock.platforms[name]?.packages ?? [])
    }
    self.platforms = comparisons
    if comparesIndex {
      deviations += try ConfigurationComparison.index(expected: rebuilt.image, found: image)
    }
    self.deviations = deviations.sorted(by: Deviation.precedes)
  }

  private static func record(_ image: PlatformImage) -> Lockfile.Manifest {
    Lockfile.Manifest(
      manifest: image.digest.description, config: image.manifest.config.digest.description,
      diffIDs: image.configuration.rootfs.diffIDs.map(\.description))
  }
}
