import FoundationEssentials
import OCIImage

/// Writes image layouts as other builders do: any number of layers, with whiteouts.
///
/// Source: OCI image-spec, image-layout.md and layer.md.
public struct LayeredImage {
  /// What stands at a path: a file's content, a link's target, or anything.
  public enum Content: ExpressibleByStringLiteral {
    case file(String, mode: Int = 0o644)
    case link(String)
    /// Any member, at the path that it stands for.
    case member(TarBuilder.Member)

    public init(stringLiteral text: String) { self = .file(text) }
  }

  public var execution: ImageConfiguration.Execution?
  public var platforms: [Platform] = [.linuxAMD64]
  /// The base layer first.
  public var layers: [KeyValuePairs<String, Content>]

  public init(_ layers: [KeyValuePairs<String, Content>]) { self.layers = layers }

  /// Writes the layout, to a folder that is not there yet.
  public func write(to directory: String) throws {
    func put(_ bytes: [UInt8], _ type: String, _ platform: Platform? = nil) throws -> Descriptor {
      let digest = Digest.sha256(of: bytes)
      try writeFile(bytes, to: "\(directory)/blobs/sha256/\(digest.hex)")
      return Descriptor(
        mediaType: type, digest: digest, size: Int64(bytes.count), platform: platform)
    }
    let archives = layers.map(Self.archive)
    let layers = try archives.map { try put($0, MediaType.layerTar) }
    let manifests = try platforms.map { platform in
      var configuration = ImageConfiguration(config: execution)
      configuration.os = platform.os
      configuration.architecture = platform.architecture
      configuration.rootfs = .init(diffIDs: archives.map { Digest.sha256(of: $0) })
      let manifest = Manifest(
        config: try put(Self.json(configuration), MediaType.configuration), layers: layers)
      return try put(Self.json(manifest), MediaType.manifest, platform)
    }
    let index = try put(Self.json(ImageIndex(manifests: manifests)), MediaType.index)
    try writeFile(Self.json(ImageIndex(manifests: [index])), to: directory + "/index.json")
    try writeFile(
      Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8), to: directory + "/oci-layout")
  }

  private static func json(_ value: some Encodable) throws -> [UInt8] {
    Array(try JSONEncoder().encode(value))
  }

  private static func archive(_ members: KeyValuePairs<String, Content>) -> [UInt8] {
    var tar = TarBuilder()
    tar.members = members.map { path, content in
      switch content {
      case .file(let text, let mode):
        TarBuilder.Member(Array(path.utf8), mode: mode, content: Array(text.utf8))
      case .link(let target):
        TarBuilder.Member(
          Array(path.utf8), type: "2", mode: 0o777, linkName: Array(target.utf8))
      case .member(var member):
        {
          member.name = Array(path.utf8)
          return member
        }()
      }
    }
    return tar.bytes()
  }
}
