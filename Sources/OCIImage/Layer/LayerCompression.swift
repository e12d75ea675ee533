import CDeflate
import CZstd

/// How the bytes of a layer are packed.
///
/// Source: OCI image-spec, layer.md, "+gzip Media Types" and "+zstd Media Types".
public enum LayerCompression: String, Sendable, Hashable, CaseIterable {
  case none
  /// By libdeflate, in members (RFC 1952, 2.2). Every engine reads it.
  case gzip
  /// By zstd, in frames (RFC 8878, 3.1). Engines older than 2020 cannot read it.
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

  /// Name, version and level of the library that packs, `libdeflate 1.14 level 6`; nil where nothing does.
  ///
  /// Two versions of one library may pack the same bytes differently; then diff IDs agree and digests do not. libdeflate
  /// cannot be asked for its version: it is the one that this program was built with. A system that has another one at run
  /// time may pack differently under the same name.
  public var compressor: String? {
    switch self {
    case .none: nil
    case .gzip: "libdeflate \(LIBDEFLATE_VERSION_STRING) level \(GzipPacker.level)"
    case .zstd: "zstd \(String(cString: ZSTD_versionString())) level \(ZstdPacker.level)"
    }
  }
}
