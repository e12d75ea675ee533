/// Gives directories the rights that packages ship, as apk 2 does once every package is installed and before triggers
/// run: what scripts gave them is lost. apk 3 sets them while it unpacks, and scripts have the last word.
///
/// A directory that a `pre-install` made is there before the package that ships it is unpacked, and neither apk touches
/// its rights then. Source: apk-tools 2.14, `apk_db_dir_prepare` and `apk_db_update_directory_permissions`; 3.0,
/// `apk_db_dir_prepare`.
struct ShippedDirectories {
  private let scene: ScriptScene
  /// The directories that are there before they are unpacked.
  private var made = Set<TreePath>()

  /// `claims` are the steps that installation takes before triggers, by handler.
  init(_ claims: [String: [CoveredSteps]], in scene: ScriptScene) {
    self.scene = scene
    let names = scene.packages.enumerated().map { ($1.name, $0) }
    let order = Dictionary(names) { first, _ in first }
    for covered in claims.values.joined() {
      for step in covered.steps where step.script == "pre-install" {
        guard let home = BusyboxAccountRequest(step)?.madeHome,
          let place = TreePath(home).flatMap({ scene.tree.resolve($0) }),
          let owner = scene.owners[place].flatMap({ order[$0] }),
          let maker = order[covered.package.name], owner >= maker
        else { continue }
        made.insert(place)
      }
    }
  }

  func restore(in tree: inout ComposedTree) {
    let release = scene.context.distribution.split(separator: "-").last.map(String.init) ?? ""
    guard AlpineMergePolicy(release: release).generation == .two else { return }
    let rule = "shipped-directories"
    for path in scene.owners.keys.sorted() where !made.contains(path) {
      guard let shipped = scene.tree[path], shipped.isDirectory,
        tree.tree[path]?.isDirectory == true
      else { continue }
      tree.change(
        path, rule: rule,
        reason: "apk gives it the rights that \(scene.owners[path] ?? "a package") ships"
      ) { entry in
        entry.mode = shipped.mode
        entry.uid = shipped.uid
        entry.gid = shipped.gid
      }
    }
  }
}
