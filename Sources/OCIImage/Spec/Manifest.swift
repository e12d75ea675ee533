/// An image for one platform: its configuration and its layers.
///
/// Source: OCI image-spec, manifest.md, "Image Manifest Property Descriptions".
public struct Manifest: Hashable, Sendable, Codable {
  /// Always 2: manifest.md, `schemaVersion`.
  public var schemaVersion = 2
  /// manifest.md, `mediaType`. Absent in some images of other tools.
  public var mediaType: String? = MediaType.manifest
  /// The ``ImageConfiguration``: manifest.md, `config`.
  public var config: Descriptor
  /// The base layer first: manifest.md, `layers`.
  public var layers: [Descriptor]
  /// The image this one says something about: manifest.md, `subject`.
  public var subject: Descriptor?
  /// manifest.md, `annotations`; nil where there are none.
  public var annotations: [String: String]?

  public init(config: Descriptor, layers: [Descriptor], annotations: [String: String] = [:]) {
    self.config = config
    self.layers = layers
    self.annotations = annotations.isEmpty ? nil : annotations
  }
}
