import OCIImage

/// Indexes that several recipes of one run name: each is fetched, verified and parsed once.
final class SharedIndexes: Sendable {
  /// All that a signed Release file depends on.
  struct ReleaseKey: Hashable, Sendable {
    let source: DebianSource
    let keyrings: [String]
    let allowsExpired: Bool
  }

  /// One `Packages` file of a signed Release file.
  struct PackagesKey: Hashable, Sendable {
    let release: ReleaseKey
    let component: String
    let architecture: String
  }

  /// All that an APKINDEX depends on.
  struct AlpineKey: Hashable, Sendable {
    let source: AlpineSource
    let architecture: String
    let keyrings: [String]
  }

  let releases = SharedResults<ReleaseKey, DebianIndexFetcher.SignedRelease>()
  let packages = SharedResults<PackagesKey, VerifiedIndex>()
  let alpine = SharedResults<AlpineKey, AlpineIndexFetcher.Answer>()
}

extension [Located<String>] {
  /// The keys that these entries of a recipe in `folder` name, whatever their lines.
  func keyringIdentity(in folder: String) -> [String] {
    isEmpty ? [] : [folder] + map(\.value)
  }

  /// Where these entries stand, as messages name them.
  var places: String { map(\.location.description).joined(separator: " ") }
}
