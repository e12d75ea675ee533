import OCIImage

/// One thing in which an image differs from the one that its recipe and lock give.
public struct Deviation: Sendable, Equatable, Encodable {
  /// How deep in the image it lies.
  public enum Level: String, Sendable, Codable {
    case index, manifest, config, layer
    /// An entry's header in a layer's tar archive.
    case header = "tar header"
    /// A file's bytes.
    case content
  }

  /// What differs. A configuration's and a manifest's parts go by their own names: `env LANG`, `entrypoint`.
  public struct Attribute: Sendable, Hashable, Encodable, CustomStringConvertible {
    public let name: String
    public init(_ name: String) { self.name = name }

    public static let content = Attribute("content")
    /// A path that the image lacks.
    public static let missing = Attribute("missing")
    /// A path that only the image has.
    public static let extra = Attribute("extra")
    public static let kind = Attribute("kind")
    public static let linkTarget = Attribute("link target")
    public static let capability = Attribute("capabilities")
    public static let mode = Attribute("mode")
    /// User and group by number.
    public static let owner = Attribute("owner")
    public static let ownerName = Attribute("owner's name")
    public static let device = Attribute("device")
    public static let time = Attribute("time")
    /// Where an entry stands in its layer.
    public static let order = Attribute("order of entries")
    /// How often an entry stands in its layer.
    public static let repetition = Attribute("repetition")
    /// The bytes of a tar archive or a document beside all that it says.
    public static let encoding = Attribute("encoding")
    /// How the same paths are dealt out to layers.
    public static let division = Attribute("division into layers")
    /// The packed bytes of layers that unpack to the same.
    public static let compression = Attribute("compression only")
    /// A diff ID that the configuration gives a layer and that its bytes do not have.
    public static let diffID = Attribute("diff ID")

    public var description: String { name }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(name)
    }
  }

  public var platform: String?
  public let level: Level
  public let attribute: Attribute
  /// With a leading slash; nil where no path is concerned.
  public var path: String?
  /// What the recipe and the lock give, for a person; nil for nothing.
  public var expected: String?
  /// What the image has; nil for nothing.
  public var found: String?
  /// Name and version of the package that ships the path; nil where none does.
  public var package: String?
  /// What the composing rule that touched the path last did to it, and why.
  public var rule: String?
  /// The layer of the image, else of the rebuild, that holds it, counted from one.
  public var layer: Int?
  /// What else there is to know: where contents differ, and how.
  public var details: [String] = []

  init(
    _ level: Level, _ attribute: Attribute, path: TreePath? = nil, expected: String? = nil,
    found: String? = nil, layer: Int? = nil
  ) {
    self.level = level
    self.attribute = attribute
    self.path = path?.description
    self.expected = expected
    self.found = found
    self.layer = layer
  }
}

extension Deviation {
  /// The smaller, the more it tells.
  private var rank: Int {
    let ranks: [Attribute] = [
      .content, .missing, .extra, .kind, .linkTarget, .capability, .mode, .owner, .device,
    ]
    if let rank = ranks.firstIndex(of: attribute) { return rank }
    switch (level, attribute) {
    case (.config, .diffID): return 11
    case (.config, _): return 10
    case (.header, .time): return 13
    case (.header, _): return 12
    case (.layer, .compression): return 17
    case (.layer, .order): return 14
    case (.layer, _): return 15
    case (.manifest, _): return 16
    case (.index, _): return 18
    case (.content, _): return 0
    }
  }

  /// The most telling first; of equals, what a package ships before what is made of it, then by platform and path.
  static func precedes(_ left: Deviation, _ right: Deviation) -> Bool {
    func key(_ each: Deviation) -> (Int, Int, String, String, String) {
      (
        each.rank, each.package == nil ? 1 : 0, each.path ?? "", each.platform ?? "",
        each.attribute.name
      )
    }
    return key(left) < key(right)
  }
}
