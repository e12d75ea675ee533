import OCIImage

/// What differs in the documents of two images for one platform, beside what their layers come to.
enum ConfigurationComparison {
  typealias Fact = (name: String, expected: String?, found: String?)

  /// Of two configurations; diff IDs are the layers' business.
  static func deviations(expected: PlatformImage, found: PlatformImage) -> [Deviation] {
    guard expected.manifest.config.digest != found.manifest.config.digest else { return [] }
    let (left, right) = (expected.configuration, found.configuration)
    var facts = execution(left.config ?? .init(), right.config ?? .init())
    facts += [
      ("created", left.created, right.created), ("author", left.author, right.author),
      ("history", history(left), history(right)),
    ]
    let result = deviations(.config, facts)
    guard result.isEmpty, left.rootfs.diffIDs == right.rootfs.diffIDs else { return result }
    return [
      Deviation(
        .config, .init("encoding, or a key that is not known"),
        expected: expected.manifest.config.digest.description,
        found: found.manifest.config.digest.description)
    ]
  }

  private static func execution(
    _ left: ImageConfiguration.Execution, _ right: ImageConfiguration.Execution
  ) -> [Fact] {
    func words(_ list: [String]) -> String? {
      list.isEmpty
        ? nil : list.map { ContentDetail.quoted(Array($0.utf8)[...]) }.joined(separator: " ")
    }
    var facts: [Fact] = [
      ("user", left.user, right.user),
      ("entrypoint", words(left.entrypoint), words(right.entrypoint)),
      ("cmd", words(left.command), words(right.command)),
    ]
    facts += named("env", variables(left.environment), variables(right.environment))
    if facts.allSatisfy({ $0.expected == $0.found }) {
      facts.append(("order of env", words(left.environment), words(right.environment)))
    }
    facts += [
      ("working directory", left.workingDirectory, right.workingDirectory),
      ("ports", words(left.exposedPorts.sorted()), words(right.exposedPorts.sorted())),
      ("volumes", words(left.volumes.sorted()), words(right.volumes.sorted())),
      ("stop signal", left.stopSignal, right.stopSignal),
    ]
    return facts + named("label", left.labels, right.labels)
  }

  /// The last of a name counts.
  private static func variables(_ list: [String]) -> [String: String] {
    list.reduce(into: [:]) { result, each in
      let parts = each.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      result[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
    }
  }

  private static func named(
    _ kind: String, _ left: [String: String], _ right: [String: String]
  ) -> [Fact] {
    Set(left.keys).union(right.keys).sorted().map { ("\(kind) \($0)", left[$0], right[$0]) }
  }

  private static func history(_ configuration: ImageConfiguration) -> String? {
    guard let steps = configuration.history else { return nil }
    let texts = steps.map { $0.comment ?? $0.createdBy ?? "" }
    return "\(steps.count) steps: " + texts.joined(separator: ", ")
  }

  /// Of two manifests; configuration and layers have been compared.
  static func manifest(expected: PlatformImage, found: PlatformImage) -> [Deviation] {
    guard expected.digest != found.digest else { return [] }
    let (left, right) = (expected.manifest, found.manifest)
    var facts: [Fact] = [
      ("media type", left.mediaType, right.mediaType),
      ("media type of the configuration", left.config.mediaType, right.config.mediaType),
      ("subject", left.subject?.digest.description, right.subject?.digest.description),
    ]
    facts += named("annotation", left.annotations ?? [:], right.annotations ?? [:])
    for (position, (one, other)) in zip(left.layers, right.layers).enumerated()
    where one.digest == other.digest {
      facts.append(("media type of layer \(position + 1)", one.mediaType, other.mediaType))
    }
    return deviations(.manifest, facts)
  }

  /// Of two indexes whose manifests have been compared. An image with an index is not the worse for a rebuild of one
  /// platform, which has none.
  static func index(expected: Image, found: Image) -> [Deviation] {
    guard let left = expected.index, let right = found.index, expected.digest != found.digest
    else { return [] }
    let own = Set(found.platformImages.map(\.digest))
    let others = right.manifests.filter { !own.contains($0.digest) }
    var facts: [Fact] = [("media type", left.mediaType, right.mediaType)]
    facts += named("annotation", left.annotations ?? [:], right.annotations ?? [:])
    facts.append(
      (
        "manifests that are for no platform", nil,
        others.isEmpty
          ? nil : others.map { $0.artifactType ?? $0.digest.description }.joined(separator: ", ")
      ))
    let result = deviations(.index, facts)
    let isSame = zip(expected.platformImages, found.platformImages).allSatisfy {
      $0.digest == $1.digest
    }
    guard result.isEmpty, isSame else { return result }
    return [
      Deviation(
        .index, .init("encoding, or a key that is not known"),
        expected: expected.digest.description, found: found.digest.description)
    ]
  }

  private static func deviations(_ level: Deviation.Level, _ facts: [Fact]) -> [Deviation] {
    facts.filter { $0.expected != $0.found }.map { fact in
      Deviation(level, .init(fact.name), expected: fact.expected, found: fact.found)
    }
  }
}
