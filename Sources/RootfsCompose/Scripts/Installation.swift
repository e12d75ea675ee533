/// What installing packages makes of them: one tree, in which files belong to the accounts that their archives name and
/// what scripts would have done is done.
struct Installation {
  var tree: ComposedTree
  /// In the order of installation, with the numbers that the owners of their files have in the tree.
  let packages: [UnpackedPackage]
  let shipped: ShippedContents

  /// `world` has the names asked for, which decide the order in which apk goes; dpkg's is the packages' own.
  ///
  /// Throws ``ComposeError`` where two packages cannot stand together or the tree's contents cannot be read.
  init(
    _ packages: [UnpackedPackage], world: [String], policy: any MergePolicy, context: ScriptContext
  ) throws(ComposeError) {
    var archived = packages
    if context.family == .alpine {
      archived = AlpineInstallationOrder(packages, world: world).places.map { packages[$0] }
    }
    let scripts = archived.map {
      PackageScripts(
        name: $0.name, version: $0.version, scripts: $0.scripts, triggers: $0.apk?.triggers ?? [])
    }
    var named = archived
    var tree = try ComposedTree.merge(archived, policy: policy)
    if archived.contains(where: { $0.apk?.owners.isEmpty == false }) {
      let owners = try NamedOwners(scripts, in: tree, context: context)
      named = archived.enumerated().map { owners.resolving($1, at: $0) }
      tree = try ComposedTree.merge(named, policy: policy)
      NamedOwners.note(named, were: archived, in: &tree)
    }
    let merged = tree.tree
    try ScriptHandlers.apply(to: &tree, packages: scripts, context: context)
    self.packages = named
    shipped = ShippedContents(of: merged, installed: tree.tree)
    self.tree = tree
  }
}
