import PkgResolve

/// What a file of a store is for.
public enum StoreArea: String, Sendable, CaseIterable, Comparable {
  /// Packages, indexes and other files as they were fetched.
  case downloads
  /// Decoded packages.
  case packages
  /// Packed members of layers.
  case members
  /// Parsed indexes.
  case indexes
  /// Small documents by their URL.
  case documents
  /// Records of finished images.
  case images
  /// Broken downloads, which the next run resumes.
  case partial
  /// What running builds work with.
  case work
  /// What versions of the program made that kept it in another form.
  case outdated
  /// What no version of the program made.
  case other

  public static func < (one: StoreArea, other: StoreArea) -> Bool { one.rank < other.rank }

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  /// Folders of one version of what they hold, by their area's folder: others beside them are outdated.
  private static let currentForms = [
    "indexes": "\(PackageTable.formatVersion)", "expanded": "\(ExpandedForm.version)",
  ]

  /// The area of a path in a store, given by its components.
  ///
  /// Nearly all files of a store are named by a digest. One of another name is not the program's, so that pruning a
  /// folder that was named by mistake takes nobody's files.
  init(of path: [String]) {
    guard let folder = path.first, path.count > 1 else {
      self = .other
      return
    }
    // Layers that are written lie in folders of their own there.
    if folder == "tmp" {
      self = .work
      return
    }
    guard Self.isNamedByDigest(path) else {
      self = path.starts(with: ["images", "ingest"]) ? .outdated : .other
      return
    }
    let isOutdated = path.count > 2 && Self.currentForms[folder].map { $0 != path[1] } ?? false
    self = isOutdated ? .outdated : Self.byFolder[folder] ?? .other
  }

  private static let byFolder: [String: StoreArea] = [
    "sha256": .downloads, "expanded": .packages, "members": .members, "indexes": .indexes,
    "keyed": .documents, "apk": .documents, "built": .images, "partial": .partial,
    // Layers and configurations were kept there before they were staged in tmp/.
    "images": .outdated,
  ]

  /// Whether a component other than the first is a SHA-256 in hexadecimal, with or without a suffix after a dot.
  private static func isNamedByDigest(_ path: [String]) -> Bool {
    path.dropFirst().contains { name in
      let digits = name.utf8.prefix { $0 != UInt8(ascii: ".") }
      return digits.count == 64
        && digits.allSatisfy {
          (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
    }
  }

  /// Whether pruning may take what is of this area.
  var isPrunable: Bool { self != .work && self != .other }
}
