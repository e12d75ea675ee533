/// Gives packages' files to the accounts that their archives name, as apk does while it unpacks: a package's
/// `pre-install` makes its user, whose number the builder of the package could not know.
///
/// A name that the image has no account for by then leaves the number that the archive has. Directories that packages
/// share are judged by the numbers found here, so this stands before the merge that counts.
/// Source: apk-tools 2.14, `io_archive.c` and `apk_resolve_uid`; 3.0, `tar.c` and `apk_id_cache_resolve_uid`.
struct NamedOwners {
  static let rule = "named-owners"

  private let accounts: AccountNames
  /// From which package on each account is there when a package is unpacked, by the order of installation.
  private var users: [String: Int]
  private var groups: [String: Int]

  /// Reads the accounts of packages as merged into `tree`. Throws ``ComposeError`` where they cannot be read.
  init(
    _ packages: [PackageScripts], in tree: ComposedTree, context: ScriptContext
  ) throws(ComposeError) {
    let scene = ScriptScene(
      tree: tree.tree, packages: packages, context: context, owners: tree.ledger.owners)
    let shipped = try AccountNames(tree.tree, family: .alpine)
    users = Dictionary(uniqueKeysWithValues: shipped.userNames.map { ($0, 0) })
    groups = Dictionary(uniqueKeysWithValues: shipped.groupNames.map { ($0, 0) })
    var steps = [CoveredSteps]()
    var made = [(request: BusyboxAccountRequest, place: Int)]()
    for (index, package) in packages.enumerated() {
      var asked = [ScriptStep]()
      for script in ["pre-install", "post-install"] where package.scripts[script] != nil {
        let place = script == "pre-install" ? index : index + 1
        for step in ScriptReading(script: script, of: package, in: scene).steps {
          guard let request = BusyboxAccountRequest(step) else { continue }
          asked.append(step)
          made.append((request, place))
        }
      }
      steps.append(CoveredSteps(package: package, steps: asked))
    }
    var after = tree
    try BusyboxAccounts().apply(to: &after, steps: steps, scene: scene)
    accounts = try AccountNames(after.tree, family: .alpine)
    for (request, place) in made {
      if case .member = request.kind { continue }
      if request.kind == .user, users[request.name] == nil { users[request.name] = place }
      if groups[request.name] == nil { groups[request.name] = place }
    }
  }

  /// The package with the numbers that its owners have in the image; `place` is its own in the order of installation.
  func resolving(_ package: UnpackedPackage, at place: Int) -> UnpackedPackage {
    guard let names = package.apk?.owners, !names.isEmpty else { return package }
    return package.changingEntries { path, entry in
      guard let owner = names[path] else { return }
      if let first = users[owner.user], first <= place,
        let uid = accounts.account(named: owner.user)
      {
        entry.uid = uid
      }
      if let first = groups[owner.group], first <= place,
        let gid = accounts.group(named: owner.group)
      {
        entry.gid = gid
      }
    }
  }

  /// Writes to the ledger of the merged tree which entries have other owners than their packages' archives say.
  static func note(
    _ packages: [UnpackedPackage], were archived: [UnpackedPackage], in tree: inout ComposedTree
  ) {
    for (package, before) in zip(packages, archived) {
      for ((path, entry), (_, old)) in zip(package.entries, before.entries)
      where (entry.uid, entry.gid) != (old.uid, old.gid) {
        guard let owner = package.apk?.owners[path],
          let place = tree.tree.resolve(path, followLast: entry.isDirectory),
          let now = tree.tree[place], (now.uid, now.gid) == (entry.uid, entry.gid),
          entry.isDirectory || tree.ledger.owners[place] == package.name
        else { continue }
        tree.noteChanged(
          place, rule: rule,
          reason: "\(package.name) gives it to \(owner.user):\(owner.group), not to "
            + "\(old.uid):\(old.gid), which they were where it was built")
      }
    }
  }
}
