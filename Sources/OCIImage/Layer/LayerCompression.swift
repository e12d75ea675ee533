import CZlib
import CZstd

/// How the bytes of a layer are packed.
///
/// Source: OCI image-spec, layer.md, "+gzip Media Types" and "+zstd Media Types".
public enum LayerCompression: String, Sendable, Hashable, CaseIterable {
  case none
  /// zlib at level 6. Every engine reads it.
  case gzip
  /// zstd at level 9. Engines older than 2020 cannot read it.
  case zstd

  /// The media type of a layer packed so.
  public var mediaType: String {
    switch self {
    case .none: MediaType.layerTar
    case .gzip: MediaType.layerGzip
    case .zstd: MediaType.layerZstd
    }
  }

  /// The packing that a layer's media type names; nil for a type that is no layer's.
  init?(mediaType: String) {
    switch mediaType {
    case MediaType.layerTar, MediaType.dockerLayerTar: self = .none
    case MediaType.layerGzip, MediaType.dockerLayerGzip: self = .gzip
    case MediaType.layerZstd: self = .zstd
    default: return nil
    }
  }

  /// Name and version of the library that packs, `zlib 1.2.13`; nil where nothing does.
  ///
  /// Two versions of one library may pack the same bytes differently; then diff IDs agree and digests do not.
  public var compressor: String? {
    switch self {
    case .none: nil
    case .gzip: "zlib " + String(cString: zlibVersion())
    case .zstd: "zstd " + String(cString: ZSTD_versionString())
    }
  }
}
