/// A root file system as a value: a path maps to an entry.
///
/// The tree keeps two promises: every path's parent is a directory of the tree, and the root is always there.
public struct FileTree: Sendable {
  /// Every path with its entry, in byte order: a directory stands before what it holds.
  private(set) var entries = PathMap<FileEntry>()

  public init() { entries.updateValue(.directory(), forPath: .root) }

  /// The entry at a path. Symbolic links are not followed.
  public subscript(path: TreePath) -> FileEntry? { entries[path] }

  public var count: Int { entries.count }

  /// All paths in byte order: a directory stands before what it holds.
  public var sortedPaths: [TreePath] { entries.paths }

  /// The paths strictly below a directory, in byte order.
  public func paths(below directory: TreePath) -> [TreePath] {
    entries.paths(in: entries.range(below: directory))
  }

  /// The direct children of a directory, in byte order.
  public func children(of directory: TreePath) -> [TreePath] {
    let range = entries.range(below: directory)
    let prefix = directory.isRoot ? 0 : directory.bytes.count + 1
    var children = [TreePath]()
    var index = range.lowerBound
    while index < range.upperBound {
      let path = entries[index].path
      if let end = path.bytes[prefix...].firstIndex(of: UInt8(ascii: "/")) {
        // A child stands before what it holds, all of which is passed over.
        index = entries.firstIndex(afterAllBelow: TreePath(unchecked: Array(path.bytes[..<end])))
      } else {
        children.append(path)
        index = entries.index(after: index)
      }
    }
    return children
  }

  /// Puts an entry at a path; missing parents become directories, root's, mode 0755.
  ///
  /// A directory that gives way to another kind goes with all below it. Throws ``ComposeError`` where a parent is
  /// there and is no directory, and where the root would become something else than a directory.
  public mutating func insert(_ entry: FileEntry, at path: TreePath) throws(ComposeError) {
    guard !path.isRoot || entry.isDirectory else {
      throw ComposeError(
        .pathConflict, "/", "cannot become anything but a directory; expected a directory there")
    }
    try makeParents(of: path)
    set(entry, at: path)
  }

  /// Changes the entry at a path in place; nothing happens where none is.
  ///
  /// The root stays a directory whatever `change` does.
  public mutating func update(_ path: TreePath, _ change: (inout FileEntry) -> Void) {
    guard var entry = entries[path] else { return }
    change(&entry)
    if path.isRoot { entry.kind = .directory }
    set(entry, at: path)
  }

  /// Removes a path and all below it; returns the paths removed, in byte order. The root is never removed.
  @discardableResult
  public mutating func remove(_ path: TreePath) -> [TreePath] {
    guard let index = entries.index(of: path), !path.isRoot else { return [] }
    let below = entries[index].value.isDirectory ? entries.remove(entries.range(below: path)) : []
    return entries.remove(index..<entries.index(after: index)) + below
  }

  /// The path with every symbolic link on the way followed, the last component's too if `followLast`.
  ///
  /// Returns nil for a loop, a link that climbs above the root, or more than 40 links. The result need not exist.
  public func resolve(_ path: TreePath, followLast: Bool = true) -> TreePath? {
    var path = path
    for _ in 0...Self.maximumLinks {
      // All above what is there is a directory, so that a link can only be the last of a path that is there.
      guard let (link, target) = firstLink(of: path, followLast: followLast) else { return path }
      guard let landing = link.resolvingLink(target) else { return nil }
      guard link != path else {
        path = landing
        continue
      }
      guard let rest = path.relative(to: link) else { return nil }
      path = landing.appending(rest)
    }
    return nil
  }

  private static let maximumLinks = 40

  /// The link that is first met on the way to a path, and its target; nil where none is.
  private func firstLink(
    of path: TreePath, followLast: Bool
  ) -> (link: TreePath, target: [UInt8])? {
    var above = path
    while true {
      guard let entry = entries[above] else {
        above = above.parent
        continue
      }
      guard let target = entry.linkTarget, followLast || above != path else { return nil }
      return (above, target)
    }
  }

  private mutating func set(_ entry: FileEntry, at path: TreePath) {
    let old = entries.updateValue(entry, forPath: path)
    if old?.isDirectory == true, !entry.isDirectory { entries.remove(entries.range(below: path)) }
  }

  private mutating func makeParents(of path: TreePath) throws(ComposeError) {
    guard !path.isRoot else { return }
    var missing = [TreePath]()
    var parent = path.parent
    while entries[parent] == nil {
      missing.append(parent)
      parent = parent.parent
    }
    guard entries[parent]?.isDirectory == true else {
      throw ComposeError(
        .pathConflict, path.description,
        "its parent \(parent) is not a directory; expected a directory there")
    }
    for each in missing { set(.directory(), at: each) }
  }
}

extension FileTree {
  /// Bytes of all regular files, each set of hard links counted once.
  public var contentSize: Int64 {
    var seen = Set<FileEntry.LinkGroup>()
    return entries.lazy.compactMap { _, entry -> Int64? in
      guard case .regular(let content, let group) = entry.kind else { return nil }
      if let group, !seen.insert(group).inserted { return nil }
      return Int64(content.count)
    }.saturatingSum
  }
}

extension FileTree: Equatable {}
