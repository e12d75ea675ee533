import FoundationEssentials
import OCIImage
import PkgResolve
import RootfsCompose

/// What `build --json` prints of an image.
struct BuildReport: Codable {
  struct PlatformReport: Codable {
    let manifest: String
    let config: String
    let diffIDs: [String]
    /// Packed bytes.
    let size: Int64
    /// Bytes of all files.
    let unpackedSize: Int64
    let packages: Int
    /// The base layer first.
    let layers: [LayerReport]
  }

  struct LayerReport: Codable {
    let digest: String
    /// Packed bytes.
    let size: Int64
    /// What it holds, where the image has more than one.
    let comment: String?
  }

  let recipe: String
  let distribution: String
  let output: String
  let digest: String
  let size: Int64
  let epoch: Int64
  let platforms: [String: PlatformReport]
  /// Whether the output was there already as it would have been written again.
  var unchanged = false

  init(_ composed: ComposedImage, path: String, recipe: String, lock: Lockfile) {
    self.recipe = recipe
    distribution = lock.distribution
    output = path
    digest = composed.image.digest.description
    size = composed.image.size
    epoch = lock.epoch
    var platforms = [String: PlatformReport]()
    for image in composed.image.platformImages {
      platforms[image.platform.description] = PlatformReport(
        manifest: image.digest.description, config: image.manifest.config.digest.description,
        diffIDs: image.configuration.rootfs.diffIDs.map(\.description), size: image.size,
        unpackedSize: composed.unpackedSizes[image.platform] ?? 0,
        packages: lock.platforms[image.platform.description]?.packages.count ?? 0,
        layers: zip(image.manifest.layers, image.configuration.history ?? []).map { layer, step in
          LayerReport(
            digest: layer.digest.description, size: layer.size, comment: step.comment)
        })
    }
    self.platforms = platforms
  }
}

/// What `build --json` prints of an image that could not be built.
struct BuildFailure: Encodable {
  let recipe: String
  let distribution: String?
  let errors: [String]
  let exitCode: Int32
}

/// JSON for machines: keys sorted, two spaces of indent.
enum JSONOutput {
  static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
