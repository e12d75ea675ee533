import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension Image {
  private static let maximumManifests = 100

  /// Reads an image layout (a directory) or an OCI archive (an uncompressed tar file of one).
  ///
  /// All documents are read and checked against their digests; layers are checked when they are read. Where a layout
  /// holds several images, `referenceName` chooses one.
  ///
  /// Throws ``OCIError`` (`notFound`, `inputUnreadable`, `invalidArchive`, `invalidDocument`, `digestMismatch`,
  /// `unsupported`, `limitExceeded`).
  ///
  /// Source: OCI image-spec, image-layout.md.
  public init(contentsOf path: String, referenceName: String? = nil) throws(OCIError) {
    let layout = try LayoutDocuments(path)
    let entry = try layout.entry(named: referenceName)
    let name = entry.annotations?[Annotation.referenceName]
    if MediaType.isManifest(entry.mediaType) {
      let image = try layout.platformImage(entry)
      self.init(
        platformImages: [image], index: nil, indexBytes: nil, descriptor: image.descriptor,
        referenceName: name, source: layout.source, companions: [], isComposed: false)
      return
    }
    guard MediaType.isIndex(entry.mediaType) else {
      throw OCIError(
        .unsupported, path, "holds a \(entry.mediaType); expected an image index or manifest")
    }
    let bytes = try layout.source.document(entry)
    let index = try CanonicalJSON.decode(
      ImageIndex.self, from: bytes, subject: entry.digest.description)
    // Every manifest is kept in memory with its configuration, and one blob may be listed any number of times.
    guard index.manifests.count <= Self.maximumManifests else {
      throw OCIError(
        .limitExceeded, path,
        "lists \(index.manifests.count) manifests; at most \(Self.maximumManifests) are read")
    }
    var images = [PlatformImage]()
    var companions = [Companion]()
    for descriptor in index.manifests {
      guard MediaType.isManifest(descriptor.mediaType) else {
        throw OCIError(
          .unsupported, descriptor.digest.description,
          "an index within an index, or another \(descriptor.mediaType); expected a manifest")
      }
      if descriptor.platform?.os == "unknown" {
        companions.append(try layout.companion(descriptor))
      } else {
        images.append(try layout.platformImage(descriptor))
      }
    }
    self.init(
      platformImages: images, index: index, indexBytes: bytes,
      descriptor: Descriptor(mediaType: entry.mediaType, bytes: bytes), referenceName: name,
      source: layout.source, companions: companions, isComposed: false)
  }
}

/// The documents of a layout, read on demand.
private struct LayoutDocuments {
  let path: String
  let source: BlobSource
  private let index: ImageIndex

  init(_ path: String) throws(OCIError) {
    self.path = path
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw OCIError(.notFound, path, "cannot open: \(String(cString: strerror(errno)))")
    }
    let marker: [UInt8]
    let index: [UInt8]
    if status.st_mode & S_IFMT == S_IFDIR {
      source = .directory(path, code: .inputUnreadable)
      marker = try Self.document("oci-layout", in: path)
      index = try Self.document("index.json", in: path)
    } else {
      let archive = try ArchiveIndex(path)
      guard archive.members["oci-layout"] != nil || archive.members["manifest.json"] == nil else {
        throw OCIError(
          .notFound, path, "is a Docker archive, not an OCI archive: it has no \"oci-layout\"")
      }
      source = .archive(archive)
      marker = try archive.document("oci-layout")
      index = try archive.document("index.json")
    }
    let layout = try CanonicalJSON.decode(
      LayoutMarker.self, from: marker, subject: path + "/oci-layout")
    guard layout.imageLayoutVersion == LayoutMarker.current.imageLayoutVersion else {
      throw OCIError(
        .unsupported, path,
        "is an image layout of version \(layout.imageLayoutVersion); expected 1.0.0")
    }
    self.index = try CanonicalJSON.decode(
      ImageIndex.self, from: index, subject: path + "/index.json")
  }

  private static func document(_ name: String, in path: String) throws(OCIError) -> [UInt8] {
    let file: InputFile
    do throws(OCIError) {
      file = try InputFile(path + "/" + name, code: .inputUnreadable)
    } catch  where error.code == .notFound {
      throw OCIError(.notFound, path, "is not an image layout: it has no \"\(name)\"")
    }
    guard file.size <= CanonicalJSON.maximumSize else {
      throw OCIError(.limitExceeded, path, "\"\(name)\" is larger than a document may be")
    }
    var bytes = [UInt8]()
    try file.forEachChunk(at: 0, count: file.size) { bytes.append(contentsOf: $0) }
    return bytes
  }

  /// The image of that name, or the only one.
  func entry(named name: String?) throws(OCIError) -> Descriptor {
    let names = index.manifests.compactMap { $0.annotations?[Annotation.referenceName] }
    if let name {
      let found = index.manifests.first { $0.annotations?[Annotation.referenceName] == name }
      guard let found else {
        let known = names.isEmpty ? "none has a name" : "it has \(names.joined(separator: ", "))"
        throw OCIError(.notFound, path, "holds no image named \"\(name)\"; \(known)")
      }
      return found
    }
    guard let only = index.manifests.first else {
      throw OCIError(.notFound, path, "holds no image")
    }
    guard index.manifests.count == 1 else {
      let list = names.isEmpty ? "" : " (\(names.joined(separator: ", ")))"
      throw OCIError(
        .unsupported, path, "holds \(index.manifests.count) images\(list); name one of them")
    }
    return only
  }

  func platformImage(_ descriptor: Descriptor) throws(OCIError) -> PlatformImage {
    let subject = descriptor.digest.description
    let bytes = try source.document(descriptor)
    let manifest = try CanonicalJSON.decode(Manifest.self, from: bytes, subject: subject)
    guard MediaType.isConfiguration(manifest.config.mediaType) else {
      throw OCIError(
        .unsupported, subject,
        "is an artifact (\(manifest.config.mediaType)); expected a container image")
    }
    let configurationBytes = try source.document(manifest.config)
    let configuration = try CanonicalJSON.decode(
      ImageConfiguration.self, from: configurationBytes,
      subject: manifest.config.digest.description)
    guard configuration.rootfs.diffIDs.count == manifest.layers.count else {
      throw OCIError(
        .invalidDocument, subject,
        "has \(manifest.layers.count) layers, and its configuration "
          + "\(configuration.rootfs.diffIDs.count) diff IDs")
    }
    return PlatformImage(
      configuration: configuration, manifest: manifest, manifestBytes: bytes,
      configurationBytes: configurationBytes)
  }

  func companion(_ descriptor: Descriptor) throws(OCIError) -> Image.Companion {
    let bytes = try source.document(descriptor)
    let manifest = try CanonicalJSON.decode(
      Manifest.self, from: bytes, subject: descriptor.digest.description)
    return Image.Companion(
      descriptor: descriptor, bytes: bytes, blobs: [manifest.config] + manifest.layers)
  }
}

/// The `oci-layout` file.
///
/// Source: OCI image-spec, image-layout.md, "oci-layout file".
struct LayoutMarker: Codable {
  let imageLayoutVersion: String

  static let current = LayoutMarker(imageLayoutVersion: "1.0.0")
}
