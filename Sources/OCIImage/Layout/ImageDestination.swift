/// Where and in which form an image is written. Every path is a local one.
public enum ImageDestination: Sendable, Hashable {
  /// A directory: OCI image-spec, image-layout.md.
  case layout(String)
  /// An uncompressed tar file of a layout, which podman and skopeo call `oci-archive`.
  case archive(String)
  /// What `docker save` writes and `docker load` reads. Holds one platform.
  case dockerArchive(String)
  /// The root file system alone, as an uncompressed tar file. Holds one platform.
  case tar(String)

  public var path: String {
    switch self {
    case .layout(let path), .archive(let path), .dockerArchive(let path), .tar(let path): path
    }
  }

  /// As messages name the form.
  var form: String {
    switch self {
    case .layout: "an image layout"
    case .archive: "an OCI archive"
    case .dockerArchive: "a docker archive"
    case .tar: "a root file system archive"
    }
  }
}
