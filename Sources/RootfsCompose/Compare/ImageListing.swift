import OCIImage

/// One platform's image read back whole: its layers, and the tree that they make.
public struct ImageListing: Sendable {
  /// Where in the layers an entry of the tree stands.
  public struct Place: Sendable, Hashable {
    public let layer: Int
    public let entry: Int
  }

  public let image: PlatformImage
  /// In their order, the lowest first.
  public let layers: [LayerListing]
  /// What a container sees: upper layers over lower ones, whiteouts applied.
  public let tree: [TreePath: Place]

  /// Reads all layers. Throws ``ComposeError`` or `OCIError` where one cannot be read.
  ///
  /// - Parameter isWanted: whose contents are kept, beside their digests.
  public init(
    of image: PlatformImage, in whole: Image,
    keeping isWanted: (TreePath) -> Bool = { _ in false }
  ) throws {
    self.image = image
    let diffIDs = image.configuration.rootfs.diffIDs
    var bound = ListingBound()
    layers = try zip(image.manifest.layers, diffIDs).map { layer, diffID in
      let listing = try LayerListing(layer, diffID: diffID, in: whole, keeping: isWanted)
      try bound.add(listing, of: image.digest)
      return listing
    }
    tree = Self.tree(of: layers)
  }

  /// Puts layers that were read already together.
  init(of image: PlatformImage, layers: [LayerListing]) {
    self.image = image
    self.layers = layers
    tree = Self.tree(of: layers)
  }

  public subscript(path: TreePath) -> LayerEntry? { tree[path].map { self[$0] } }

  public subscript(place: Place) -> LayerEntry { layers[place.layer].entries[place.entry] }

  /// The kept bytes of a file that a container sees.
  public func contents(of path: TreePath) -> [UInt8]? {
    tree[path].flatMap { layers[$0.layer].contents[path] }
  }

  /// The paths of the tree, in byte order.
  public var paths: [TreePath] { tree.keys.sorted() }

  private static func tree(of layers: [LayerListing]) -> [TreePath: Place] {
    var tree = [TreePath: Place]()
    // What is known to hold something, whether a layer lists it or not.
    var holders = Set<TreePath>()
    for (number, layer) in layers.enumerated() {
      var own = [TreePath: Place]()
      var cover = Cover()
      for (position, entry) in layer.entries.enumerated() where !entry.path.isRoot {
        if let hidden = LayerEntry.whiteout(entry.path) {
          cover.add(hidden, itself: !LayerEntry.isOpaque(entry.path))
          continue
        }
        own[entry.path] = Place(layer: number, entry: position)
        // What is no directory any more holds nothing.
        if entry.kind != .directory, holders.contains(entry.path) {
          cover.add(entry.path, itself: false)
        }
      }
      if !cover.isEmpty { tree = tree.filter { path, _ in !cover.hides(path) } }
      tree.merge(own) { $1 }
      for path in own.keys {
        var above = path.parent
        while holders.insert(above).inserted, !above.isRoot { above = above.parent }
      }
    }
    return tree
  }

  /// What a layer hides of those below.
  private struct Cover {
    private var paths = Set<TreePath>()
    private var directories = Set<TreePath>()

    var isEmpty: Bool { paths.isEmpty && directories.isEmpty }

    /// - Parameter itself: whether the path is hidden too, and not what it holds alone.
    mutating func add(_ path: TreePath, itself: Bool) {
      if itself { paths.insert(path) } else { directories.insert(path) }
    }

    func hides(_ path: TreePath) -> Bool {
      if paths.contains(path) { return true }
      var above = path
      while !above.isRoot {
        above = above.parent
        if paths.contains(above) || directories.contains(above) { return true }
      }
      return false
    }
  }
}
