/// A root file system as a value: a path maps to an entry.
///
/// The tree keeps two promises: every path's parent is a directory of the tree, and the root is always there.
public struct FileTree: Sendable {
  private var entries: [TreePath: FileEntry] = [.root: .directory()]
  /// The direct children of each directory that has any.
  private var childrenByDirectory: [TreePath: Set<TreePath>] = [:]

  public init() {}

  /// The entry at a path. Symbolic links are not followed.
  public subscript(path: TreePath) -> FileEntry? { entries[path] }

  public var count: Int { entries.count }

  /// All paths in byte order: a directory stands before what it holds.
  public var sortedPaths: [TreePath] { entries.keys.sorted() }

  /// The paths strictly below a directory, in byte order.
  public func paths(below directory: TreePath) -> [TreePath] {
    var result = [TreePath]()
    var pending = [directory]
    while let next = pending.popLast() {
      guard let children = childrenByDirectory[next] else { continue }
      result += children
      pending += children
    }
    return result.sorted()
  }

  /// The direct children of a directory, in byte order.
  public func children(of directory: TreePath) -> [TreePath] {
    (childrenByDirectory[directory] ?? []).sorted()
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
    guard entries[path] != nil, !path.isRoot else { return [] }
    let below = removeAll(below: path)
    entries[path] = nil
    let parent = path.parent
    childrenByDirectory[parent]?.remove(path)
    if childrenByDirectory[parent]?.isEmpty == true { childrenByDirectory[parent] = nil }
    return [path] + below
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

  private mutating func set(_ entry: FileEntry, at path: TreePath) {
    if !entry.isDirectory { removeAll(below: path) }
    let isNew = entries.updateValue(entry, forKey: path) == nil
    if isNew { childrenByDirectory[path.parent, default: []].insert(path) }
  }

  @discardableResult
  private mutating func removeAll(below path: TreePath) -> [TreePath] {
    guard childrenByDirectory[path] != nil else { return [] }
    let below = paths(below: path)
    childrenByDirectory[path] = nil
    for each in below {
      entries[each] = nil
      childrenByDirectory[each] = nil
    }
    return below
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
    return entries.values.lazy.compactMap { entry -> Int64? in
      guard case .regular(let content, let group) = entry.kind else { return nil }
      if let group, !seen.insert(group).inserted { return nil }
      return Int64(content.count)
    }.saturatingSum
  }
}

extension FileTree: Equatable {
  public static func == (left: FileTree, right: FileTree) -> Bool { left.entries == right.entries }
}
