/// An image for one platform: manifest, configuration and the layers they name.
///
/// Source: OCI image-spec, manifest.md and config.md.
public struct PlatformImage: Sendable {
  public let configuration: ImageConfiguration
  public let manifest: Manifest
  /// Points to the manifest, with the platform set.
  public let descriptor: Descriptor
  /// The documents as they are stored, the manifest's and the configuration's.
  let manifestBytes: [UInt8]
  let configurationBytes: [UInt8]

  /// Sizes of the layers before packing, by the packed layer's digest; empty for an image that was read.
  let unpackedSizes: [Digest: Int64]

  public var platform: Platform { configuration.platform }

  /// The manifest's digest.
  public var digest: Digest { descriptor.digest }

  /// Puts an image together from finished layers, the base layer first.
  ///
  /// `configuration`'s platform and root file system are replaced by what `platform` and `layers` say.
  /// `annotations` are the manifest's. Throws ``OCIError`` (`invalidImage`) where the history, if there is one, tells
  /// of another number of layers.
  public init(
    platform: Platform, configuration: ImageConfiguration, layers: [Layer],
    annotations: [String: String] = [:]
  ) throws(OCIError) {
    var configuration = configuration
    configuration.architecture = platform.architecture
    configuration.os = platform.os
    configuration.variant = platform.variant
    configuration.rootfs = ImageConfiguration.RootFileSystem(diffIDs: layers.map(\.diffID))
    let told = configuration.history.map { $0.count { $0.emptyLayer != true } }
    guard told == nil || told == layers.count else {
      throw OCIError(
        .invalidImage, platform.description,
        "the history tells of \(told ?? 0) layers, and there are \(layers.count)")
    }
    let configurationBytes = try CanonicalJSON.encode(configuration)
    let manifest = Manifest(
      config: Descriptor(mediaType: MediaType.configuration, bytes: configurationBytes),
      layers: layers.map(\.descriptor), annotations: annotations)
    self.init(
      configuration: configuration, manifest: manifest,
      manifestBytes: try CanonicalJSON.encode(manifest), configurationBytes: configurationBytes,
      unpackedSizes: Dictionary(
        layers.map { ($0.descriptor.digest, $0.uncompressedSize) }, uniquingKeysWith: { $1 }))
  }

  /// From documents that agree with each other.
  init(
    configuration: ImageConfiguration, manifest: Manifest, manifestBytes: [UInt8],
    configurationBytes: [UInt8], unpackedSizes: [Digest: Int64] = [:]
  ) {
    self.configuration = configuration
    self.manifest = manifest
    self.manifestBytes = manifestBytes
    self.configurationBytes = configurationBytes
    self.unpackedSizes = unpackedSizes
    descriptor = Descriptor(
      mediaType: manifest.mediaType ?? MediaType.manifest, bytes: manifestBytes,
      platform: configuration.platform)
  }

  /// Bytes of the layers' tar archives before packing; nil for an image that was read.
  public var unpackedSize: Int64? {
    manifest.layers.reduce(0) { total, layer in
      guard let total, let size = unpackedSizes[layer.digest] else { return nil }
      return total + size
    }
  }

  /// Bytes of manifest, configuration and packed layers, each blob once.
  public var size: Int64 { Descriptor.totalSize([descriptor, manifest.config] + manifest.layers) }
}

extension Descriptor {
  /// The sum of sizes, each blob once; `Int64.max` where a hostile manifest makes it larger.
  static func totalSize(_ descriptors: [Descriptor]) -> Int64 {
    var seen = Set<Digest>()
    var total: Int64 = 0
    for descriptor in descriptors where seen.insert(descriptor.digest).inserted {
      let (sum, overflow) = total.addingReportingOverflow(descriptor.size)
      if overflow { return .max }
      total = sum
    }
    return total
  }
}
