/// Which paths go into which layer, and in which form.
///
/// `squashed` makes one layer. `layered` makes two: what packages ship, and what the image adds to it, so that an edit
/// of the recipe's own files leaves the large layer as it was. No path but directories stands in two layers.
struct LayerPlan {
  struct Item {
    let path: TreePath
    let entry: FileEntry
    /// The path of the same file earlier in the layer, where this is a further name of it (a hard link).
    let linkTarget: TreePath?
  }

  /// In the order they are applied; none is empty unless it is the only one.
  let layers: [[Item]]

  init(_ composed: ComposedTree, output: Definition.Output) {
    let paths = composed.tree.sortedPaths.filter { !$0.isRoot }
    switch output {
    case .squashed:
      layers = [Self.items(paths, in: composed.tree)]
    case .layered:
      let owners = composed.ledger.owners
      var shipped = Set<TreePath>()
      var own = Set<TreePath>()
      for path in paths {
        if owners[path] != nil { shipped.insert(path) } else { own.insert(path) }
      }
      let parts = [shipped, own].filter { !$0.isEmpty }.map { Self.withParents($0) }
      let split = parts.map { part in Self.items(paths.filter(part.contains), in: composed.tree) }
      layers = split.isEmpty ? [[]] : split
    }
  }

  private static func withParents(_ paths: Set<TreePath>) -> Set<TreePath> {
    var all = paths
    for path in paths {
      var parent = path.parent
      while !parent.isRoot, all.insert(parent).inserted { parent = parent.parent }
    }
    return all
  }

  private static func items(_ paths: [TreePath], in tree: FileTree) -> [Item] {
    var first = [FileEntry.LinkGroup: TreePath]()
    return paths.compactMap { path in
      guard let entry = tree[path] else { return nil }
      guard case .regular(_, let group?) = entry.kind else {
        return Item(path: path, entry: entry, linkTarget: nil)
      }
      if let target = first[group], tree[target] == entry {
        return Item(path: path, entry: entry, linkTarget: target)
      }
      first[group] = path
      return Item(path: path, entry: entry, linkTarget: nil)
    }
  }
}
