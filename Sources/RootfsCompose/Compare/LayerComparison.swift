import OCIImage

/// The layers of two images that have no equal in the other one, and what their entries differ in.
///
/// Only layers that differ are read. Where an entry is in one of two layers alone, or layers hide what lies below, the
/// whole trees are compared too, for it may stand in a layer that both share.
struct LayerComparison {
  /// An image's layers with their real diff IDs.
  struct Side {
    let image: PlatformImage
    let whole: Image
    let diffIDs: [Digest]

    func listing(
      _ position: Int, keeping isWanted: (TreePath) -> Bool = { _ in false }
    ) throws -> LayerListing {
      try LayerListing(
        image.manifest.layers[position], diffID: diffIDs[position], in: whole, keeping: isWanted)
    }
  }

  /// More are not told apart, so that a hostile image cannot fill the memory.
  static let limit = 50_000

  let expected: Side
  let found: Side
  /// Positions of layers that the other one has not.
  private let ownOfExpected: [Int]
  private let ownOfFound: [Int]
  /// The layers that were read.
  private var listings = [Digest: LayerListing]()
  private var bound = ListingBound()
  private(set) var deviations = [Deviation]()

  init(expected: Side, found: Side) throws {
    self.expected = expected
    self.found = found
    ownOfExpected = Self.positions(in: expected.diffIDs, without: found.diffIDs)
    ownOfFound = Self.positions(in: found.diffIDs, without: expected.diffIDs)
    try compare()
    try addDetails()
  }

  /// The positions of what the other list has not, or not as often.
  private static func positions(in own: [Digest], without other: [Digest]) -> [Int] {
    var left = other.reduce(into: [Digest: Int]()) { $0[$1, default: 0] += 1 }
    return own.indices.filter { position in
      guard let count = left[own[position]], count > 0 else { return true }
      left[own[position]] = count - 1
      return false
    }
  }

  private mutating func compare() throws {
    guard !ownOfExpected.isEmpty || !ownOfFound.isEmpty else {
      if expected.diffIDs != found.diffIDs {
        deviations.append(
          Deviation(
            .manifest, .init("order of layers"),
            expected: Self.names(expected.diffIDs), found: Self.names(found.diffIDs)))
      }
      return
    }
    let left = try ownOfExpected.map { try listing($0, of: expected) }
    let right = try ownOfFound.map { try listing($0, of: found) }
    var pairs = [LayerPair]()
    if left.count == right.count {
      pairs = zip(zip(left, right), ownOfFound).map { LayerPair($0.0, $0.1, layer: $1 + 1) }
    }
    let isWhole = pairs.allSatisfy(\.holdsSamePaths) && left.count == right.count
    if isWhole {
      for pair in pairs { add(pair.deviations(besides: [])) }
      return
    }
    add(try treeDeviations())
    let told = Set(deviations.compactMap(\.path))
    for pair in pairs { add(pair.deviations(besides: told)) }
    if deviations.isEmpty {
      deviations.append(
        Deviation(
          .layer, .division, expected: "\(expected.diffIDs.count) layers",
          found: "\(found.diffIDs.count) layers that unpack to the same tree"))
    }
  }

  private mutating func add(_ more: [Deviation]) {
    deviations += more.prefix(max(0, Self.limit - deviations.count))
  }

  private static func names(_ digests: [Digest]) -> String {
    digests.map { String($0.hex.prefix(12)) }.joined(separator: " ")
  }

  // MARK: Trees

  private mutating func listing(_ position: Int, of side: Side) throws -> LayerListing {
    let digest = side.diffIDs[position]
    if let known = listings[digest] { return known }
    let listing = try side.listing(position)
    try bound.add(listing, of: side.image.digest)
    listings[digest] = listing
    return listing
  }

  private mutating func tree(of side: Side) throws -> ImageListing {
    let layers = try side.diffIDs.indices.map { try listing($0, of: side) }
    return ImageListing(of: side.image, layers: layers)
  }

  private mutating func treeDeviations() throws -> [Deviation] {
    let trees = (expected: try tree(of: expected), found: try tree(of: found))
    var result = [Deviation]()
    for path in Set(trees.expected.tree.keys).union(trees.found.tree.keys).sorted() {
      guard result.count < Self.limit else { break }
      switch (trees.expected.tree[path], trees.found.tree[path]) {
      case (let before?, let after?):
        // A directory stands in several layers; the time of the uppermost is what unpacking leaves.
        result += EntryComparison.deviations(
          path, expected: trees.expected[before], found: trees.found[after],
          layer: after.layer + 1)
      case (let before?, nil):
        result.append(LayerPair.missing(trees.expected[before], layer: before.layer + 1))
      case (nil, let after?):
        result.append(LayerPair.extra(trees.found[after], layer: after.layer + 1))
      case (nil, nil): break
      }
    }
    return result
  }

  // MARK: Contents

  /// How many files are read once more to tell where they differ.
  private static let mostDetailed = 100
  /// Of one file, in bytes.
  private static let detailLimit: Int64 = 16 << 20
  /// Of all files together, in bytes.
  private static let detailSum: Int64 = 128 << 20

  /// Says where the contents of files differ.
  private mutating func addDetails() throws {
    let paths = deviations.filter { $0.attribute == .content }.compactMap(\.path)
      .prefix(Self.mostDetailed).compactMap { TreePath($0) }
    guard !paths.isEmpty else { return }
    let before = try contents(of: Set(paths), in: expected)
    let after = try contents(of: Set(paths), in: found)
    for index in deviations.indices where deviations[index].attribute == .content {
      guard let path = deviations[index].path.flatMap({ TreePath($0) }),
        let left = before[path], let right = after[path]
      else { continue }
      deviations[index].details = ContentDetail.lines(expected: left, found: right) ?? []
    }
  }

  /// The bytes of those files that are small enough, from the layers that were read.
  private func contents(of wanted: Set<TreePath>, in side: Side) throws -> [TreePath: [UInt8]] {
    var sum: Int64 = 0
    var result = [TreePath: [UInt8]]()
    for (position, digest) in side.diffIDs.enumerated() {
      var chosen = Set<TreePath>()
      for entry in listings[digest]?.entries ?? []
      where wanted.contains(entry.path) && entry.kind == .file {
        guard entry.size <= Self.detailLimit, sum <= Self.detailSum - entry.size else {
          chosen.remove(entry.path)
          continue
        }
        sum += entry.size
        chosen.insert(entry.path)
      }
      guard !chosen.isEmpty else { continue }
      result.merge(try side.listing(position) { chosen.contains($0) }.contents) { $1 }
    }
    return result
  }
}
