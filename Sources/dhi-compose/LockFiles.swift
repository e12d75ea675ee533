import FoundationEssentials
import OCIImage
import PkgResolve
import RootfsCompose

/// Locks as files: reading, and comparing with recipes and images.
enum LockFiles {
  /// The lock at a path; nil where there is none.
  static func read(_ path: String) throws -> Lockfile? {
    try bytes(path).map { try Lockfile(decoding: $0, name: path) }
  }

  /// The bytes of the lock at a path; nil where there is none.
  static func bytes(_ path: String) throws -> [UInt8]? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do {
      return Array(try Data(contentsOf: URL(filePath: path)))
    } catch {
      throw ComposeError(
        .inputUnreadable, path, "cannot be read; check its permissions", underlying: error)
    }
  }

  /// Whether a lock can serve a recipe; `exactly` demands that nothing in the recipe changed since.
  static func check(
    _ lock: Lockfile, _ path: String, against recipe: Recipe, platforms: [Platform], exactly: Bool
  ) throws {
    let renew = "run `\(RecipeName.lockCommand(recipe))` to renew it"
    if lock.request != recipe.requestDigest.description {
      throw ComposeError(
        .lockMismatch, path,
        "made for other packages or sources than \(recipe.path) now asks for; \(renew)")
    }
    if exactly, lock.recipe != recipe.recipeDigest.description {
      throw ComposeError(
        .lockMismatch, path,
        "\(recipe.path) has changed since: expected \(lock.recipe), found \(recipe.recipeDigest); \(renew)"
      )
    }
    if let missing = platforms.first(where: { lock.platforms[$0.description] == nil }) {
      throw ComposeError(
        .lockMismatch, path,
        "holds no packages for \(missing), only for \(lock.platforms.keys.sorted().joined(separator: ", ")); add --platform \(lock.platforms.keys.sorted().joined(separator: ",")), or \(renew)"
      )
    }
  }

  /// Whether an image is the one its lock records.
  static func check(_ image: Image, against lock: Lockfile, _ path: String) throws {
    guard let recorded = lock.image else {
      throw ComposeError(
        .lockMismatch, path, "records no image; run `dhi-compose lock` to record one")
    }
    let found = LockRecords.image(of: image)
    for platform in image.platforms.map(\.description) {
      guard let expected = recorded.manifests[platform], let made = found.manifests[platform] else {
        throw ComposeError(.lockMismatch, path, "records no image for \(platform)")
      }
      if expected.diffIDs != made.diffIDs {
        throw ComposeError(
          .lockMismatch, path,
          "the layers of \(platform) came out different: expected \(expected.diffIDs.joined(separator: ", ")), found \(made.diffIDs.joined(separator: ", "))"
        )
      }
      let sameCompressor =
        recorded.compression == found.compression && recorded.compressor == found.compressor
      if expected.manifest != made.manifest && sameCompressor {
        throw ComposeError(
          .lockMismatch, path,
          "the manifest of \(platform) came out different: expected \(expected.manifest), found \(made.manifest)"
        )
      }
      if expected.manifest != made.manifest {
        throw ComposeError(
          .lockMismatch, path,
          "the layers of \(platform) are the same, compressed differently: expected \(recorded.compressor) (\(recorded.compression)), found \(found.compressor) (\(found.compression))"
        )
      }
    }
  }
}
