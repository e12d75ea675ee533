/// Nobody but the owner may change what is in the image; `/tmp` is for all, and sticky.
struct WorldWritableRule: PathRule {
  let name = "world-writable"
  let summary = "clears write permission for others, but for a sticky /tmp"

  private static let temporary: TreePath = "tmp"

  func judge(of tree: ComposedTree, context: HardeningContext) -> Judge {
    let isDev = context.variant == .dev
    return { path, entry in
      guard !entry.isSymlink else { return nil }
      let isSticky = entry.isDirectory && entry.mode & 0o1000 != 0
      if path == Self.temporary, entry.isDirectory {
        // A recipe may make its own /tmp less open, but not more.
        if isSticky && entry.mode & 0o002 != 0 { return nil }
        if context.placed[path] != nil && entry.mode & 0o002 == 0 { return nil }
        return .change("/tmp is for all and sticky") { $0.mode = 0o1777 }
      }
      guard entry.mode & 0o002 != 0 else { return nil }
      // Build tools expect /var/tmp and its like as they are on any system.
      if isDev && isSticky { return nil }
      return .change("writable for others") { $0.mode &= $0.isDirectory ? ~0o1002 : ~0o002 }
    }
  }

  func apply(to tree: inout ComposedTree, context: HardeningContext) throws(ComposeError) {
    _ = try sweep(&tree, context)
    if tree.tree[Self.temporary] == nil {
      try tree.put(
        .directory(mode: 0o1777), at: Self.temporary, rule: name, reason: "programs expect a /tmp")
    }
  }
}
