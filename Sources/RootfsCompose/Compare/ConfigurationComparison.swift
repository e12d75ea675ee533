import OCIImage

/// What differs in the documents of two images for one platform, beside what their layers come to.
enum ConfigurationComparison {
  typealias Fact = (name: String, expected: String?, found: String?)

  /// A platform's image and the whole that it is a part of.
  typealias Side = (image: PlatformImage, whole: Image)

  /// Of two configurations; diff IDs are the layers' business.
  static func configuration(expected: Side, found: Side) throws -> [Deviation] {
    let descriptors = (expected.image.manifest.config, found.image.manifest.config)
    guard descriptors.0.digest != descriptors.1.digest else { return [] }
    let (left, right) = (expected.image.configuration, found.image.configuration)
    var facts = execution(left.config ?? .init(), right.config ?? .init())
    facts += [
      ("created", left.created, right.created), ("author", left.author, right.author),
      ("history", history(left), history(right)),
    ]
    let result = deviations(.config, facts)
    guard result.isEmpty else { return result }
    let others = try DocumentComparison.deviations(
      .config, expected: (descriptors.0, expected.whole), found: (descriptors.1, found.whole),
      except: { $0.hasPrefix("rootfs.diff_ids.") })
    guard others.isEmpty, left.rootfs.diffIDs == right.rootfs.diffIDs else { return others }
    return [
      DocumentComparison.encoding(.config, expected: descriptors.0, found: descriptors.1)
    ]
  }

  private static func execution(
    _ left: ImageConfiguration.Execution, _ right: ImageConfiguration.Execution
  ) -> [Fact] {
    func words(_ list: [String]) -> String? {
      list.isEmpty ? nil : list.map { ContentDetail.quoted($0) }.joined(separator: " ")
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

  /// Of two manifests; what configuration and layers hold has been compared.
  static func manifest(expected: Side, found: Side) throws -> [Deviation] {
    guard expected.image.digest != found.image.digest else { return [] }
    let (left, right) = (expected.image.manifest, found.image.manifest)
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
    let result = deviations(.manifest, facts)
    let isSame =
      left.config.digest == right.config.digest
      && left.layers.map(\.digest) == right.layers.map(\.digest)
    guard result.isEmpty else { return result }
    let descriptors = (expected.image.descriptor, found.image.descriptor)
    let others = try DocumentComparison.deviations(
      .manifest, expected: (descriptors.0, expected.whole), found: (descriptors.1, found.whole),
      except: { !isSame && isOfBlobs($0) })
    guard others.isEmpty, isSame else { return others }
    return [
      DocumentComparison.encoding(.manifest, expected: descriptors.0, found: descriptors.1)
    ]
  }

  /// Whether a manifest's key says which blobs it names, and no more of them.
  private static func isOfBlobs(_ key: String) -> Bool {
    if ["config.digest", "config.size", "layers"].contains(key) { return true }
    return key.hasPrefix("layers.")
      && [".digest", ".size", ".mediaType"].contains(where: key.hasSuffix)
  }

  /// Of two indexes whose manifests have been compared. An image with an index is not the worse for a rebuild of one
  /// platform, which has none.
  static func index(expected: Image, found: Image) throws -> [Deviation] {
    guard let left = expected.index, let right = found.index, expected.digest != found.digest
    else { return [] }
    let own = Set(found.platformImages.map(\.digest))
    let foreign = right.manifests.filter { !own.contains($0.digest) }
    var facts: [Fact] = [("media type", left.mediaType, right.mediaType)]
    facts += named("annotation", left.annotations ?? [:], right.annotations ?? [:])
    facts.append(
      (
        "manifests that are for no platform", nil,
        foreign.isEmpty
          ? nil : foreign.map { $0.artifactType ?? $0.digest.description }.joined(separator: ", ")
      ))
    let result = deviations(.index, facts)
    let isSame = zip(expected.platformImages, found.platformImages).allSatisfy {
      $0.digest == $1.digest
    }
    guard result.isEmpty, isSame else { return result }
    let descriptors = (expected.descriptor, found.descriptor)
    let others = try DocumentComparison.deviations(
      .index, expected: (descriptors.0, expected), found: (descriptors.1, found))
    guard others.isEmpty else { return others }
    return [DocumentComparison.encoding(.index, expected: descriptors.0, found: descriptors.1)]
  }

  private static func deviations(_ level: Deviation.Level, _ facts: [Fact]) -> [Deviation] {
    facts.filter { $0.expected != $0.found }.map { fact in
      Deviation(level, .init(fact.name), expected: fact.expected, found: fact.found)
    }
  }
}
