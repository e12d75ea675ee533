import FoundationEssentials
import OCIImage
import TestSupport

/// An image whose layers are tar archives made member by member.
struct TarImage {
  let image: Image
  private let scratch: TemporaryDirectory

  var part: PlatformImage { image.platformImages[0] }

  init(_ layers: [[TarBuilder.Member]], _ compression: Compression = .gzip) throws {
    try self.init(
      archives: layers.map { members in
        var tar = TarBuilder()
        tar.longNames = .pax
        tar.members = members
        return tar.bytes()
      }, compression)
  }

  init(archives: [[UInt8]], _ compression: Compression = .none) throws {
    let scratch = try TemporaryDirectory()
    func put(_ bytes: [UInt8], _ type: String) throws -> Descriptor {
      let digest = Digest.sha256(of: bytes)
      try scratch.write(bytes, to: "blobs/sha256/" + digest.hex)
      return Descriptor(mediaType: type, digest: digest, size: Int64(bytes.count))
    }
    let type =
      switch compression {
      case .gzip: MediaType.layerGzip
      case .zstd: MediaType.layerZstd
      default: MediaType.layerTar
      }
    var configuration = ImageConfiguration()
    configuration.os = "linux"
    configuration.architecture = "amd64"
    configuration.rootfs.diffIDs = archives.map { Digest.sha256(of: $0) }
    let manifest = Manifest(
      config: try put(CanonicalJSON.encode(configuration), MediaType.configuration),
      layers: try archives.map { try put(compression.compress($0), type) })
    let descriptor = try put(CanonicalJSON.encode(manifest), MediaType.manifest)
    try scratch.write(CanonicalJSON.encode(ImageIndex(manifests: [descriptor])), to: "index.json")
    try scratch.write(#"{"imageLayoutVersion":"1.0.0"}"#, to: "oci-layout")
    self.scratch = scratch
    image = try Image(contentsOf: scratch.path)
  }

  /// Changes one byte in the middle of a layer, its length as it was.
  func damage(_ layer: Int) throws {
    let name = "blobs/sha256/" + part.manifest.layers[layer].digest.hex
    var bytes = try scratch.read(name)
    bytes[bytes.count / 2] ^= 1
    try scratch.write(bytes, to: name)
  }
}
