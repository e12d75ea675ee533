/// A whole image, for one platform or several, whose layers are in a blob store, a layout or an archive.
///
/// A value: nothing is written until ``write(to:)``, and the layers' bytes are read only then.
public struct Image: Sendable {
  /// In the order of the index.
  public let platformImages: [PlatformImage]
  /// Lists the platforms; nil for an image of one platform that has no index.
  public let index: ImageIndex?
  /// Points to the index, else to the one manifest.
  public let descriptor: Descriptor
  /// The name the image goes by in a layout or archive, `python:3.13`.
  public let referenceName: String?

  /// The index as it is stored.
  let indexBytes: [UInt8]?
  let source: BlobSource
  /// Manifests of an index that are no image for a platform, such as attestations.
  let companions: [Companion]
  /// Whether ``LayerWriter`` wrote the layers, so that each archive ends in exactly two zero blocks.
  let isComposed: Bool

  /// A manifest that is carried along as it is, with the blobs it names.
  struct Companion: Sendable {
    let descriptor: Descriptor
    let bytes: [UInt8]
    let blobs: [Descriptor]
  }

  /// Puts platforms together. They stand in the index sorted by name, so that the order they were asked for in does
  /// not change the digest. One platform makes no index, and `annotations`, which are the index's, then stand nowhere.
  ///
  /// Throws ``OCIError`` (`invalidImage`) for no platform and for one that is there twice.
  public init(
    platformImages: [PlatformImage], annotations: [String: String] = [:],
    referenceName: String? = nil, blobs: BlobStore
  ) throws(OCIError) {
    let sorted = platformImages.sorted { $0.platform < $1.platform }
    guard let first = sorted.first else {
      throw OCIError(.invalidImage, "image", "has no platform")
    }
    for (left, right) in zip(sorted, sorted.dropFirst()) where left.platform == right.platform {
      throw OCIError(.invalidImage, left.platform.description, "is in the image twice")
    }
    self.platformImages = sorted
    self.referenceName = referenceName
    source = blobs.source
    companions = []
    isComposed = true
    if sorted.count == 1 {
      index = nil
      indexBytes = nil
      descriptor = first.descriptor
    } else {
      let index = ImageIndex(manifests: sorted.map(\.descriptor), annotations: annotations)
      let bytes = try CanonicalJSON.encode(index)
      self.index = index
      indexBytes = bytes
      descriptor = Descriptor(mediaType: MediaType.index, bytes: bytes)
    }
  }

  init(
    platformImages: [PlatformImage], index: ImageIndex?, indexBytes: [UInt8]?,
    descriptor: Descriptor, referenceName: String?, source: BlobSource,
    companions: [Companion], isComposed: Bool
  ) {
    self.platformImages = platformImages
    self.index = index
    self.indexBytes = indexBytes
    self.descriptor = descriptor
    self.referenceName = referenceName
    self.source = source
    self.companions = companions
    self.isComposed = isComposed
  }

  /// The index's digest where there is one, else the manifest's.
  public var digest: Digest { descriptor.digest }

  /// Bytes of all blobs: index, manifests, configurations and packed layers, each once.
  public var size: Int64 { Descriptor.totalSize(blobs) }

  public var platforms: [Platform] { platformImages.map(\.platform) }

  /// The image for one of its platforms, without an index. Throws ``OCIError`` (`notFound`).
  public func selecting(_ platform: Platform) throws(OCIError) -> Image {
    guard let chosen = platformImages.first(where: { $0.platform == platform }) else {
      throw OCIError(
        .notFound, platform.description, "the image is for \(platformList); choose one of these")
    }
    return Image(
      platformImages: [chosen], index: nil, indexBytes: nil, descriptor: chosen.descriptor,
      referenceName: referenceName, source: source, companions: [], isComposed: isComposed)
  }

  /// Hands the packed bytes of one of the image's blobs to `body`, in pieces, checked as ``BlobStore/read(_:_:)`` does.
  ///
  /// Throws ``OCIError`` (`notFound`, `storeUnreadable`, `inputUnreadable`, `digestMismatch`).
  public func readBlob(
    _ descriptor: Descriptor, _ body: (UnsafeRawBufferPointer) throws(OCIError) -> Void
  ) throws(OCIError) {
    if let document = documents[descriptor.digest] {
      try document.withBytes(body)
    } else {
      try source.read(descriptor, body)
    }
  }

  /// Every blob of the image once, sorted by digest.
  public var blobs: [Descriptor] {
    var all = [descriptor]
    for image in platformImages {
      all += [image.descriptor, image.manifest.config] + image.manifest.layers
    }
    for companion in companions { all += [companion.descriptor] + companion.blobs }
    var seen = Set<Digest>()
    return all.filter { seen.insert($0.digest).inserted }.sorted { $0.digest < $1.digest }
  }

  /// What is in memory, by digest.
  var documents: [Digest: [UInt8]] {
    var documents = [Digest: [UInt8]]()
    if let indexBytes { documents[descriptor.digest] = indexBytes }
    for image in platformImages {
      documents[image.digest] = image.manifestBytes
      documents[image.manifest.config.digest] = image.configurationBytes
    }
    for companion in companions { documents[companion.descriptor.digest] = companion.bytes }
    return documents
  }

  var platformList: String { platforms.map(\.description).joined(separator: ", ") }
}
