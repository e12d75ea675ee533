#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What an image runs, on what platform, and what its layers unpack to.
///
/// Source: OCI image-spec, config.md, "Properties".
public struct ImageConfiguration: Hashable, Sendable, Codable {
  /// RFC 3339 date: config.md, `created`. See ``timestamp(_:)``.
  public var created: String?
  /// config.md, `author`.
  public var author: String?
  /// GOARCH: config.md, `architecture`.
  public var architecture: String
  /// GOOS: config.md, `os`.
  public var os: String
  /// `v8` for arm64: config.md, `variant`.
  public var variant: String?
  /// How a container starts: config.md, `config`.
  public var config: Execution?
  /// config.md, `rootfs`.
  public var rootfs: RootFileSystem
  /// How each layer was made, oldest first: config.md, `history`.
  public var history: [History]?

  /// A configuration without platform and layers, which ``PlatformImage`` fills in.
  public init(
    created: String? = nil, author: String? = nil, config: Execution? = nil,
    history: [History] = []
  ) {
    self.created = created
    self.author = author
    architecture = ""
    os = ""
    self.config = config
    rootfs = RootFileSystem(diffIDs: [])
    self.history = history.isEmpty ? nil : history
  }

  public var platform: Platform { Platform(os: os, architecture: architecture, variant: variant) }

  /// The layers' digests before compression.
  ///
  /// Source: config.md, `rootfs`.
  public struct RootFileSystem: Hashable, Sendable, Codable {
    /// Always `layers`: config.md, `rootfs.type`.
    public var type = "layers"
    /// The base layer first: config.md, `rootfs.diff_ids`.
    public var diffIDs: [Digest]

    public init(diffIDs: [Digest]) { self.diffIDs = diffIDs }

    private enum CodingKeys: String, CodingKey {
      case type
      case diffIDs = "diff_ids"
    }
  }

  /// One step of an image's making.
  ///
  /// Source: config.md, `history`.
  public struct History: Hashable, Sendable, Codable {
    /// RFC 3339 date: config.md, `history.created`.
    public var created: String?
    /// config.md, `history.created_by`.
    public var createdBy: String?
    /// config.md, `history.author`.
    public var author: String?
    /// config.md, `history.comment`.
    public var comment: String?
    /// Whether the step made no layer: config.md, `history.empty_layer`.
    public var emptyLayer: Bool?

    public init(
      created: String? = nil, createdBy: String? = nil, author: String? = nil,
      comment: String? = nil, emptyLayer: Bool = false
    ) {
      self.created = created
      self.createdBy = createdBy
      self.author = author
      self.comment = comment
      self.emptyLayer = emptyLayer ? true : nil
    }

    private enum CodingKeys: String, CodingKey {
      case created, author, comment
      case createdBy = "created_by"
      case emptyLayer = "empty_layer"
    }
  }

  /// A date as RFC 3339 in UTC, from whole seconds since 1970.
  ///
  /// Years past 9999, which RFC 3339 cannot hold, become the end of 9999; times before 1970 become 1970.
  public static func timestamp(_ seconds: Int64) -> String {
    var clock = time_t(min(max(seconds, 0), 253_402_300_799))
    var date = tm()
    gmtime_r(&clock, &date)
    func padded(_ value: Int32, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return padded(date.tm_year + 1900, 4) + "-" + padded(date.tm_mon + 1, 2) + "-"
      + padded(date.tm_mday, 2) + "T" + padded(date.tm_hour, 2) + ":"
      + padded(date.tm_min, 2) + ":" + padded(date.tm_sec, 2) + "Z"
  }
}
