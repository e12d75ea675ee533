import PkgResolve

/// Which paths go into which layer, and in which form.
///
/// `squashed` makes one layer. `layered` makes at most ``mostLayers``: one for each of the larger packages (the largest,
/// which cost most when they are not shared, and those with the fewest dependencies, which are shared most), one for all
/// other packages together, and one for what the image has of its own: whatever no package ships, or the recipe, a
/// script or a rule has changed. A package's layer depends on nothing but the package and on what is left of it, so that
/// images which hold the same version of it share the layer byte for byte, and an edit of the recipe's own files leaves
/// the large layers as they were. Those with fewer dependencies lie below, where more images have the same.
///
/// No path but directories stands in two layers, and both forms unpack to the same tree.
struct LayerPlan: Sendable {
  struct Item: Sendable {
    let path: TreePath
    var entry: FileEntry
    /// The path of the same file earlier in the layer, where this is a further name of it (a hard link).
    let linkTarget: TreePath?
  }

  struct Part: Sendable {
    /// What the layer holds, for the image's history: `libc6 2.41-12`.
    let title: String?
    let items: [Item]
  }

  /// Engines take 127 at most, and each costs a request.
  static let mostLayers = 24
  /// A package with fewer bytes has no layer of its own.
  static let smallestPackage = 512 << 10

  /// In the order they are applied; none is empty unless it is the only one.
  let layers: [Part]

  init(layers: [Part]) { self.layers = layers }

  init(_ composed: ComposedTree, packages: [UnpackedPackage], output: Definition.Output) {
    let all = composed.tree.entries.filter { !$0.path.isRoot }
    switch output {
    case .squashed:
      layers = [Part(title: nil, items: Self.items(all))]
    case .layered:
      layers = Layering(composed, packages, all).parts
    }
  }

  /// Entries in byte order of their paths as a layer has them.
  fileprivate static func items(_ entries: [(path: TreePath, value: FileEntry)]) -> [Item] {
    var first = [FileEntry.LinkGroup: (path: TreePath, entry: FileEntry)]()
    return entries.map { path, entry in
      guard case .regular(_, let group?) = entry.kind else {
        return Item(path: path, entry: entry, linkTarget: nil)
      }
      if let target = first[group], target.entry == entry {
        return Item(path: path, entry: entry, linkTarget: target.path)
      }
      first[group] = (path, entry)
      return Item(path: path, entry: entry, linkTarget: nil)
    }
  }
}

/// Deals the paths of a tree out to layers.
private struct Layering {
  private let tree: FileTree
  /// All but the root, in byte order; paths are known by their place here.
  private let all: [(path: TreePath, value: FileEntry)]
  private let directories: [TreePath: Int]
  /// The paths that are as their package ships them, by the package's name.
  private var untouched: [String: [Int]] = [:]
  private var isDealt: [Bool]
  /// The time of each directory as the layers so far leave it.
  private var times: [Int: Int64] = [:]
  private(set) var parts: [LayerPlan.Part] = []

  init(
    _ composed: ComposedTree, _ packages: [UnpackedPackage],
    _ all: [(path: TreePath, value: FileEntry)]
  ) {
    tree = composed.tree
    self.all = all
    isDealt = [Bool](repeating: false, count: all.count)
    let places = all.indices.lazy.filter { all[$0].value.isDirectory }.map { (all[$0].path, $0) }
    directories = Dictionary(uniqueKeysWithValues: places)
    deal(composed.ledger)
    let present = packages.filter { untouched[$0.name] != nil }
    let large = large(present, DependencyClosure(packages))
    let alone = Set(large.map(\.name))
    for package in large {
      addPart(of: [package], title: "\(package.name) \(package.version)")
    }
    let others = present.filter { !alone.contains($0.name) }
    if !others.isEmpty {
      addPart(of: others, title: others.count == 1 ? "1 package" : "\(others.count) packages")
    }
    addRemainder()
  }

  private mutating func deal(_ ledger: Ledger) {
    var changed = Set<TreePath>()
    for record in ledger.records where record.action == .changed {
      if let path = TreePath(record.path) { changed.insert(path) }
    }
    for (place, (path, entry)) in all.enumerated() {
      guard let owner = ledger.owners[path] else { continue }
      if !entry.isDirectory, changed.contains(path) { continue }
      untouched[owner, default: []].append(place)
      isDealt[place] = true
    }
  }

  /// The packages that get layers of their own, those with the fewest dependencies first.
  private func large(
    _ packages: [UnpackedPackage], _ graph: DependencyClosure
  ) -> [UnpackedPackage] {
    let sizes = packages.map { package in
      let contents = (untouched[package.name] ?? []).lazy.compactMap { all[$0].value.content }
      return (size: contents.map { Int64($0.count) }.saturatingSum, package: package)
    }
    let bySize = sizes.filter { $0.size >= LayerPlan.smallestPackage }
      .sorted { ($1.size, $0.package.name) < ($0.size, $1.package.name) }.map(\.package)
    let room = LayerPlan.mostLayers - 2
    let largest = bySize.prefix(room / 2)
    let basic = byDependencies(bySize.dropFirst(largest.count), graph).prefix(room - largest.count)
    return byDependencies(largest + basic, graph)
  }

  private func byDependencies(
    _ packages: some Sequence<UnpackedPackage>, _ graph: DependencyClosure
  ) -> [UnpackedPackage] {
    packages.map { (graph.size(of: $0), $0) }
      .sorted { ($0.0, $0.1.name) < ($1.0, $1.1.name) }.map(\.1)
  }

  /// A layer of what packages ship. Directories on the way have the time that these packages give them, whichever
  /// package they belong to in this image.
  private mutating func addPart(of packages: [UnpackedPackage], title: String) {
    var shipped = [Int: Int64]()
    for package in packages {
      for (path, entry) in package.entries where entry.isDirectory {
        let place = directories[path] ?? tree.resolve(path).flatMap { directories[$0] }
        if let place, shipped[place] == nil { shipped[place] = entry.mtime }
      }
    }
    let built = packages.map(\.timestamp).max() ?? 0
    let own = packages.flatMap { untouched[$0.name] ?? [] }
    let entries = withParents(own).map { place in
      var (path, entry) = all[place]
      if entry.isDirectory {
        entry.mtime = shipped[place] ?? built
        times[place] = entry.mtime
      }
      return (path: path, value: entry)
    }
    parts.append(LayerPlan.Part(title: title, items: LayerPlan.items(entries)))
  }

  /// What is left, and the directories that the layers so far leave with another time than theirs.
  private mutating func addRemainder() {
    let left = all.indices.filter { place in
      guard isDealt[place] else { return true }
      return all[place].value.isDirectory && times[place] != all[place].value.mtime
    }
    guard !left.isEmpty || parts.isEmpty else { return }
    parts.append(
      LayerPlan.Part(
        title: "what the image has of its own",
        items: LayerPlan.items(withParents(left).map { all[$0] })))
  }

  /// In byte order, with the directories on the way.
  private func withParents(_ places: [Int]) -> [Int] {
    var isWanted = [Bool](repeating: false, count: all.count)
    for place in places {
      isWanted[place] = true
      var parent = all[place].path.parent
      while !parent.isRoot, let above = directories[parent], !isWanted[above] {
        isWanted[above] = true
        parent = parent.parent
      }
    }
    return all.indices.filter { isWanted[$0] }
  }
}
