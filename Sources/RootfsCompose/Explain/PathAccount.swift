import PkgResolve

/// What became of one path on the way from the packages to the image.
public struct PathAccount: Sendable {
  public enum State: Sendable {
    /// It is in the image, as this entry.
    case present(FileEntry)
    /// It was there, and this is the deed that took it away.
    case dropped(Ledger.Record)
    /// Nothing put it there; these paths of the image or of its packages are near.
    case unknown(near: [TreePath])
  }

  /// Where a symbolic link ends.
  public struct Destination: Sendable {
    public let path: TreePath
    public let isThere: Bool
    /// The package that ships what is there; nil where none does.
    public let package: String?
  }

  /// As it was asked for.
  public let asked: TreePath
  /// The same with the links on the way to it followed.
  public let path: TreePath
  public let state: State
  /// The package that ships it; nil where none does.
  public let package: String?
  /// What rules and scripts did to it, in order.
  public let deeds: [Ledger.Record]
  /// The other names of the same file, in byte order.
  public let hardLinks: [TreePath]
  /// Of a symbolic link alone; nil where it leads in a circle.
  public let destination: Destination?
  /// Of a directory alone.
  public let holdings: DirectoryHoldings?

  public init(of asked: TreePath, in composition: Composition) {
    let tree = composition.tree
    let records = composition.ledger.records
    self.asked = asked
    let places = [
      asked, tree.resolve(asked, followLast: false), composition.shipped.resolve(asked),
    ].compactMap { $0 }
    let present = places.first { tree[$0] != nil }
    let dropped = places.lazy.compactMap { place in
      records.last { $0.action == .dropped && $0.path == place.description }.map { (place, $0) }
    }.first
    let path = present ?? dropped?.0 ?? places.last ?? asked
    self.path = path
    deeds = records.filter { $0.path == path.description }
    let entry = tree[path]
    if let entry {
      state = .present(entry)
      package = composition.ledger.owners[path]
    } else if let record = dropped?.1 {
      state = .dropped(record)
      package = record.package
    } else {
      state = .unknown(near: NearPaths(composition).near(path))
      package = nil
    }
    hardLinks = entry.map { Self.names(of: $0, besides: path, in: tree) } ?? []
    destination = entry.flatMap { entry in
      guard entry.isSymlink, let landing = tree.resolve(path) else { return nil }
      return Destination(
        path: landing, isThere: tree[landing] != nil,
        package: composition.ledger.owners[landing])
    }
    holdings = entry?.isDirectory == true ? DirectoryHoldings(of: path, in: composition) : nil
  }

  private static func names(
    of entry: FileEntry, besides path: TreePath, in tree: FileTree
  ) -> [TreePath] {
    guard case .regular(_, let group?) = entry.kind else { return [] }
    return tree.entries.compactMap { other, candidate in
      if case .regular(_, group) = candidate.kind, other != path { other } else { nil }
    }
  }
}

/// What lies below a directory, and whose it is. Directories are not counted.
public struct DirectoryHoldings: Sendable {
  public struct Share: Sendable, Equatable {
    /// nil for what no package ships.
    public let package: String?
    public var files = 0
    /// Bytes of regular files, hard links counted once.
    public var size: Int64 = 0
  }

  /// The largest share of bytes first.
  public let shares: [Share]
  /// How many paths each rule dropped below it, by the rule's name.
  public let dropped: [(rule: String, count: Int)]

  public var files: Int { shares.reduce(0) { $0 + $1.files } }
  public var size: Int64 { shares.map(\.size).saturatingSum }

  init(of directory: TreePath, in composition: Composition) {
    var shares = [String: Share]()
    var groups = Set<FileEntry.LinkGroup>()
    let tree = composition.tree
    for (path, entry) in tree.entries[tree.entries.range(below: directory)]
    where !entry.isDirectory {
      let package = composition.ledger.owners[path]
      var share = shares[package ?? ""] ?? Share(package: package)
      share.files += 1
      if case .regular(let content, let group) = entry.kind,
        group.map({ groups.insert($0).inserted }) ?? true
      {
        share.size = [share.size, Int64(content.count)].saturatingSum
      }
      shares[package ?? ""] = share
    }
    self.shares = shares.values.sorted {
      ($1.size, $0.package ?? "") < ($0.size, $1.package ?? "")
    }
    let start = directory.isRoot ? "/" : directory.description + "/"
    var dropped = [String: Int]()
    for record in composition.ledger.records
    where record.action == .dropped && record.path.hasPrefix(start) {
      dropped[record.rule, default: 0] += 1
    }
    self.dropped = dropped.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { ($0.key, $0.value) }
  }
}
