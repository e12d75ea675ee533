/// Directories below `/usr`, `/etc` and a `/lib` of its own that held something, all of which rules dropped. The first
/// two levels (`/usr/share`) always stay, and so do directories that the recipe itself emptied.
///
/// Elsewhere, as in `/var/log/nginx`, programs write: they expect the directory that their package made, with its
/// owner.
struct EmptyDirectoriesRule: PathRule {
  let name = "empty-directories"
  let summary = "drops directories below /usr, /lib and /etc that other rules emptied"
  let bindsRecipe = false
  let runsLast = true

  private static let places: PlaceSet = ["usr", "lib", "etc"]

  func judge(of tree: ComposedTree, context: HardeningContext) -> Judge {
    var held = Set<TreePath>()
    for record in tree.ledger.records
    where record.action == .dropped && record.rule != PathsEffect.rule {
      guard var path = TreePath(record.path) else { continue }
      while !path.isRoot, held.insert(path.parent).inserted { path = path.parent }
    }
    return { path, entry in
      guard entry.isDirectory, held.contains(path), path.depth > 2,
        Self.places.holds(path)
      else { return nil }
      return .drop("all it held is dropped")
    }
  }
}
