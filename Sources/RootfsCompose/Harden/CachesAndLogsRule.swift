/// Files that a running system writes again: they differ from machine to machine and hold nothing the image needs.
///
/// Directories stay, since programs expect to find them.
struct CachesAndLogsRule: PathRule {
  let name = "caches-and-logs"
  let summary = "drops caches, logs, backups and temporary files"
  let bindsRecipe = false

  private static let places: [TreePath] = [
    "var/cache", "var/log", "var/backups", "var/tmp", "tmp", "var/lib/apt/lists",
    "var/lib/systemd", "root/.cache",
  ]
  private static let databases: TreePath = "var/lib/dpkg"

  func judge(of tree: ComposedTree, context: HardeningContext) -> Judge {
    { path, entry in
      guard !entry.isDirectory else { return nil }
      if Self.places.contains(where: path.isWithin) { return .drop("cache, log or backup") }
      let isOld = path.parent == Self.databases && path.name.suffix(4).elementsEqual("-old".utf8)
      return isOld ? .drop("backup of a database") : nil
    }
  }
}
