extension ComposedTree {
  /// Lays packages over one another, in the order given, into one tree.
  ///
  /// As dpkg and apk do: a path below a symbolic link to a directory lands in that directory, and a directory over such
  /// a link leaves the link. What a directory becomes that several packages ship, and which package keeps a path that
  /// two ship differently, the policy says.
  ///
  /// Throws ``ComposeError`` with `pathConflict`, naming the path and both packages, where neither decides.
  public static func merge(
    _ packages: [UnpackedPackage], policy: any MergePolicy
  ) throws(ComposeError) -> ComposedTree {
    var merger = Merger(packages: packages, policy: policy)
    try merger.run()
    return ComposedTree(tree: merger.tree, ledger: merger.ledger)
  }
}

/// The state of one merge.
struct Merger {
  private let packages: [UnpackedPackage]
  private let policy: any MergePolicy
  private let diversions: [TreePath: Diversion]
  private let possibleRootLinks: Set<TreePath>
  /// Which of `packages` an entry of the tree came from.
  private var origins: [TreePath: Int] = [:]
  /// The directory that a path was last laid out in, as its package names it and where it lies: archives list what is
  /// in a directory in a row.
  private var lastDirectory: (written: TreePath, place: TreePath)?

  private(set) var tree = FileTree()
  private(set) var ledger = Ledger()

  init(packages: [UnpackedPackage], policy: any MergePolicy) {
    self.packages = packages
    self.policy = policy
    diversions = policy.diversions(of: packages)
    possibleRootLinks = policy.possibleRootLinks
    origins.reserveCapacity(packages.reduce(0) { $0 + $1.entries.count })
  }

  mutating func run() throws(ComposeError) {
    for link in policy.rootLinks { try makeRootLink(link) }
    for index in packages.indices {
      for (path, entry) in packages[index].entries where policy.unpacks(entry, at: path) {
        try place(entry, at: path, from: index)
      }
    }
    for link in policy.rootLinks {
      let target = MergedUsr.target(of: link)
      if tree[target] == nil { try tree.insert(.directory(), at: target) }
    }
    ledger.owners = origins.mapValues { packages[$0].name }
    for (path, _) in tree.entries where !path.isRoot && origins[path] == nil {
      let (rule, reason) = policy.origin(ofUnshipped: path)
      record(.added, path, rule: rule, reason)
    }
  }

  // MARK: Placing

  private mutating func place(
    _ entry: FileEntry, at path: TreePath, from index: Int
  ) throws(ComposeError) {
    // dpkg-divert knows no directories.
    let path = entry.isDirectory ? path : diverted(path, from: index)
    if entry.isSymlink, possibleRootLinks.contains(path), tree[path] != nil {
      return try meetRootLink(entry, at: path, from: index)
    }
    var place = placeInLastDirectory(path)
    if place == nil { place = try landing(of: path, entry, from: index) }
    guard let place else { return }
    if entry.isDirectory {
      try placeDirectory(entry, at: place, from: index)
    } else {
      try placeOther(entry, at: place, from: index)
    }
  }

  private mutating func makeRootLink(_ link: TreePath) throws(ComposeError) {
    let target = String(MergedUsr.target(of: link).description.dropFirst())
    try tree.insert(.symlink(to: target), at: link)
  }

  /// A package ships a root link that is there already.
  private mutating func meetRootLink(
    _ entry: FileEntry, at path: TreePath, from index: Int
  ) throws(ComposeError) {
    guard let target = entry.linkTarget, path.resolvingLink(target) == tree.resolve(path) else {
      throw conflict(at: path, entry, from: index)
    }
    own(path, index)
  }

  private mutating func diverted(_ path: TreePath, from index: Int) -> TreePath {
    let package = packages[index].name
    guard let diversion = diversions[path], diversion.package != package else {
      return path
    }
    record(
      .changed, diversion.to, rule: "diversion",
      "moved from \(path), which \(diversion.package ?? "the administrator") diverts",
      package: package)
    return diversion.to
  }

  private func placeInLastDirectory(_ path: TreePath) -> TreePath? {
    guard let (written, place) = lastDirectory, path.isChild(of: written) else { return nil }
    return written == place ? path : place.appending(TreePath(unchecked: Array(path.name)))
  }

  /// Where a path lies once the symbolic links above it are followed; makes the root link that the path calls for.
  private mutating func landing(
    of path: TreePath, _ entry: FileEntry, from index: Int
  ) throws(ComposeError) -> TreePath {
    if let first = path.components.first.map({ TreePath(unchecked: Array($0)) }),
      possibleRootLinks.contains(first), tree[first] == nil, path != first || entry.isDirectory
    {
      try makeRootLink(first)
    }
    let place = try landing(of: path, from: index)
    // At the root the next path may call for a link of its own.
    let parent = place.parent
    lastDirectory = parent.isRoot || tree[parent] == nil ? nil : (path.parent, parent)
    return place
  }

  /// Where a path lies once the symbolic links above it are followed.
  private func landing(of path: TreePath, from index: Int) throws(ComposeError) -> TreePath {
    guard let place = tree.resolve(path, followLast: false) else {
      throw ComposeError(
        .unsafePath, path.description,
        "is shipped by \(label(index)) below a symbolic link that loops or leads out of the tree; "
          + "expected a directory above it; leave the package out")
    }
    var parent = place.parent
    while tree[parent] == nil { parent = parent.parent }
    guard let above = tree[parent], above.isDirectory else {
      throw ComposeError(
        .pathConflict, path.description,
        "is shipped by \(label(index)) below \(parent), which \(owner(of: parent)) ships as "
          + "\(tree[parent].map(Self.words) ?? "nothing"); expected a directory; "
          + "leave one of the two packages out")
    }
    return place
  }

