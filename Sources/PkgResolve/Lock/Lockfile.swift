/// What a recipe was resolved to: the only input, besides the recipe, that an image is made from.
///
/// Stored as `NAME.lock.json` beside the recipe in the canonical encoding of ``encoded()``: keys sorted, two spaces
/// of indent, one final newline.
public struct Lockfile: Sendable, Codable, Equatable {
  /// The version of this format that this library writes and reads.
  public static let currentSchema = 1

  public var schema: Int
  /// The program and version that made the lock, `dhi-compose 0.1.0`.
  public var tool: String
  /// Digest of the whole recipe, after substitution: what `--locked` compares.
  public var recipe: String
  /// Digest of those parts of the recipe that choose packages.
  public var request: String
  /// `debian-13`, `alpine-3.22`.
  public var distribution: String
  /// The newest epoch of the platforms, in seconds since 1970: the index's date.
  public var epoch: Int64
  /// The signed indexes that the packages were chosen from.
  public var indexes: [Index]
  /// Files that the recipe brings in, by URL or path.
  public var files: [File]
  /// By platform, `linux/amd64`.
  public var platforms: [String: PlatformLock]
  /// Digests of the image; nil until it is composed.
  public var image: Image?

  public struct Index: Sendable, Codable, Equatable {
    /// URL of the signed file, InRelease or APKINDEX.tar.gz, of the mirror that was used.
    public var url: String
    public var suite: String
    /// `sha256:…` of the signed file.
    public var digest: String
    /// The Release file's `Date`, or when the APKINDEX was made; RFC 3339.
    public var date: String
    /// The Release file's `Valid-Until`, RFC 3339.
    public var validUntil: String?
    /// True where an option accepted an index past `validUntil`.
    public var expiredAccepted: Bool?
    /// Fingerprint of the key that signed it; for Alpine, the key's name.
    public var signedBy: String?
    /// The indexes used, with digests: `main/binary-amd64`; of an APKINDEX, its architecture.
    public var packages: [String: String]

    public init(
      url: String, suite: String, digest: String, date: String, validUntil: String? = nil,
      expiredAccepted: Bool? = nil, signedBy: String? = nil, packages: [String: String] = [:]
    ) {
      self.url = url
      self.suite = suite
      self.digest = digest
      self.date = date
      self.validUntil = validUntil
      self.expiredAccepted = expiredAccepted
      self.signedBy = signedBy
      self.packages = packages
    }
  }

  public struct File: Sendable, Codable, Equatable {
    /// URL, or path relative to the recipe's folder.
    public var source: String
    /// `sha256:…` of the bytes.
    public var digest: String
    /// In bytes.
    public var size: Int64
    public init(source: String, digest: String, size: Int64) {
      self.source = source
      self.digest = digest
      self.size = size
    }
  }

  public struct PlatformLock: Sendable, Codable, Equatable {
    /// Sorted by name, then architecture.
    public var packages: [Package]
    /// SOURCE_DATE_EPOCH of the platform's image, in seconds since 1970. Each platform has its own, so that its image
    /// is the same whichever others are composed with it.
    public var epoch: Int64
    /// Where more than one package could have met a dependency, which was taken and why, in the order of the choices.
    /// nil in locks of version 0.1.
    public var choices: [Choice]?

    public init(packages: [Package], epoch: Int64, choices: [Choice]? = nil) {
      self.packages = packages
      self.epoch = epoch
      self.choices = choices
    }
  }

  /// One choice among packages that could all have met a dependency or a request.
  public struct Choice: Sendable, Codable, Equatable {
    /// Name of the package whose dependency it is; nil for a request.
    public var package: String?
    /// `debconf (>= 0.5) | debconf-2.0`, or the request.
    public var relation: String
    /// Name of the package taken.
    public var chosen: String
    /// Names of at most ten others that would have met it, the preferred one first.
    public var others: [String]
    /// `the first alternative`.
    public var reason: String

    /// How many of the others a lock names: a virtual package may have hundreds.
    static let othersLimit = 10

    public init(_ choice: Resolution.Choice) {
      package = choice.package
      relation = choice.relation
      chosen = choice.chosen
      others = Array(choice.others.prefix(Self.othersLimit))
      reason = choice.reason
    }
  }

  public struct Package: Sendable, Codable, Equatable {
    public var name: String
    public var version: String
    /// `amd64`, `all`, `x86_64`, `noarch`.
    public var architecture: String
    /// Name and version of the source package.
    public var source: String
    /// Where the package was found.
    public var url: String
    /// In bytes.
    public var size: Int64
    /// `sha256:…` of the file.
    public var digest: String
    /// Of an Alpine package, the index's checksum of its control member, `Q1…`; nil of all others.
    public var checksum: String?
    /// The suite or repository it came from: `trixie-security`, `v3.22/main`.
    public var suite: String
    /// Why it is there: `requested`, or `NAME depends on …`.
    public var reason: String

    public init(
      name: String, version: String, architecture: String, source: String, url: String,
      size: Int64, digest: String, checksum: String? = nil, suite: String, reason: String
    ) {
      self.name = name
      self.version = version
      self.architecture = architecture
      self.source = source
      self.url = url
      self.size = size
      self.digest = digest
      self.checksum = checksum
      self.suite = suite
      self.reason = reason
    }
  }

  public struct Image: Sendable, Codable, Equatable {
    /// `gzip`, `zstd` or `none`.
    public var compression: String
    /// Compressor's name, version and level: `libdeflate 1.14 level 6`.
    public var compressor: String
    /// Digest of the image index; nil where one platform was composed as a manifest of its own.
    public var index: String?
    /// By platform.
    public var manifests: [String: Manifest]
    public init(
      compression: String, compressor: String, index: String?, manifests: [String: Manifest]
    ) {
      self.compression = compression
      self.compressor = compressor
      self.index = index
      self.manifests = manifests
    }
  }

  public struct Manifest: Sendable, Codable, Equatable {
    public var manifest: String
    public var config: String
    /// Digests of the uncompressed layers, in order.
    public var diffIDs: [String]
    public init(manifest: String, config: String, diffIDs: [String]) {
      self.manifest = manifest
      self.config = config
      self.diffIDs = diffIDs
    }
  }

  public init(
    tool: String, recipe: String, request: String, distribution: String, epoch: Int64,
    indexes: [Index], files: [File], platforms: [String: PlatformLock], image: Image? = nil
  ) {
    schema = Self.currentSchema
    self.tool = tool
    self.recipe = recipe
    self.request = request
    self.distribution = distribution
    self.epoch = epoch
    self.indexes = indexes
    self.files = files
    self.platforms = platforms
    self.image = image
  }
}
