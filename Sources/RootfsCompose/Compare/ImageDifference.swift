import OCIImage
import PkgResolve

/// What tells one image from another: packages, files, configuration, platform by platform.
///
/// Times are not compared, nor the order of entries: they do not change what a container sees.
public struct ImageDifference: Sendable, Encodable {
  /// What the images of one platform come to.
  public struct Totals: Sendable, Encodable, Equatable {
    /// `sha256:…`
    public let manifest: String
    /// Of manifest, configuration and packed layers, in bytes.
    public let packed: Int64
    /// Of all regular files, in bytes.
    public let unpacked: Int64
    /// Regular files; further names of one are not counted again.
    public let files: Int
    public let packages: Int
    /// Files with the set-user-ID or set-group-ID bit.
    public let setIDFiles: Int
    public let layers: Int
  }

  /// The images that both have for a platform.
  public struct PlatformDifference: Sendable, Encodable {
    public let platform: String
    public let before: Totals
    public let after: Totals
    /// Layers that both have, and their bytes as they are packed: what a host that has the one need not fetch for the
    /// other.
    public let sharedLayers: Int
    public let sharedBytes: Int64
    public let packages: [PackageDifference]
    /// By path.
    public let files: [FileDifference]
    public let configuration: [SettingDifference]

    public var isEmpty: Bool { packages.isEmpty && files.isEmpty && configuration.isEmpty }
  }

  public let digestBefore: String
  public let digestAfter: String
  public let platforms: [PlatformDifference]
  /// Platforms that only one of them has.
  public let onlyBefore: [String]
  public let onlyAfter: [String]

  /// Whether a container sees no difference. The digests may differ all the same.
  public var isEmpty: Bool {
    onlyBefore.isEmpty && onlyAfter.isEmpty && platforms.allSatisfy(\.isEmpty)
  }

  /// Reads two images and compares them. A layer that both have is read once.
  ///
  /// - Parameters:
  ///   - wanted: the platforms that are compared; all where nil.
  ///   - threads: how many layers are read at once.
  /// - Throws: ``ComposeError`` or `OCIError` where one cannot be read, and `notFound` where neither is for a platform
  ///   that is wanted.
  public static func between(
    _ before: Image, _ after: Image, platforms wanted: [Platform]? = nil, threads: Int = 2
  ) async throws -> ImageDifference {
    let there = wanted ?? (before.platforms + after.platforms)
    var seen = Set<Platform>()
    let chosen = there.filter { seen.insert($0).inserted }
    if let missing = chosen.first(where: {
      !before.platforms.contains($0) && !after.platforms.contains($0)
    }) {
      throw ComposeError(.notFound, missing.description, "neither image is for this platform")
    }
    func image(_ platform: Platform, _ image: Image) -> PlatformImage? {
      image.platformImages.first { $0.platform == platform }
    }
    let pairs = chosen.compactMap { platform -> (PlatformImage, PlatformImage)? in
      guard let left = image(platform, before), let right = image(platform, after) else {
        return nil
      }
      return (left, right)
    }
    var reading = LayerReading()
    for (left, right) in pairs {
      reading.add(left, of: before)
      reading.add(right, of: after)
    }
    let layers = try await reading.run(threads: threads)
    return ImageDifference(
      digestBefore: before.digest.description, digestAfter: after.digest.description,
      platforms: try pairs.map { left, right in
        try PlatformDifference(
          ImageSide(ImageListing(of: left, layers: layers.layers(of: left))),
          ImageSide(ImageListing(of: right, layers: layers.layers(of: right))))
      },
      onlyBefore: chosen.filter { image($0, after) == nil }.map(\.description),
      onlyAfter: chosen.filter { image($0, before) == nil }.map(\.description))
  }
}

/// The layers of some images, each read once however many of them have it.
private struct LayerReading {
  struct Key: Hashable {
    let digest: Digest
    let diffID: Digest
  }

  struct Result {
    var listings: [Key: LayerListing] = [:]

    func layers(of image: PlatformImage) -> [LayerListing] {
      zip(image.manifest.layers, image.configuration.rootfs.diffIDs).compactMap {
        listings[Key(digest: $0.digest, diffID: $1)]
      }
    }
  }

  private var work: [Key: (layer: Descriptor, image: Image)] = [:]

