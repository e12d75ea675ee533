import OCIImage
import PkgResolve

extension CompositionSession {
  /// Merges packages into a tree, re-enacts their scripts, hardens, adds what the recipe itself asks for, and writes
  /// the inventory. Returns the tree and the numeric user.
  func compose(
    _ packages: [UnpackedPackage], files: [String: String], platform: Platform,
    spool: ContentSpool, isCancelled: @escaping @Sendable () -> Bool
  ) throws(ComposeError) -> (ComposedTree, user: String) {
    let definition = recipe.definition.substituted(for: platform)
    var tree = try ComposedTree.merge(
      packages,
      policy: MergePolicy(
        architecture: platform.architecture, replaces: MergePolicy.replacesByVersion))
    let shipped = ShippedContents(of: tree.tree)
    try reenactScripts(packages, platform: platform, in: &tree)
    let effects = RecipeEffects(
      definition, folder: recipe.folder, platform: platform,
      distribution: DistributionIdentity(
        id: "debian", name: "Debian GNU/Linux", versionID: distribution.version,
        codename: distribution.codename),
      downloads: files, spool: spool, isCancelled: isCancelled)
    let outcome = try effects.apply(to: &tree)
    let inventory = Inventory(packages.compactMap(Self.inventoryPackage), shipped: shipped)
    try inventory.write(to: &tree, layout: Inventory.layout(for: tree.tree))
    report(tree.ledger, platform)
    return (tree, outcome.user)
  }

  private static func inventoryPackage(_ package: UnpackedPackage) -> InventoryPackage? {
    guard let control = package.control else { return nil }
    var members = package.scripts
    let md5sums = members.removeValue(forKey: "md5sums")
    let conffiles = members.removeValue(forKey: "conffiles")
    return InventoryPackage(
      name: package.name, control: control, md5sums: md5sums, conffiles: conffiles,
      members: members)
  }

  private func report(_ ledger: Ledger, _ platform: Platform) {
    for warning in ledger.warnings { observe(.warning("\(platform): \(warning)")) }
    observe(
      .hardened(
        platform: platform, dropped: ledger.records.count { $0.action == .dropped },
        changed: ledger.records.count { $0.action == .changed }))
  }

  private func reenactScripts(
    _ packages: [UnpackedPackage], platform: Platform, in tree: inout ComposedTree
  ) throws(ComposeError) {
    let scripts = packages.map {
      PackageScripts(
        name: $0.name, version: $0.version, scripts: $0.scripts, triggers: $0.apk?.triggers ?? [])
    }
    // dpkg's own records are kept where dpkg is.
    let keepsPackageManager =
      recipe.definition.variant == .dev
      || HardeningPolicy(recipe.definition).requestedPackages.contains("dpkg")
    try ScriptHandlers.apply(
      to: &tree, packages: scripts,
      context: ScriptContext(
        family: distribution.family, architecture: distribution.architecture(of: platform),
        distribution: distribution.identifier, epoch: epoch(of: platform),
        isRuntime: !keepsPackageManager))
  }
}
