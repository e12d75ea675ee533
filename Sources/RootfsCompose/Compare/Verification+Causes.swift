import OCIImage
import PkgResolve

extension Verification {
  /// What may be behind the deviations, from what the lock says of recipe, tool and compressor.
  ///
  /// - Parameter packages: what was found out about single packages.
  mutating func findCauses(
    recipe: Recipe, lock: Lockfile, compression: LayerCompression, packages: [Cause]
  ) {
    let circumstances = Self.circumstances(recipe, lock)
    guard !deviations.isEmpty else {
      notes = circumstances.map(\.text)
      if platforms.contains(where: { $0.recorded != nil && !$0.isAsLocked($0.expected) }) {
        notes.append("the lock records another image; renew it with `dhi-compose lock`")
      }
      return
    }
    if verdict == .compressionOnly {
      causes = [compressionCause(lock, compression)]
      return
    }
    let testimony = testimony
    if testimony?.kind == .imageChanged {
      // What the recipe and this program make is what the lock records: neither has changed anything.
      notes = circumstances.map(\.text)
      causes = packages
    } else {
      causes = packages + circumstances
    }
    if let testimony, packages.isEmpty || testimony.kind != .imageChanged {
      causes.append(testimony)
    }
    if causes.isEmpty {
      causes = [
        Cause(
          kind: .unknown,
          text:
            "the image was changed after it was built, or built from another recipe or lock; the lock records no image to tell which"
        )
      ]
    }
  }

  private static func circumstances(_ recipe: Recipe, _ lock: Lockfile) -> [Cause] {
    var causes = [Cause]()
    if lock.request != recipe.requestDigest.description {
      causes.append(
        Cause(
          kind: .recipeChanged,
          text:
            "\(recipe.path) has changed since the lock was made: it now asks for other packages or sources"
        ))
    } else if lock.recipe != recipe.recipeDigest.description {
      causes.append(
        Cause(
          kind: .recipeChanged,
          text:
            "\(recipe.path) has changed since the lock was made: expected \(lock.recipe), found \(recipe.recipeDigest)"
        ))
    }
    if lock.tool != ToolVersion.tool {
      causes.append(
        Cause(
          kind: .toolVersion,
          text:
            "another tool version: the lock was made by \(lock.tool), this is \(ToolVersion.tool)"
        ))
    }
    return causes
  }

  private func compressionCause(_ lock: Lockfile, _ compression: LayerCompression) -> Cause {
    let mine = compression.compressor ?? "none"
    if let image = lock.image, image.compressor != mine {
      return Cause(
        kind: .compressor,
        text:
          "another compressor: the lock was made with \(image.compressor), this program has \(mine)"
      )
    }
    let isAsLocked =
      lock.image != nil && platforms.allSatisfy { $0.recorded?.manifest == $0.expected.manifest }
    return Cause(
      kind: .compressor,
      text: "the image was packed by another compressor or level than \(mine)"
        + (isAsLocked ? ", which the lock records" : ""))
  }

  /// What the lock's own record says of image and rebuild; nil where it has none.
  private var testimony: Cause? {
    let known = platforms.filter { $0.recorded != nil && !$0.isIdentical }
    guard !known.isEmpty else { return nil }
    var rebuild = known.allSatisfy { $0.isAsLocked($0.expected) }
    var image = known.allSatisfy { $0.isAsLocked($0.found) }
    if rebuild, image {
      // They differ in no more than their manifests, which say which one it is.
      rebuild = known.allSatisfy { $0.recorded?.manifest == $0.expected.manifest }
      image = known.allSatisfy { $0.recorded?.manifest == $0.found.manifest }
    }
    switch (rebuild, image) {
    case (true, _):
      return Cause(
        kind: .imageChanged,
        text:
          "the image was changed after it was built, or built from something else: the rebuild is what the lock records"
      )
    case (false, true):
      return Cause(
        kind: .builderChanged,
        text: "the image is what the lock records; it is the rebuild that comes out differently")
    case (false, false):
      return Cause(
        kind: .unknown, text: "neither the image nor the rebuild is what the lock records")
    }
  }
}

extension Verification.Comparison {
  /// Whether an image holds what the lock records, however it is packed: a configuration covers its layers' contents.
  func isAsLocked(_ image: Lockfile.Manifest) -> Bool {
    recorded?.config == image.config && recorded?.diffIDs == image.diffIDs
  }
}
