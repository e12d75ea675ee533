/// Resolutions as one JSON document, with keys that later versions keep.
public struct ResolutionReport: Sendable {
  /// What was chosen for one platform.
  public struct Part: Sendable {
    /// `linux/amd64`; nil where indexes given by hand were resolved.
    public let platform: String?
    /// `amd64`, or `x86_64` for Alpine.
    public let architecture: String
    public let resolution: Resolution

    public init(platform: String?, architecture: String, resolution: Resolution) {
      self.platform = platform
      self.architecture = architecture
      self.resolution = resolution
    }
  }

  /// The number in `format`; it changes where a key changes its meaning or goes.
  public static let format: Int64 = 1

  /// Path of the recipe; nil where there is none.
  public let recipe: String?
  /// `debian-13`: the one of the recipe's distributions that was resolved for; nil where there is no recipe.
  public let distribution: String?
  public let parts: [Part]

  public init(recipe: String?, distribution: String? = nil, parts: [Part]) {
    self.recipe = recipe
    self.distribution = distribution
    self.parts = parts
  }

  /// Keys sorted, two spaces of indent, a line end at the end. Sizes are in bytes. What is not known is left out.
  public func json() -> [UInt8] {
    var members: [String: CanonicalJSON] = [
      "format": .number(Self.format), "resolutions": .array(parts.map(\.json)),
    ]
    members["recipe"] = recipe.map { .string($0) }
    members["distribution"] = distribution.map { .string($0) }
    var bytes = [UInt8]()
    CanonicalJSON.object(members).write(to: &bytes)
    bytes.append(UInt8(ascii: "\n"))
    return bytes
  }
}

extension ResolutionReport.Part {
  fileprivate var json: CanonicalJSON {
    let totals = ResolutionTotals(resolution)
    var members: [String: CanonicalJSON] = [
      "architecture": .string(architecture),
      "choices": .array(resolution.choices.map(\.json)),
      "installedSize": .number(totals.installedSize),
      "packages": .array(resolution.packages.map { $0.json(in: resolution) }),
      "requests": .array(resolution.requests.map { $0.json(in: resolution) }),
      "size": .number(totals.size),
      "waived": .strings(resolution.waived),
      "warnings": .strings(resolution.warnings),
    ]
    members["platform"] = platform.map { .string($0) }
    return .object(members)
  }
}

extension Resolution.Request {
  fileprivate func json(in resolution: Resolution) -> CanonicalJSON {
    var members: [String: CanonicalJSON] = [
      "packages": .strings(packages.map { resolution.packages[$0].record.name }),
      "request": .string(text),
    ]
    members["location"] = location.map { .string($0) }
    return .object(members)
  }
}

extension Resolution.Choice {
  fileprivate var json: CanonicalJSON {
    var members: [String: CanonicalJSON] = [
      "chosen": .string(chosen), "others": .strings(others), "reason": .string(reason),
      "relation": .string(relation),
    ]
    members["package"] = package.map { .string($0) }
    return .object(members)
  }
}

extension Resolution.Package {
  fileprivate func json(in resolution: Resolution) -> CanonicalJSON {
    var members: [String: CanonicalJSON] = [
      "architecture": .string(record.architecture),
      "filename": .string(record.filename),
      "index": .string(record.origin.name),
      "line": .number(Int64(record.line)),
      "name": .string(record.name),
      "reason": .string(reason),
      "requirements": .array(
        requirements.map { requirement in
          .object([
            "packages": .strings(
              requirement.packages.map { resolution.packages[$0].record.name }),
            "relation": .string(requirement.relation),
          ])
        }),
      "size": .number(record.size),
      "source": .string(record.sourceName),
      "sourceVersion": .string(record.sourceVersion),
      "suite": .string(record.origin.suite),
      "version": .string(record.version),
    ]
    members["digest"] = record.digest.map { .string($0) }
    members["installedSize"] = record.installedSize.map { .number($0) }
    return .object(members)
  }
}

extension CanonicalJSON {
  fileprivate static func strings(_ texts: [String]) -> CanonicalJSON {
    .array(texts.map { .string($0) })
  }
}
