/// The tree as packages shipped it, taken right after the merge, so that a later change shows.
public struct ShippedContents: Sendable {
  private let tree: FileTree

  public init(of tree: FileTree) { self.tree = tree }

  /// Whether a path still holds the content that was shipped there.
  func isUnchanged(_ path: TreePath, in now: FileTree) -> Bool {
    guard let content = now[path]?.content else { return false }
    return tree[path]?.content == content
  }

  /// Whether a path still has the owner and mode that it was shipped with.
  func hasRights(of entry: FileEntry, at path: TreePath) -> Bool {
    guard let shipped = tree[path] else { return false }
    return (shipped.mode, shipped.uid, shipped.gid) == (entry.mode, entry.uid, entry.gid)
  }
}
