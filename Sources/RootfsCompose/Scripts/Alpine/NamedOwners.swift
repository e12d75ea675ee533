/// Gives packages' files to the accounts that their archives name, as apk does while it unpacks: a package's
/// `pre-install` makes its user, whose number the builder of the package could not know.
///
/// A name that the image has no account for leaves the number that the archive has.
/// Source: apk-tools, `apk_id_cache_resolve_uid`.
struct NamedOwners {
  private let name = "named-owners"

  /// Throws ``ComposeError`` where the accounts cannot be read.
  func apply(to tree: inout ComposedTree, scene: ScriptScene) throws(ComposeError) {
    guard scene.packages.contains(where: { !$0.ownerNames.isEmpty }) else { return }
    let accounts = try AccountNames(tree.tree, family: .alpine)
    for package in scene.packages {
      for (path, owner) in package.ownerNames.sorted(by: { $0.key < $1.key }) {
        guard tree.ledger.owners[path] == package.name else { continue }
        let reason = "\(package.name) gives it to \(owner.user):\(owner.group)"
        let uid = accounts.account(named: owner.user)
        let gid = accounts.group(named: owner.group)
        let shipped = scene.tree[path]
        // What has the right number already may have been given away by a script since.
        tree.change(path, rule: name, reason: reason) { entry in
          if let uid, uid != shipped?.uid { entry.uid = uid }
          if let gid, gid != shipped?.gid { entry.gid = gid }
        }
      }
    }
  }
}