  private mutating func placeDirectory(
    _ entry: FileEntry, at path: TreePath, from index: Int
  ) throws(ComposeError) {
    guard let standing = tree[path] else { return try put(entry, at: path, index) }
    if standing.isDirectory {
      // A directory made for want of an owner takes the first owner's mode and time.
      guard let origin = origins[path] else { return try put(entry, at: path, index) }
      return share(standing, with: entry, at: path, origin, index)
    }
    guard standing.isSymlink, let place = tree.resolve(path), place != path,
      tree[place]?.isDirectory ?? true
    else { throw conflict(at: path, entry, from: index) }
    try placeDirectory(entry, at: try landing(of: place, from: index), from: index)
  }

  private mutating func placeOther(
    _ entry: FileEntry, at path: TreePath, from index: Int
  ) throws(ComposeError) {
    guard let standing = tree[path] else { return try put(entry, at: path, index) }
    if Self.same(standing, entry) { return own(path, index) }
    guard !standing.isDirectory, let origin = origins[path], origin != index else {
      throw conflict(at: path, entry, from: index)
    }
    switch policy.verdict(standing: packages[origin], incoming: packages[index]) {
    case .incoming(let reason):
      try put(entry, at: path, index)
      // What gave way may have been a link on the way to that directory.
      lastDirectory = nil
      record(.changed, path, rule: "replaces", reason, package: packages[index].name)
    case .standing(let reason):
      record(.changed, path, rule: "replaces", reason, package: packages[origin].name)
    case .conflict: throw conflict(at: path, entry, from: index)
    }
  }

  private mutating func share(
    _ standing: FileEntry, with entry: FileEntry, at path: TreePath, _ origin: Int, _ index: Int
  ) {
    let (shared, isIncomings) = policy.shared(
      (packages[origin], standing), (packages[index], entry))
    tree.update(path) { $0 = shared }
    if isIncomings { origins[path] = index }
    guard (shared.mode, shared.uid, shared.gid) != (standing.mode, standing.uid, standing.gid)
    else { return }
    record(
      .changed, path, rule: "shared-directory",
      "\(packages[index].name) ships it with other rights than \(packages[origin].name)",
      package: packages[origins[path] ?? origin].name)
  }

  private mutating func put(
    _ entry: FileEntry, at path: TreePath, _ index: Int
  ) throws(ComposeError) {
    try tree.insert(entry, at: path)
    origins[path] = index
  }

  /// Notes the first package that ships an entry which was there already.
  private mutating func own(_ path: TreePath, _ index: Int) {
    if origins[path] == nil { origins[path] = index }
  }
}

extension Merger {
  /// Whether two packages ship one and the same thing; time and hard links do not matter.
  fileprivate static func same(_ left: FileEntry, _ right: FileEntry) -> Bool {
    guard left.uid == right.uid, left.gid == right.gid, left.xattrs == right.xattrs else {
      return false
    }
    switch (left.kind, right.kind) {
    case (.regular(let one, _), .regular(let other, _)):
      return one == other && left.mode == right.mode
    case (.symlink(let one), .symlink(let other)): return one == other
    default: return left.kind == right.kind && left.mode == right.mode
    }
  }

  fileprivate mutating func record(
    _ action: Ledger.Action, _ path: TreePath, rule: String, _ reason: String,
    package: String? = nil
  ) {
    ledger.records.append(
      Ledger.Record(
        action: action, path: path.description, rule: rule, reason: reason, package: package))
  }

  fileprivate func conflict(at path: TreePath, _ entry: FileEntry, from index: Int) -> ComposeError
  {
    let standing = tree[path].map(Self.words) ?? "nothing"
    return ComposeError(
      .pathConflict, path.description,
      "is shipped differently by \(owner(of: path)) (\(standing)) and \(label(index)) "
        + "(\(Self.words(entry))); expected one package to ship it, both to ship the same, "
        + "\(policy.remedies); leave one of the two packages out")
  }

  private func label(_ index: Int) -> String {
    policy.label(packages[index])
  }

  private func owner(of path: TreePath) -> String {
    origins[path].map(label) ?? policy.maker
  }

  /// What an entry is, for a person.
  private static func words(_ entry: FileEntry) -> String {
    let digits = String(entry.mode, radix: 8)
    let mode = String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    let owner = entry.uid == 0 && entry.gid == 0 ? "" : " of \(entry.uid):\(entry.gid)"
    switch entry.kind {
    case .directory: return "directory \(mode)\(owner)"
    case .regular(let content, _):
      // The error is of two entries: that one of them cannot be read must not hide it.
      let digest = (try? content.digest())?.hex.prefix(12) ?? "that cannot be read"
      return "file \(mode)\(owner) \(digest)"
    case .symlink(let target): return "link to \(String(decoding: target, as: UTF8.self))"
    case .characterDevice, .blockDevice: return "device \(mode)\(owner)"
    case .fifo: return "FIFO \(mode)\(owner)"
    }
  }
}
