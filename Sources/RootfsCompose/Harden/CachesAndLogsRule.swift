/// Files that a running system writes again: they differ from machine to machine and hold nothing the image needs.
///
/// Directories stay, since programs expect to find them.
struct CachesAndLogsRule: PathRule {
  let name = "caches-and-logs"
  let summary = "drops caches, logs, backups and temporary files"
  let bindsRecipe = false

  private static let places: PlaceSet = [
    "var/cache", "var/log", "var/backups", "var/tmp", "tmp", "var/lib/apt/lists",
    "var/lib/systemd", "root/.cache",
  ]
  private static let databases: TreePath = "var/lib/dpkg"

  func judge(of tree: ComposedTree, context: HardeningContext) -> Judge {
    { path, entry in
      guard !entry.isDirectory else { return nil }
      if Self.places.holds(path) { return .drop("cache, log or backup") }
      let isOld = path.name.suffix(4).elementsEqual("-old".utf8) && path.parent == Self.databases
      return isOld ? .drop("backup of a database") : nil
    }
  }
}
