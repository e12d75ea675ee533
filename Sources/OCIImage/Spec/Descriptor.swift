/// Points to a blob by its digest.
///
/// Source: OCI image-spec, descriptor.md, "Properties".
public struct Descriptor: Hashable, Sendable, Codable {
  /// The blob's type: descriptor.md, `mediaType`.
  public var mediaType: String
  /// descriptor.md, `digest`.
  public var digest: Digest
  /// In bytes, never negative: descriptor.md, `size`.
  public var size: Int64
  /// What the image runs on, in an index only: image-index.md, `platform`.
  public var platform: Platform?
  /// descriptor.md, `annotations`; nil where there are none.
  public var annotations: [String: String]?
  /// The type of an artifact that a manifest holds: descriptor.md, `artifactType`.
  public var artifactType: String?

  public init(
    mediaType: String, digest: Digest, size: Int64, platform: Platform? = nil,
    annotations: [String: String] = [:]
  ) {
    self.mediaType = mediaType
    self.digest = digest
    self.size = size
    self.platform = platform
    self.annotations = annotations.isEmpty ? nil : annotations
  }

  /// Describes bytes in memory.
  init(mediaType: String, bytes: [UInt8], platform: Platform? = nil) {
    self.init(
      mediaType: mediaType, digest: .sha256(of: bytes), size: Int64(bytes.count),
      platform: platform)
  }

  private enum CodingKeys: String, CodingKey {
    case mediaType, digest, size, platform, annotations, artifactType
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    mediaType = try container.decode(String.self, forKey: .mediaType)
    digest = try container.decode(Digest.self, forKey: .digest)
    size = try container.decode(Int64.self, forKey: .size)
    guard size >= 0 else {
      throw DecodingError.dataCorruptedError(
        forKey: .size, in: container, debugDescription: "size \(size) is negative")
    }
    platform = try container.decodeIfPresent(Platform.self, forKey: .platform)
    annotations = try container.decodeIfPresent([String: String].self, forKey: .annotations)
    artifactType = try container.decodeIfPresent(String.self, forKey: .artifactType)
  }
}
