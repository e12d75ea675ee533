extension ImageConfiguration {
  /// How a container of the image starts.
  ///
  /// Source: OCI image-spec, config.md, `config`. Nil and empty lists are left out of the document.
  public struct Execution: Hashable, Sendable {
    /// User name or numeric ID, with an optional `:group`: config.md, `config.User`.
    public var user: String?
    /// `80/tcp`, `53/udp`: config.md, `config.ExposedPorts`.
    public var exposedPorts: Set<String>
    /// `NAME=value`, in order: config.md, `config.Env`.
    public var environment: [String]
    /// config.md, `config.Entrypoint`.
    public var entrypoint: [String]
    /// config.md, `config.Cmd`.
    public var command: [String]
    /// Mount points: config.md, `config.Volumes`.
    public var volumes: Set<String>
    /// config.md, `config.WorkingDir`.
    public var workingDirectory: String?
    /// config.md, `config.Labels`.
    public var labels: [String: String]
    /// `SIGTERM`: config.md, `config.StopSignal`.
    public var stopSignal: String?

    public init(
      user: String? = nil, exposedPorts: Set<String> = [], environment: [String] = [],
      entrypoint: [String] = [], command: [String] = [], volumes: Set<String> = [],
      workingDirectory: String? = nil, labels: [String: String] = [:], stopSignal: String? = nil
    ) {
      self.user = user
      self.exposedPorts = exposedPorts
      self.environment = environment
      self.entrypoint = entrypoint
      self.command = command
      self.volumes = volumes
      self.workingDirectory = workingDirectory
      self.labels = labels
      self.stopSignal = stopSignal
    }
  }
}

extension ImageConfiguration.Execution: Codable {
  private enum CodingKeys: String, CodingKey {
    case user = "User"
    case exposedPorts = "ExposedPorts"
    case environment = "Env"
    case entrypoint = "Entrypoint"
    case command = "Cmd"
    case volumes = "Volumes"
    case workingDirectory = "WorkingDir"
    case labels = "Labels"
    case stopSignal = "StopSignal"
  }

  /// The empty object that Go's `map[string]struct{}` writes for each member of a set.
  private struct Presence: Codable {}

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func members(_ key: CodingKeys) throws -> Set<String> {
      Set(
        try container.decodeIfPresent([String: Presence].self, forKey: key)?.keys.map { $0 } ?? [])
    }
    func list(_ key: CodingKeys) throws -> [String] {
      try container.decodeIfPresent([String].self, forKey: key) ?? []
    }
    self.init(
      user: try container.decodeIfPresent(String.self, forKey: .user),
      exposedPorts: try members(.exposedPorts), environment: try list(.environment),
      entrypoint: try list(.entrypoint), command: try list(.command),
      volumes: try members(.volumes),
      workingDirectory: try container.decodeIfPresent(String.self, forKey: .workingDirectory),
      labels: try container.decodeIfPresent([String: String].self, forKey: .labels) ?? [:],
      stopSignal: try container.decodeIfPresent(String.self, forKey: .stopSignal))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    func encode(members: Set<String>, _ key: CodingKeys) throws {
      guard !members.isEmpty else { return }
      let object = Dictionary(uniqueKeysWithValues: members.map { ($0, Presence()) })
      try container.encode(object, forKey: key)
    }
    func encode(list: [String], _ key: CodingKeys) throws {
      if !list.isEmpty { try container.encode(list, forKey: key) }
    }
    try container.encodeIfPresent(user, forKey: .user)
    try encode(members: exposedPorts, .exposedPorts)
    try encode(list: environment, .environment)
    try encode(list: entrypoint, .entrypoint)
    try encode(list: command, .command)
    try encode(members: volumes, .volumes)
    try container.encodeIfPresent(workingDirectory, forKey: .workingDirectory)
    if !labels.isEmpty { try container.encode(labels, forKey: .labels) }
    try container.encodeIfPresent(stopSignal, forKey: .stopSignal)
  }
}
