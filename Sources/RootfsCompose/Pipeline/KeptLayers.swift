import OCIImage
import PkgResolve

/// What composing came to for one platform, as far as writing layers needs it: the entries of each layer, and where their
/// contents lie. What a build takes that finds its packages decoded and its image gone.
///
/// `built/<key>.layers` in the store holds a checksum and the record. The key covers all that the layers depend on: the
/// recipe, what the lock says of the platform, the files of the recipe's folder, the program. A record is kept only of a
/// tree that was proved to break no rule. Contents are compared with their checksums when they are read, as ever.
struct KeptLayers: Sendable {
  /// `uid:gid` for the image's configuration.
  let user: String
  let plan: LayerPlan
  /// Bytes of all files.
  let size: Int64
  /// Paths that rules dropped, and those that they changed.
  let dropped: Int
  let changed: Int
  let warnings: [String]

  init(user: String, plan: LayerPlan, size: Int64, ledger: Ledger) {
    self.init(
      user: user, plan: plan, size: size,
      dropped: ledger.records.count { $0.action == .dropped },
      changed: ledger.records.count { $0.action == .changed }, warnings: ledger.warnings)
  }

  fileprivate init(
    user: String, plan: LayerPlan, size: Int64, dropped: Int, changed: Int, warnings: [String]
  ) {
    self.user = user
    self.plan = plan
    self.size = size
    self.dropped = dropped
    self.changed = changed
    self.warnings = warnings
  }

  /// The largest record, in bytes.
  private static let limit = 64 << 20

  /// nil where no record can be made: a local file of the recipe was touched only now, or cannot be read.
  static func key(
    of recipe: Recipe, lock: Lockfile, platform: Platform, epoch: Int64
  ) -> Digest? {
    guard let program = FinishedImages.program,
      let sources = FinishedImages.localSources(of: recipe, [platform])
    else { return nil }
    var parts = [
      "layers", ToolVersion.tool, program, recipe.path, recipe.recipeDigest.hex,
      recipe.distribution ?? "", platform.description, "\(epoch)",
    ]
    let packages = lock.platforms[platform.description]?.packages ?? []
    // No list can be mistaken for the next one.
    parts += ["\(packages.count)", "\(lock.files.count)"]
    for package in packages {
      parts += [
        package.name, package.version, package.architecture, package.digest,
        package.checksum ?? "",
      ]
    }
    for file in lock.files { parts += [file.source, file.digest] }
    return FinishedImages.key(parts + sources)
  }

  /// The record under a key; nil where there is none that holds together, or where a package that it needs is not decoded.
  init?(_ key: Digest, in store: Store) {
    guard let body = FinishedImages.body(at: Self.path(of: key, in: store), limit: Self.limit)
    else { return nil }
    let kept = body.withUnsafeBytes { bytes in
      var reader = KeptLayersReader(bytes: bytes)
      return try? reader.layers { store.expandedContents($0) }
    }
    guard let kept else { return nil }
    self = kept
  }

  func keep(_ key: Digest, in store: Store) {
    guard let body = KeptLayersWriter(self)?.bytes, body.count < Self.limit else { return }
    FinishedImages.write(body, to: Self.path(of: key, in: store), store)
  }

  private static func path(of key: Digest, in store: Store) -> String {
    "\(store.directory)/built/\(key.hex).layers"
  }
}

/// Where a content lies, in a record.
private enum ContentPlace: UInt8 {
  case package = 1
  case here = 2
}

private struct KeptLayersWriter: RecordWriting {
  var bytes: [UInt8] = []
  /// Of the packages whose contents the entries name, by their digests.
  private var packages: [String: UInt32] = [:]

  /// nil where some content cannot be read, or what lies in no package is too much.
  init?(_ kept: KeptLayers) {
    let items = kept.plan.layers.map(\.items)
    bytes.reserveCapacity(4096 + 128 * items.reduce(0) { $0 + $1.count })
    add(kept.user)
    add(kept.size)
    add(UInt64(kept.dropped))
    add(UInt64(kept.changed))
    add(UInt32(kept.warnings.count))
    for warning in kept.warnings { add(warning) }
    addPackages(items)
    add(UInt32(kept.plan.layers.count))
    for layer in kept.plan.layers {
      add(UInt8(layer.title == nil ? 0 : 1))
      add(layer.title ?? "")
      add(UInt32(layer.items.count))
      for item in layer.items { guard add(item) else { return nil } }
    }
  }

  private mutating func addPackages(_ items: [[LayerPlan.Item]]) {
    var digests = [String]()
    for item in items.joined() {
      guard let name = item.entry.content?.place?.file.packageDigest, packages[name] == nil
      else { continue }
      packages[name] = UInt32(digests.count)
      digests.append(name)
    }
    add(UInt32(digests.count))
    for digest in digests { add(digest) }
  }

