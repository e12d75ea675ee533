import OCIImage
import PkgResolve

extension Composer {
  /// Rebuilds an image from its recipe and lock, and compares.
  ///
  /// Every blob of the image is read and checked against its digest, whatever comes out. Layers are packed as the lock
  /// records it; where it records nothing, as the recipe says, else as the image's own are.
  ///
  /// Throws ``ComposeError`` and `OCIError`: where the recipe or the lock cannot serve, where a package cannot be had, and
  /// where the image is damaged.
  ///
  /// - Parameter platforms: all of the image's where nil.
  public func verify(
    _ image: Image, recipe: Recipe, lock: Lockfile, platforms: [Platform]? = nil,
    observe: @escaping Observer = { _ in }
  ) async throws -> Verification {
    let chosen = try Self.choose(platforms, of: image)
    let compression = Self.compression(of: chosen, recipe, lock)
    var options = options
    options.compression = compression
    let composer = Composer(store: store, limits: limits, options: options)
    try composer.refuseUnsupported(recipe)
    let session = try ComposerSession(composer)
    defer { session.close() }
    async let checked: Void = session.check(chosen, of: image)
    let wanted = chosen.map(\.platform)
    var rebuilt = try await session.compose(
      recipe, lock: lock, platforms: wanted, wantsLedger: false, observe: observe)
    try await checked
    let expected = Set(rebuilt.image.platformImages.map(\.digest))
    if !chosen.allSatisfy({ expected.contains($0.digest) }) {
      // Whose a difference is, the ledger knows; and nothing but the packages shall testify against an image.
      rebuilt = try await session.compose(recipe, lock: lock, platforms: wanted)
    }
    var verification = try await session.workers.run(.first) { [rebuilt] _ in
      try Verification(of: image, platforms: chosen, rebuilt: rebuilt, lock: lock)
    }
    let packages = try await ReplacedPackages(
      session: session, recipe: recipe, lock: lock, image: image
    ).causes(of: verification, chosen)
    verification.findCauses(
      recipe: recipe, lock: lock, compression: compression, packages: packages)
    return verification
  }

  private static func choose(
    _ platforms: [Platform]?, of image: Image
  ) throws(ComposeError) -> [PlatformImage] {
    if let missing = platforms?.first(where: { !image.platforms.contains($0) }) {
      let there = image.platforms.map(\.description).joined(separator: ", ")
      throw ComposeError(
        .notFound, missing.description, "the image is for \(there); choose one of these")
    }
    let chosen = image.platformImages.filter { platforms?.contains($0.platform) ?? true }
    for (position, part) in chosen.enumerated()
    where chosen[..<position].contains(where: { $0.platform == part.platform }) {
      throw ComposeError(
        .invalidArchive, part.platform.description,
        "is in the image twice; expected one manifest a platform")
    }
    return chosen
  }

  private static func compression(
    of images: [PlatformImage], _ recipe: Recipe, _ lock: Lockfile
  ) -> LayerCompression {
    if let recorded = lock.image.flatMap({ LayerCompression(rawValue: $0.compression) }) {
      return recorded
    }
    switch recipe.definition.compression {
    case .zstd: return .zstd
    case .gzip: return .gzip
    case nil:
      return images.first?.manifest.layers.first.flatMap { LayerCompression(of: $0) } ?? .gzip
    }
  }
}

extension ComposerSession {
  /// Reads every layer of the images once. Documents were checked when the image was read.
  fileprivate func check(_ parts: [PlatformImage], of image: Image) async throws {
    let layers = Set(parts.flatMap(\.manifest.layers))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for layer in layers {
        group.addTask { [workers] in
          try await workers.run(.bySize(layer.size)) { flag in
            try image.readBlob(layer) { (_) throws(OCIError) in
              if flag.isCancelled {
                throw OCIError(
                  .inputUnreadable, layer.digest.description, "was not read to its end")
              }
            }
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
