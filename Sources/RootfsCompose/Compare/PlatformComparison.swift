import OCIImage
import PkgResolve

/// One platform of an image beside what its recipe and lock give.
struct PlatformComparison {
  let expected: PlatformImage
  let rebuilt: Image
  let found: PlatformImage
  let image: Image

  /// All that differs, the most telling first. Nothing is unpacked of an image with the manifest that was expected.
  ///
  /// Throws `OCIError` and ``ComposeError`` where a layer of the image cannot be read.
  func deviations(ledger: Ledger, packages: [Lockfile.Package]) throws -> [Deviation] {
    guard expected.digest != found.digest else { return [] }
    let real = try realDiffIDs()
    var result = falseDiffIDs(real)
    let layers = try LayerComparison(
      expected: .init(
        image: expected, whole: rebuilt, diffIDs: expected.configuration.rootfs.diffIDs),
      found: .init(image: found, whole: image, diffIDs: real))
    result += layers.deviations
    let sides = ((image: expected, whole: rebuilt), (image: found, whole: image))
    result += try ConfigurationComparison.configuration(expected: sides.0, found: sides.1)
    if let packing = try packing(real) { result.append(packing) }
    result += try ConfigurationComparison.manifest(expected: sides.0, found: sides.1)
    let platform = found.platform.description
    for index in result.indices { result[index].platform = platform }
    DeviationOrigin(ledger: ledger, packages: packages).complete(&result)
    return result.sorted(by: Deviation.precedes)
  }

  /// What the layers unpack to. Those that the rebuild has byte for byte need not be unpacked to know.
  private func realDiffIDs() throws -> [Digest] {
    let known = Dictionary(
      zip(expected.manifest.layers.map(\.digest), expected.configuration.rootfs.diffIDs),
      uniquingKeysWith: { first, _ in first })
    return try found.manifest.layers.map { layer in
      try known[layer.digest] ?? image.diffID(of: layer)
    }
  }

  private func falseDiffIDs(_ real: [Digest]) -> [Deviation] {
    zip(real, found.configuration.rootfs.diffIDs).enumerated().compactMap { position, pair in
      guard pair.0 != pair.1 else { return nil }
      return Deviation(
        .config, .diffID, expected: "\(pair.0), which the layer unpacks to",
        found: pair.1.description, layer: position + 1)
    }
  }

  // MARK: Compression

  /// Layers with equal contents and other bytes, all in one.
  private func packing(_ real: [Digest]) throws -> Deviation? {
    var own = [Digest: Descriptor]()
    for (diffID, layer) in zip(expected.configuration.rootfs.diffIDs, expected.manifest.layers) {
      own[diffID] = layer
    }
    var pairs = [(expected: Descriptor, found: Descriptor)]()
    for (diffID, layer) in zip(real, found.manifest.layers) {
      if let same = own[diffID], same.digest != layer.digest { pairs.append((same, layer)) }
    }
    guard let first = pairs.first else { return nil }
    let mine = LayerCompression(of: first.expected)
    var deviation = Deviation(
      .layer, .compression,
      expected: Self.text(pairs.map(\.expected), by: mine?.compressor),
      found: Self.text(pairs.map(\.found), by: try header(of: first.found)))
    let same = pairs.count == 1 ? "1 layer unpacks" : "\(pairs.count) layers unpack"
    deviation.details = ["\(same) to the same bytes and is packed differently"]
    if pairs.count > 1 {
      deviation.details = ["\(same) to the same bytes and are packed differently"]
    }
    return deviation
  }

  private static func text(_ layers: [Descriptor], by packer: String?) -> String {
    let size = layers.map(\.size).saturatingSum
    let names = Set(layers.map { LayerCompression(of: $0)?.rawValue ?? $0.mediaType }).sorted()
    return names.joined(separator: " and ") + (packer.map { " (\($0))" } ?? "") + ", \(size) bytes"
  }

  /// What a gzip member says of how it was packed.
  ///
  /// Source: RFC 1952, 2.3.1, XFL and OS.
  private func header(of layer: Descriptor) throws -> String? {
    var head = [UInt8]()
    try image.readBlob(layer) { (bytes) throws(OCIError) in
      if head.count < 10 { head += bytes.prefix(10 - head.count) }
    }
    guard head.count == 10, head[0] == 0x1F, head[1] == 0x8B else { return nil }
    let speed =
      switch head[8] {
      case 2: "the slowest level"
      case 4: "the fastest level"
      default: "a level between the slowest and the fastest"
      }
    return "\(speed), its header says"
  }
}

/// Where the paths of deviations come from.
struct DeviationOrigin {
  let ledger: Ledger
  private let versions: [String: String]

  init(ledger: Ledger, packages: [Lockfile.Package]) {
    self.ledger = ledger
    versions = Dictionary(packages.map { ($0.name, $0.version) }) { first, _ in first }
  }

  /// Adds the package that ships each path, and the rule that dealt with it last.
  func complete(_ deviations: inout [Deviation]) {
    let paths = Set(deviations.compactMap(\.path))
    guard !paths.isEmpty else { return }
    var records = [String: Ledger.Record]()
    for record in ledger.records where paths.contains(record.path) {
      records[record.path] = record
    }
    for index in deviations.indices {
      guard let text = deviations[index].path, let path = TreePath(text) else { continue }
      let record = records[text]
      if let name = ledger.owners[path] ?? record?.package {
        deviations[index].package = name + (versions[name].map { " " + $0 } ?? "")
      }
      deviations[index].rule = record.map { "\($0.rule) \($0.action.rawValue) it: \($0.reason)" }
    }
  }
}