  private mutating func add(_ item: LayerPlan.Item) -> Bool {
    let entry = item.entry
    add(item.path.bytes)
    add(UInt8(item.linkTarget == nil ? 0 : 1))
    if let target = item.linkTarget { add(target.bytes) }
    add(ExpandedKind(entry.kind).rawValue)
    add(entry.mode)
    add(entry.uid)
    add(entry.gid)
    add(entry.mtime)
    add(UInt32(entry.xattrs.count))
    for (name, value) in entry.xattrs.sorted(by: { $0.key < $1.key }) {
      add(name)
      add(value)
    }
    switch entry.kind {
    case .directory, .fifo: return true
    case .symlink(let target): add(target)
    case .characterDevice(let major, let minor), .blockDevice(let major, let minor):
      add(major)
      add(minor)
    case .regular(let content, _): return add(content)
    }
    return true
  }

  private mutating func add(_ content: Content) -> Bool {
    if let place = content.place, let digest = place.file.packageDigest,
      let package = packages[digest]
    {
      add(ContentPlace.package.rawValue)
      add(package)
      add(place.offset)
      add(UInt64(content.count))
      add(content.checksum)
      return true
    }
    guard content.count <= 32 << 20, bytes.count <= 32 << 20, let own = try? content.bytes()
    else { return false }
    add(ContentPlace.here.rawValue)
    add(own)
    return true
  }
}

private struct KeptLayersReader: RecordReading {
  let bytes: UnsafeRawBufferPointer
  var offset = 0
  private var packages: [ExpandedContents] = []

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// - Parameter contents: the decoded contents of a package by its digest.
  mutating func layers(
    _ contents: (String) -> ExpandedContents?
  ) throws(ExpandedDamage) -> KeptLayers {
    let user = try text()
    let size = try number(Int64.self)
    guard let dropped = Int(exactly: try number(UInt64.self)),
      let changed = Int(exactly: try number(UInt64.self))
    else { throw ExpandedDamage() }
    var warnings = [String]()
    for _ in 0..<(try number(UInt32.self)) { warnings.append(try text()) }
    for _ in 0..<(try number(UInt32.self)) {
      guard let package = contents(try text()) else { throw ExpandedDamage() }
      packages.append(package)
    }
    var layers = [LayerPlan.Part]()
    for _ in 0..<(try number(UInt32.self)) {
      let hasTitle = try number(UInt8.self) == 1
      let title = try text()
      var items = [LayerPlan.Item]()
      let count = Int(try number(UInt32.self))
      // An item has at least 28 bytes: a number that is wrong must not take memory.
      items.reserveCapacity(min(count, bytes.count / 28))
      for _ in 0..<count { items.append(try item()) }
      layers.append(LayerPlan.Part(title: hasTitle ? title : nil, items: items))
    }
    guard offset == bytes.count, !layers.isEmpty else { throw ExpandedDamage() }
    return KeptLayers(
      user: user, plan: LayerPlan(layers: layers), size: size, dropped: dropped, changed: changed,
      warnings: warnings)
  }

  private mutating func path() throws(ExpandedDamage) -> TreePath {
    guard let path = TreePath(normalised: try piece()) else { throw ExpandedDamage() }
    return path
  }

  private mutating func item() throws(ExpandedDamage) -> LayerPlan.Item {
    let path = try path()
    let target = try number(UInt8.self) == 1 ? try self.path() : nil
    let kind = ExpandedKind(rawValue: try number(UInt8.self))
    let mode = try number(UInt16.self)
    let uid = try number(UInt32.self)
    let gid = try number(UInt32.self)
    let mtime = try number(Int64.self)
    guard let kind, mode <= 0o7777 else { throw ExpandedDamage() }
    var entry = FileEntry(kind: .directory, mode: mode, uid: uid, gid: gid, mtime: mtime)
    for _ in 0..<(try number(UInt32.self)) {
      let name = try text()
      entry.xattrs[name] = try run()
    }
    entry.kind = try self.kind(kind)
    return LayerPlan.Item(path: path, entry: entry, linkTarget: target)
  }

  private mutating func kind(_ kind: ExpandedKind) throws(ExpandedDamage) -> FileEntry.Kind {
    switch kind {
    case .directory: return .directory
    case .fifo: return .fifo
    case .symlink: return .symlink(target: try run())
    case .characterDevice, .blockDevice:
      let major = try number(UInt32.self)
      let minor = try number(UInt32.self)
      return kind == .blockDevice
        ? .blockDevice(major: major, minor: minor) : .characterDevice(major: major, minor: minor)
    case .regular: return .regular(try content(), linkGroup: nil)
    }
  }

  private mutating func content() throws(ExpandedDamage) -> Content {
    switch ContentPlace(rawValue: try number(UInt8.self)) {
    case .here: return Content(try run())
    case .package:
      let package = Int(try number(UInt32.self))
      let offset = try number(Int64.self)
      let count = try number(UInt64.self)
      let checksum = try number(UInt32.self)
      guard packages.indices.contains(package),
        let content = packages[package].content(at: offset, count: count, checksum: checksum)
      else { throw ExpandedDamage() }
      return content
    case nil: throw ExpandedDamage()
    }
  }
}
