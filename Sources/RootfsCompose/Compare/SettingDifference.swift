import OCIImage

/// A named value that two images or two locks do not have alike.
public struct SettingDifference: Sendable, Encodable, Equatable {
  /// `user`, `env PATH`, `port 80/tcp`.
  public let name: String
  /// nil where it is not set.
  public let before: String?
  public let after: String?
  /// Whether who cares for an image's security should look: a container that runs as root where it did not.
  public let isSecurityRelevant: Bool

  init(_ name: String, _ before: String?, _ after: String?, isSecurityRelevant: Bool = false) {
    self.name = name
    self.before = before
    self.after = after
    self.isSecurityRelevant = isSecurityRelevant
  }

  /// The names that do not have the same value on both sides, in their order.
  static func between(
    _ before: [(name: String, value: String)], _ after: [(name: String, value: String)]
  ) -> [SettingDifference] {
    let old = Dictionary(before.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    let new = Dictionary(after.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    var seen = Set<String>()
    return (before + after).map(\.name).filter { seen.insert($0).inserted }.compactMap { name in
      old[name] == new[name] ? nil : SettingDifference(name, old[name], new[name])
    }
  }
}

extension SettingDifference {
  /// How containers of two images start.
  ///
  /// Source: OCI image-spec, config.md, `config`.
  static func between(
    _ before: ImageConfiguration.Execution?, _ after: ImageConfiguration.Execution?
  ) -> [SettingDifference] {
    let becomesRoot = !isRoot(before?.user) && isRoot(after?.user)
    return between(settings(of: before), settings(of: after)).map { each in
      each.name == "user" && becomesRoot
        ? SettingDifference("user", each.before, each.after, isSecurityRelevant: true) : each
    }
  }

  private static func settings(
    of config: ImageConfiguration.Execution?
  ) -> [(name: String, value: String)] {
    guard let config else { return [] }
    var settings = [(name: String, value: String)]()
    func add(_ name: String, _ value: String?) {
      if let value, !value.isEmpty { settings.append((name, value)) }
    }
    add("user", config.user)
    add("entrypoint", words(config.entrypoint))
    add("cmd", words(config.command))
    add("work-dir", config.workingDirectory)
    add("stop-signal", config.stopSignal)
    var variables = [String: String]()
    for text in config.environment {
      let sign = text.firstIndex(of: "=") ?? text.endIndex
      variables[String(text[..<sign])] = String(text[sign...].dropFirst())
    }
    settings += variables.sorted { $0.key < $1.key }.map { ("env \($0.key)", $0.value) }
    settings += config.exposedPorts.sorted().map { ("port \($0)", "exposed") }
    settings += config.volumes.sorted().map { ("volume \($0)", "mounted") }
    settings += config.labels.sorted { $0.key < $1.key }.map { ("label \($0.key)", $0.value) }
    return settings
  }

  /// Words in brackets, so that two words are not taken for one with a space in it.
  private static func words(_ words: [String]) -> String? {
    guard !words.isEmpty else { return nil }
    let items = words.map { CanonicalRecipe.Value.text($0) }
    return String(decoding: CanonicalRecipe.encode(.list(items)), as: UTF8.self)
  }

  private static func isRoot(_ user: String?) -> Bool {
    let name = (user ?? "").split(separator: ":", omittingEmptySubsequences: false).first ?? ""
    return name.isEmpty || name == "root" || name.allSatisfy { $0 == "0" }
  }
}