  mutating func add(_ image: PlatformImage, of whole: Image) {
    for (layer, diffID) in zip(image.manifest.layers, image.configuration.rootfs.diffIDs) {
      work[Key(digest: layer.digest, diffID: diffID)] = (layer, whole)
    }
  }

  func run(threads: Int) async throws -> Result {
    let pool = BlockingPool(threads: threads, name: "compare")
    return try await withThrowingTaskGroup(of: (Key, LayerListing).self) { group in
      for (key, (layer, image)) in work {
        group.addTask {
          let listing = try await pool.run(.bySize(layer.size)) { _ in
            try LayerListing(
              layer, diffID: key.diffID, in: image, keeping: ImageInventory.isWanted)
          }
          return (key, listing)
        }
      }
      var result = Result()
      // Of two images.
      var bound = ListingBound(entries: 8_000_000)
      for try await (key, listing) in group {
        try bound.add(listing, of: key.digest)
        result.listings[key] = listing
      }
      return result
    }
  }
}

/// An image with what its inventory says.
private struct ImageSide {
  let listing: ImageListing
  let inventory: ImageInventory
  let totals: ImageDifference.Totals
  let packages: [PackageDifference.Side]

  init(_ listing: ImageListing) throws(ComposeError) {
    self.listing = listing
    inventory = try ImageInventory(of: listing)
    var unpacked: Int64 = 0
    var files = 0
    var setIDFiles = 0
    var sizes = [String: Int64]()
    for (path, place) in listing.tree {
      let entry = listing[place]
      guard entry.kind == .file else { continue }
      files += 1
      unpacked = [unpacked, entry.size].saturatingSum
      if entry.mode & 0o6000 != 0 { setIDFiles += 1 }
      if let owner = inventory.owners[path] {
        sizes[owner] = [sizes[owner] ?? 0, entry.size].saturatingSum
      }
    }
    totals = ImageDifference.Totals(
      manifest: listing.image.digest.description, packed: listing.image.size, unpacked: unpacked,
      files: files, packages: inventory.packages.count, setIDFiles: setIDFiles,
      layers: listing.layers.count)
    packages = inventory.packages.map {
      PackageDifference.Side(
        $0.name, version: $0.version, architecture: $0.architecture, size: sizes[$0.name] ?? 0)
    }
  }

  /// Directories that hold nothing. Others come and go with what they hold.
  func emptyDirectories() -> Set<TreePath> {
    var holders = Set<TreePath>()
    for path in listing.tree.keys { holders.insert(path.parent) }
    return Set(
      listing.tree.keys.filter { listing[$0]?.kind == .directory && !holders.contains($0) })
  }
}

extension ImageDifference.PlatformDifference {
  fileprivate init(_ before: ImageSide, _ after: ImageSide) {
    platform = after.listing.image.platform.description
    self.before = before.totals
    self.after = after.totals
    let old = Set(before.listing.image.manifest.layers.map(\.digest))
    var shared = [Digest: Int64]()
    for layer in after.listing.image.manifest.layers where old.contains(layer.digest) {
      shared[layer.digest] = layer.size
    }
    sharedLayers = shared.count
    sharedBytes = shared.values.saturatingSum
    packages = PackageDifference.between(
      before.packages, after.packages,
      order: before.inventory.family == after.inventory.family ? after.inventory.family : nil)
    files = Self.files(before, after)
    configuration = SettingDifference.between(
      before.listing.image.configuration.config, after.listing.image.configuration.config)
  }

  private static func files(_ before: ImageSide, _ after: ImageSide) -> [FileDifference] {
    let (old, new) = (before.emptyDirectories(), after.emptyDirectories())
    let paths = Set(before.listing.tree.keys).union(after.listing.tree.keys)
    return paths.compactMap { path -> (TreePath, FileDifference)? in
      let (left, right) = (before.listing.file(at: path), after.listing.file(at: path))
      if left == right { return nil }
      // A directory that comes or goes is told of by what it holds, where that does, unless everybody may write there.
      if left == nil, let right, right.kind == .directory, !right.hasRights, !new.contains(path) {
        return nil
      }
      if right == nil, let left, left.kind == .directory, !left.hasRights, !old.contains(path) {
        return nil
      }
      let owner = after.inventory.owners[path] ?? before.inventory.owners[path]
      return FileDifference(path, package: owner, left, right).map { (path, $0) }
    }.sorted { $0.0 < $1.0 }.map(\.1)
  }
}
