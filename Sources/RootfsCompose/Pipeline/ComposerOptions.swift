import FoundationEssentials
import OCIImage

/// How much a ``Composer`` does at once.
public struct Limits: Sendable {
  /// Concurrent downloads.
  public var downloads: Int
  /// Packages decoded, and images layered, at once.
  public var decoders: Int

  public init(downloads: Int = 8, decoders: Int = ProcessInfo.processInfo.activeProcessorCount) {
    self.downloads = max(1, downloads)
    self.decoders = max(1, decoders)
  }
}

/// Where a ``Composer`` keeps what it fetched.
public enum StoreLocation: Sendable {
  /// A folder, made where it is missing.
  case directory(String)
  /// `$XDG_CACHE_HOME/dhi-compose`, else `~/.cache/dhi-compose`.
  case userCache

  /// The folder, given the process's environment.
  public func path(environment: [String: String]) throws(ComposeError) -> String {
    switch self {
    case .directory(let path): return path
    case .userCache: return try Store.defaultDirectory(environment: environment)
    }
  }
}

/// What a caller may choose beyond the recipe.
public struct ComposerOptions: Sendable {
  /// Base URL or folder of a mirror of the distribution, before all others.
  public var mirror: String?
  /// Base URL or folder of a mirror of Debian's security archive; derived from `mirror` where nil.
  public var securityMirror: String?
  /// Alpine repositories, `URL` or `@tag URL`, in place of all that the recipe names.
  public var repositories: [String]
  /// The moment of Debian's archives to resolve against, `20250906T101112Z`, in the place of mirrors and of the recipe's.
  public var snapshot: String?
  /// Base URL or folder of a snapshot service (holds `debian/20250906T101112Z/dists/`); `DHI_DEBIAN_SNAPSHOT`, else
  /// Debian's own, where nil. `none` has no locked package looked for there.
  public var snapshotMirror: String?
  /// Whether no server is asked for anything: packages and indexes come from the store, a bundle, and folders.
  public var isOffline: Bool
  /// What stands in for the network, and says where its images' packages came from.
  public var bundle: Bundle?
  /// Accept signed indexes past their `Valid-Until`; the lock says so.
  public var allowExpired: Bool
  /// Layer compression; the recipe's, else gzip, where nil.
  public var compression: LayerCompression?
  /// The environment consulted for mirrors, proxies, `SOURCE_DATE_EPOCH` and folders.
  public var environment: [String: String]
  /// The host's apt configuration, `/etc/apt`; nil to leave it unread.
  public var aptConfiguration: String?
  /// The host's apk configuration, `/etc/apk`, with its keys and repositories; nil to leave it unread.
  public var apkConfiguration: String?

  public init(
    mirror: String? = nil, securityMirror: String? = nil, repositories: [String] = [],
    snapshot: String? = nil, snapshotMirror: String? = nil, isOffline: Bool = false,
    bundle: Bundle? = nil, allowExpired: Bool = false,
    compression: LayerCompression? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment,
    aptConfiguration: String? = "/etc/apt", apkConfiguration: String? = "/etc/apk"
  ) {
    self.mirror = mirror
    self.securityMirror = securityMirror
    self.repositories = repositories
    self.snapshot = snapshot
    self.snapshotMirror = snapshotMirror
    self.isOffline = isOffline
    self.bundle = bundle
    self.allowExpired = allowExpired
    self.compression = compression
    self.environment = environment
    self.aptConfiguration = aptConfiguration
    self.apkConfiguration = apkConfiguration
  }
}

/// The program's name and version.
public enum ToolVersion {
  public static let current = "0.1.0"
  /// As it stands in locks.
  public static let tool = "dhi-compose " + current
}
