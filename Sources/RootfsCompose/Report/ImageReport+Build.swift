import OCIImage
import PkgResolve

extension ImageReport {
  /// Gathers what a build knows of its image.
  public init(_ composed: ComposedImage, lock: Lockfile, recipe: Recipe) {
    let places = RecipePlaces(recipe)
    let image = composed.image
    title = recipe.definition.name ?? image.referenceName ?? "Image"
    reference = image.referenceName
    digest = image.digest.description
    hasIndex = image.index != nil
    size = image.size
    platforms = image.platformImages.compactMap { part in
      composed.compositions[part.platform].map { composition in
        Platform(
          part, composition, lock.platforms[part.platform.description]?.packages ?? [], places)
      }
    }
    build = Build(
      tool: ToolVersion.tool, compressor: LockRecords.image(of: image).compressor,
      distribution: lock.distribution, epoch: lock.epoch,
      recipe: recipe.recipeDigest.description, request: recipe.requestDigest.description,
      variant: recipe.definition.variant.rawValue, indexes: lock.indexes.map(places.withoutMirror),
      files: lock.files)
  }
}

extension ImageReport.Platform {
  fileprivate init(
    _ image: PlatformImage, _ composition: Composition, _ locked: [Lockfile.Package],
    _ places: RecipePlaces
  ) {
    let files = ReportedFiles(composition)
    let metadata = Dictionary(composition.packages.map { ($0.name, $0) }) { first, _ in first }
    let shares = files.shares().packages
    let packages = locked.map { package in
      let apk = metadata[package.name]?.apk
      return ImageReport.Package(
        name: package.name, version: package.version, architecture: package.architecture,
        licence: apk.map { PackageLicence(apk: $0["license"]) } ?? files.licence(of: package.name),
        suite: places.repository(package.suite), source: package.source, reason: package.reason,
        share: shares[package.name] ?? ImageReport.Share())
    }
    self.init(image, files, packages: packages)
    history = ImageReport.History(composition, places)
  }

  /// What an image tells, and the packages as whoever asks knows them.
  init(_ image: PlatformImage, _ files: ReportedFiles, packages: [ImageReport.Package]) {
    let total = files.total
    let steps = (image.configuration.history ?? []).filter { $0.emptyLayer != true }
    let layers = zip(image.manifest.layers, image.configuration.rootfs.diffIDs).enumerated()
    self.init(
      name: image.platform.description, manifest: image.digest.description,
      configuration: image.manifest.config.digest.description,
      created: image.configuration.created, size: image.size,
      layers: layers.map { position, layer in
        ImageReport.Layer(
          digest: layer.0.digest.description, diffID: layer.1.description, size: layer.0.size,
          comment: steps.indices.contains(position) ? steps[position].comment : nil)
      },
      unpackedSize: total.size, files: total.files, release: files.release,
      packages: packages.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) },
      unowned: files.shares().unowned, directories: DirectorySizes(files.files).list(),
      users: files.users(), groups: files.groups(),
      execution: image.configuration.config ?? ImageConfiguration.Execution(),
      setIDPaths: files.setIDPaths, capabilityPaths: files.capabilityPaths, history: nil)
  }
}

extension ImageReport.History {
  fileprivate init(_ composition: Composition, _ places: RecipePlaces) {
    var rules = [String: ImageReport.RuleDeeds]()
    var order = [String]()
    let known =
      HardeningRules.all.map { ($0.name, $0.summary) } + [
        ("excludes", "drops what the recipe excludes")
      ]
    let summaries = Dictionary(known) { first, _ in first }
    for record in composition.ledger.records {
      if rules[record.rule] == nil { order.append(record.rule) }
      var deeds =
        rules[record.rule]
        ?? ImageReport.RuleDeeds(rule: record.rule, summary: summaries[record.rule])
      deeds.add(record, composition, places)
      rules[record.rule] = deeds
    }
    // The rules of hardening in their own order, then the others as they came.
    let names = known.map(\.0) + order.filter { summaries[$0] == nil }
    self.init(
      rules: names.compactMap { rules[$0] }, scripts: composition.ledger.scripts,
      warnings: composition.ledger.warnings.map(places.withoutFolder))
  }
}

extension ImageReport.RuleDeeds {
  fileprivate mutating func add(
    _ record: Ledger.Record, _ composition: Composition, _ places: RecipePlaces
  ) {
    var size: Int64 = 0
    if record.action == .dropped {
      size =
        TreePath(record.path).flatMap { composition.shipped.entry(at: $0)?.content }
        .map { Int64($0.count) } ?? 0
    }
    let deed = Deed(
      path: record.path, reason: places.withoutFolder(record.reason), package: record.package,
      size: size)
    switch record.action {
    case .dropped: dropped.append(deed)
    case .changed: changed.append(deed)
    case .kept: kept.append(deed)
    case .added: added.append(deed)
    }
  }
}

/// What a report leaves out of texts: where on this machine the recipe lies, and which mirror served it.
struct RecipePlaces {
  private let path: String
  private let name: String

  init(_ recipe: Recipe) {
    path = recipe.path
    name = recipe.path.split(separator: "/").last.map(String.init) ?? recipe.path
  }

  /// A text in which the recipe goes by its file's name alone.
  func withoutFolder(_ text: String) -> String {
    path == name ? text : text.replacing(path, with: name)
  }

  /// `trixie`, `v3.22/main`, `@edge`; what goes by an address of its own is named without it.
  func repository(_ suite: String) -> String {
    let words = suite.split(separator: " ").filter { !$0.contains("://") && !$0.hasPrefix("/") }
    return words.isEmpty ? "another repository" : words.joined(separator: " ")
  }

  func withoutMirror(_ index: Lockfile.Index) -> Lockfile.Index {
    var index = index
    index.url = ""
    index.suite = repository(index.suite)
    return index
  }
}
