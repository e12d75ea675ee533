/// A list of images, one for each platform; also the `index.json` of a layout.
///
/// Source: OCI image-spec, image-index.md, "Image Index Property Descriptions".
public struct ImageIndex: Hashable, Sendable, Codable {
  /// Always 2: image-index.md, `schemaVersion`.
  public var schemaVersion = 2
  /// image-index.md, `mediaType`. Absent in some layouts of other tools.
  public var mediaType: String? = MediaType.index
  /// image-index.md, `manifests`.
  public var manifests: [Descriptor]
  /// image-index.md, `annotations`; nil where there are none.
  public var annotations: [String: String]?

  public init(manifests: [Descriptor], annotations: [String: String] = [:]) {
    self.manifests = manifests
    self.annotations = annotations.isEmpty ? nil : annotations
  }
}
