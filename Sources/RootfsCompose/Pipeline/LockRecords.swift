import OCIImage
import PkgResolve

/// What a lock records of an image.
public enum LockRecords {
  public static func image(of image: Image) -> Lockfile.Image {
    let layer = image.platformImages.first?.manifest.layers.first
    let compression =
      LayerCompression.allCases.first { $0.mediaType == layer?.mediaType } ?? .none
    var manifests = [String: Lockfile.Manifest]()
    for each in image.platformImages {
      manifests[each.platform.description] = Lockfile.Manifest(
        manifest: each.digest.description, config: each.manifest.config.digest.description,
        diffIDs: each.configuration.rootfs.diffIDs.map(\.description))
    }
    return Lockfile.Image(
      compression: compression.rawValue, compressor: compression.compressor ?? "none",
      index: image.index == nil ? nil : image.digest.description, manifests: manifests)
  }
}
