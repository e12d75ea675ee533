import OCIImage
import PkgResolve

/// One index of packages that a signature vouches for: a `Packages` file, or an `APKINDEX`.
public struct VerifiedIndex: Sendable {
  /// `trixie-security`, `v3.22/main`
  public let suite: String
  /// Its key in a lock: `main/binary-amd64`, `x86_64`
  public let name: String
  /// `amd64`, `x86_64`, or `all` where an archive lists such packages apart.
  public let architecture: String
  /// Of what is signed, without credentials: `InRelease`, or the APKINDEX itself.
  public let documentURL: String
  public let documentDigest: Digest
  /// When the index was made, RFC 3339.
  public let date: String
  /// The Release file's `Valid-Until`, RFC 3339.
  public let validUntil: String?
  /// Whether it was past `validUntil` and let pass.
  public let expiredAccepted: Bool
  /// Fingerprint of the key that signed the document; of Alpine's, the key's name.
  public let signedBy: String
  /// Digest of the index as it was fetched, compressed.
  public let indexDigest: Digest
  /// Of a tagged Alpine repository; nil for all others.
  public let tag: String?
  /// What an APKINDEX says of itself, `v3.22.1-85-g1a2b3c`; nil for Debian's.
  public let description: String?
  /// The packages.
  public let table: PackageTable
}

/// What reading the sources gave.
public struct FetchedIndexes: Sendable {
  /// In the order of the sources, then components, then architectures.
  public let indexes: [VerifiedIndex]
  /// For the user to see: suites or repositories that a mirror lacks.
  public let warnings: [String]
  /// Tagged repositories without an index for an architecture; of Alpine only.
  public var unservedTags: [UnservedTag] = []

  /// A tag that names a repository which has no index for an architecture.
  public struct UnservedTag: Sendable, Hashable {
    /// Without the `@`.
    public let tag: String
    /// `x86_64`
    public let architecture: String
    /// `edge/testing`, or the base of one that is not Alpine's own.
    public let repository: String
  }
}
