/// A root file system as a value: a path maps to an entry.
///
/// The tree keeps two promises: every path's parent is a directory of the tree, and the root is always there.
public struct FileTree: Sendable, Equatable {
  private var entries: [TreePath: FileEntry] = [.root: .directory()]

  public init() {}

  /// The entry at a path. Symbolic links are not followed.
  public subscript(path: TreePath) -> FileEntry? { entries[path] }

  public var count: Int { entries.count }

  /// All paths in byte order: a directory stands before what it holds.
  public var sortedPaths: [TreePath] { entries.keys.sorted() }

  /// The paths strictly below a directory, in byte order.
  public func paths(below directory: TreePath) -> [TreePath] {
    entries.keys.filter { $0 != directory && $0.isWithin(directory) }.sorted()
  }

  /// The direct children of a directory, in byte order.
  public func children(of directory: TreePath) -> [TreePath] {
    entries.keys.filter { !$0.isRoot && $0.parent == directory }.sorted()
  }

  /// Puts an entry at a path; missing parents become directories, root's, mode 0755.
  ///
  /// Throws ``ComposeError`` where a parent is there and is no directory.
  public mutating func insert(_ entry: FileEntry, at path: TreePath) throws(ComposeError) {
    try makeParents(of: path)
    if !entry.isDirectory, entries[path]?.isDirectory == true {
      for below in paths(below: path) { entries[below] = nil }
    }
    entries[path] = entry
  }

  /// Changes the entry at a path in place; nothing happens where none is.
  public mutating func update(_ path: TreePath, _ change: (inout FileEntry) -> Void) {
    guard var entry = entries[path] else { return }
    change(&entry)
    entries[path] = entry
  }

  /// Removes a path and all below it; returns the paths removed, in byte order.
  @discardableResult
  public mutating func remove(_ path: TreePath) -> [TreePath] {
    guard entries[path] != nil, !path.isRoot else { return [] }
    let removed =
      entries[path]?.isDirectory == true ? [path] + paths(below: path) : [path]
    for each in removed { entries[each] = nil }
    return removed
  }

  /// The path with every symbolic link on the way followed, the last component's too if `followLast`.
  ///
  /// Returns nil for a loop, a link that climbs above the root, or more than 40 links. The result need not exist.
  public func resolve(_ path: TreePath, followLast: Bool = true) -> TreePath? {
    var links = 0
    var pending = Array(path.components.reversed())
    var current = TreePath.root
    while let component = pending.popLast() {
      let next = current.appending(TreePath(unchecked: Array(component)))
      guard let target = entries[next]?.linkTarget, followLast || !pending.isEmpty else {
        current = next
        continue
      }
      links += 1
      guard links <= 40, let landing = next.resolvingLink(target) else { return nil }
      pending += landing.components.reversed()
      current = .root
    }
    return current
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
    for each in missing { entries[each] = .directory() }
  }
}
