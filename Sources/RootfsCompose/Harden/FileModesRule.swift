/// Modes that packages leave odd: what root owns is root's alone to change, and every file can be read by its owner.
///
/// Directories such as `/usr/local` and `/var/mail` come group-writable for groups that have no members here.
struct FileModesRule: PathRule {
  let name = "file-modes"
  let summary = "clears group write permission on root's files and odd mode bits"
  let variants: Set<Definition.Variant> = [.runtime, .helm]
  let bindsRecipe = false

  func judge(of tree: ComposedTree, context: HardeningContext) -> Judge {
    { _, entry in
      guard !entry.isSymlink else { return nil }
      let mode = Self.sane(entry)
      guard mode != entry.mode else { return nil }
      return .change("odd mode bits") { $0.mode = mode }
    }
  }

  private static func sane(_ entry: FileEntry) -> UInt16 {
    var mode = entry.mode
    // Where a directory is for all and sticky, the group is no exception.
    let isForAll = entry.isDirectory && mode & 0o1002 == 0o1002
    if entry.uid == 0 && !isForAll { mode &= ~0o020 }
    if entry.isDirectory { return mode | 0o500 }
    // The sticky bit means nothing on a file. Source: chmod(1).
    return (mode & ~0o1000) | 0o400
  }
}
