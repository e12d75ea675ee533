/// The tree as packages shipped it, taken right after the merge, so that a later change shows.
public struct ShippedContents: Sendable {
  private let tree: FileTree
  /// The tree as installing leaves it, scripts run.
  let installed: FileTree

  /// `installed` is the tree after scripts; what was shipped where it is nil.
  public init(of tree: FileTree, installed: FileTree? = nil) {
    self.tree = tree
    self.installed = installed ?? tree
  }

  /// What stood at a path once the packages were installed, else what a package ships there; nil where neither is.
  func entry(at path: TreePath) -> FileEntry? { installed[path] ?? tree[path] }

  /// A path with the links on the way to it followed, as they were then; nil for a loop.
  func resolve(_ path: TreePath, followLast: Bool = false) -> TreePath? {
    installed.resolve(path, followLast: followLast)
  }

  /// The paths of the tree as installing left it, in byte order.
  var paths: [TreePath] { installed.sortedPaths }

  /// Whether a path still holds the content that was shipped there.
  func isUnchanged(_ path: TreePath, in now: FileTree) -> Bool {
    guard let content = now[path]?.content else { return false }
    return tree[path]?.content == content
  }

  /// Whether an entry has the rights that installing left at its path.
  func hasRights(of entry: FileEntry, at path: TreePath) -> Bool {
    guard let installed = installed[path] else { return false }
    return (installed.mode, installed.uid, installed.gid) == (entry.mode, entry.uid, entry.gid)
      && installed.xattrs == entry.xattrs
  }
}
