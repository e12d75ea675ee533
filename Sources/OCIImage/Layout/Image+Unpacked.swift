extension Image {
  /// Writes what `docker save` wrote before docker spoke OCI, which every docker, podman and skopeo still reads:
  /// `manifest.json`, the configuration under its digest, and the layers unpacked, each under its diff ID.
  func writeDockerArchive(_ file: borrowing OutputFile, _ tags: [String]?) throws(OCIError) {
    guard let image = platformImages.first else { return }
    let names = image.configuration.rootfs.diffIDs.map { $0.hex + ".tar" }
    var written = Set<String>()
    for (position, name) in names.enumerated() where written.insert(name).inserted {
      let layer = try UnpackedLayer(of: image, position)
      let size = try unpackedSize(layer)
      try file.addFile(name, size: size) { (write) throws(OCIError) in try unpack(layer, write) }
    }
    let configurationName = image.manifest.config.digest.hex + ".json"
    try file.addFile(configurationName, image.configurationBytes)
    let manifest = [
      DockerArchiveManifest(configuration: configurationName, repositoryTags: tags, layers: names)
    ]
    try file.addFile("manifest.json", CanonicalJSON.encode(manifest))
    try file.write(TarHeader.end)
  }

  /// Writes the layers as one tar archive.
  ///
  /// A single layer is copied as it is. Layers composed here hold no whiteouts, so one archive after the other, only
  /// the last one ended, unpacks to the same tree. Layers of other tools may hold them, and are refused.
  func writeRootFileSystem(_ file: borrowing OutputFile) throws(OCIError) {
    guard let image = platformImages.first else { return }
    let count = image.manifest.layers.count
    guard isComposed || count == 1 else {
      throw OCIError(
        .unsupported, file.subject,
        "the image was read back and has \(count) layers, which may hide files of each other; "
          + "unpack it with umoci or podman")
    }
    let end = Int64(TarHeader.end.count)
    for position in 0..<count {
      let layer = try UnpackedLayer(of: image, position)
      let isLast = position == count - 1
      var remaining = isLast ? Int64.max : try unpackedSize(layer) - end
      try unpack(layer) { (bytes) throws(OCIError) in
        let taken = Int(min(remaining, Int64(bytes.count)))
        remaining -= Int64(taken)
        try file.write(UnsafeRawBufferPointer(rebasing: bytes[..<taken]))
      }
    }
    if count == 0 { try file.write(TarHeader.end) }
  }

  /// The image's name as `docker load` takes it, with the tag `latest` where it has none; nil without a name.
  ///
  /// Source: distribution/reference, "Grammar".
  func repositoryTags() throws(OCIError) -> [String]? {
    guard let referenceName else { return nil }
    let component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*"
    let host = "[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?"
    let pattern = "(?:\(host)/)?\(component)(?:/\(component))*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?"
    guard let expression = try? Regex(pattern, as: (Substring, Substring?).self),
      let match = referenceName.wholeMatch(of: expression)
    else {
      throw OCIError(
        .invalidReference, referenceName,
        "is not a name that docker loads; expected lower case, as in \"example.com/python:3.13\"")
    }
    return [match.output.1 == nil ? referenceName + ":latest" : referenceName]
  }

  /// The most that a layer of another tool may unpack to, in bytes.
  static let maximumUnpackedSize: Int64 = 64 << 30

  private func unpackedSize(_ layer: UnpackedLayer) throws(OCIError) -> Int64 {
    if let size = layer.unpackedSize { return size }
    var size: Int64 = 0
    try unpack(layer) { size += Int64($0.count) }
    return size
  }

  /// Hands a layer's tar archive to `body`, in pieces, and checks its diff ID.
  private func unpack(
    _ layer: UnpackedLayer, _ body: (UnsafeRawBufferPointer) throws(OCIError) -> Void
  ) throws(OCIError) {
    let decoder = try LayerDecoder(layer.compression)
    let buffer = ByteBlock(size: 256 << 10)
    var hasher = SHA256Hasher()
    var size: Int64 = 0
    try source.read(layer.descriptor) { (packed) throws(OCIError) in
      try decoder.decode(packed, buffer: buffer.whole) { (bytes) throws(OCIError) in
        size += Int64(bytes.count)
        guard size <= Self.maximumUnpackedSize else {
          throw OCIError(
            .limitExceeded, layer.descriptor.digest.description, "unpacks to more than 64 GiB")
        }
        hasher.update(bytes)
        try body(bytes)
      }
    }
    let diffID = hasher.finish()
    guard diffID == layer.diffID else {
      throw OCIError(
        .digestMismatch, layer.descriptor.digest.description,
        "unpacks to \(diffID); expected the diff ID \(layer.diffID)")
    }
  }
}

/// A layer and what its archive must be before packing.
private struct UnpackedLayer {
  let descriptor: Descriptor
  let diffID: Digest
  let compression: LayerCompression
  /// Before packing, where it is known.
  let unpackedSize: Int64?

  init(of image: PlatformImage, _ position: Int) throws(OCIError) {
    descriptor = image.manifest.layers[position]
    diffID = image.configuration.rootfs.diffIDs[position]
    guard let compression = LayerCompression(mediaType: descriptor.mediaType) else {
      throw OCIError(
        .unsupported, descriptor.digest.description,
        "is a layer of type \(descriptor.mediaType), which cannot be unpacked")
    }
    self.compression = compression
    unpackedSize = compression == .none ? descriptor.size : image.unpackedSizes[descriptor.digest]
  }
}

/// An entry of `manifest.json`.
///
/// Source: Docker image specification v1.2, "Combined Image JSON + Filesystem Changeset Format".
private struct DockerArchiveManifest: Encodable {
  let configuration: String
  let repositoryTags: [String]?
  let layers: [String]

  private enum CodingKeys: String, CodingKey {
    case configuration = "Config"
    case repositoryTags = "RepoTags"
    case layers = "Layers"
  }
}
