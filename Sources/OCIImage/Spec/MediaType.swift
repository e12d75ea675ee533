/// Media types of the documents and layers of an image.
///
/// Source: OCI image-spec, media-types.md; Docker image manifest version 2, schema 2.
public enum MediaType {
  public static let index = "application/vnd.oci.image.index.v1+json"
  public static let manifest = "application/vnd.oci.image.manifest.v1+json"
  public static let configuration = "application/vnd.oci.image.config.v1+json"
  public static let layerTar = "application/vnd.oci.image.layer.v1.tar"
  public static let layerGzip = "application/vnd.oci.image.layer.v1.tar+gzip"
  public static let layerZstd = "application/vnd.oci.image.layer.v1.tar+zstd"

  public static let dockerManifestList =
    "application/vnd.docker.distribution.manifest.list.v2+json"
  public static let dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
  public static let dockerConfiguration = "application/vnd.docker.container.image.v1+json"
  public static let dockerLayerTar = "application/vnd.docker.image.rootfs.diff.tar"
  public static let dockerLayerGzip = "application/vnd.docker.image.rootfs.diff.tar.gzip"

  /// Whether a descriptor of this type points to an index (OCI) or manifest list (Docker).
  public static func isIndex(_ mediaType: String) -> Bool {
    mediaType == index || mediaType == dockerManifestList
  }

  /// Whether a descriptor of this type points to an image manifest.
  public static func isManifest(_ mediaType: String) -> Bool {
    mediaType == manifest || mediaType == dockerManifest
  }

  /// Whether this is an image configuration, as against an artifact's.
  public static func isConfiguration(_ mediaType: String) -> Bool {
    mediaType == configuration || mediaType == dockerConfiguration
  }
}
