import OCIImage
import PkgResolve

/// What a recipe and its packages come to.
struct UnprovedComposition: Sendable {
  let tree: ComposedTree
  /// The tree without the inventory, which speaks of a package manager where none is: what is to be proved.
  let hardened: ComposedTree
  let outcome: RecipeEffects.Outcome
  let shipped: ShippedContents
  let packages: [UnpackedPackage]
}

extension CompositionSession {
  /// Merges packages into a tree, re-enacts their scripts, hardens, adds what the recipe itself asks for, and writes
  /// the inventory. That the tree breaks no rule is yet to be proved.
  func compose(
    _ packages: [UnpackedPackage], files: [String: String], platform: Platform,
    spool: ContentSpool, isCancelled: @escaping @Sendable () -> Bool
  ) throws(ComposeError) -> UnprovedComposition {
    let definition = recipe.definition.substituted(for: platform)
    var installation = try Installation(
      packages, world: AlpineSystem.names(definition.contents.packages.map(\.value)),
      policy: mergePolicy(platform), context: scriptContext(platform))
    let effects = RecipeEffects(
      definition, folder: recipe.folder, platform: platform,
      distribution: DistributionIdentity(distribution), downloads: files, spool: spool,
      isCancelled: isCancelled)
    let outcome = try effects.applyUnproved(to: &installation.tree)
    let hardened = installation.tree
    try writeInventory(of: &installation, definition, platform)
    return UnprovedComposition(
      tree: installation.tree, hardened: hardened, outcome: outcome,
      shipped: installation.shipped, packages: packages)
  }

  private func mergePolicy(_ platform: Platform) -> any MergePolicy {
    switch distribution.family {
    case .debian: DebianMergePolicy(architecture: platform.architecture)
    case .alpine: AlpineMergePolicy(release: distribution.version)
    }
  }

  private func writeInventory(
    of installation: inout Installation, _ definition: Definition, _ platform: Platform
  ) throws(ComposeError) {
    let (packages, shipped) = (installation.packages, installation.shipped)
    switch distribution.family {
    case .debian:
      let inventory = DebianInventory(
        packages.compactMap(DebianInventoryPackage.init), shipped: shipped)
      try inventory.write(
        to: &installation.tree, layout: DebianInventory.layout(for: installation.tree.tree))
    case .alpine:
      let locked = lock.platforms[platform.description]?.packages ?? []
      let architectures = locked.map { ($0.name, $0.architecture) }
      let inventory = AlpineInventory(
        packages, architectures: Dictionary(architectures) { first, _ in first }, shipped: shipped)
      try inventory.write(
        to: &installation.tree, layout: AlpineInventory.layout(for: installation.tree.tree),
        system: AlpineSystem(
          architecture: distribution.architecture(of: platform),
          packages: definition.contents.packages.map(\.value),
          repositories: definition.contents.repositories.map(\.value)))
    }
  }

  /// Says what composing came to, now or when it was done.
  func report(_ kept: KeptLayers, _ platform: Platform) {
    for warning in kept.warnings { observe(.warning("\(platform): \(warning)")) }
    observe(.hardened(platform: platform, dropped: kept.dropped, changed: kept.changed))
  }

  private func scriptContext(_ platform: Platform) -> ScriptContext {
    // The package manager's own records are kept where it is.
    let manager = distribution.family == .debian ? "dpkg" : "apk-tools"
    let keepsPackageManager =
      recipe.definition.variant == .dev
      || HardeningPolicy(recipe.definition).requestedPackages.contains(manager)
    return ScriptContext(
      family: distribution.family, architecture: distribution.architecture(of: platform),
      distribution: distribution.identifier, epoch: epoch(of: platform),
      isRuntime: !keepsPackageManager)
  }
}
