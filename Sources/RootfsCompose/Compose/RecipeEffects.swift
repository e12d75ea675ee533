import OCIImage

/// All that a recipe makes of the merged tree of its packages, after maintainer scripts were re-enacted.
///
/// In order: the recipe's excludes, the hardening rules, the recipe's own accounts, os-release, files and paths, the
/// rules that tidy up, and the proof that no rule is broken.
public struct RecipeEffects: Sendable {
  public struct Outcome: Sendable {
    /// `uid:gid` for the image's configuration.
    public let user: String
    /// What is to prove that the tree breaks no rule, once it is final.
    let hardening: Hardening
  }

  private let definition: Definition
  private let folder: RecipeFolder
  private let platform: Platform
  private let distribution: DistributionIdentity
  private let downloads: [String: String]
  private let spool: ContentSpool?
  private let isCancelled: @Sendable () -> Bool

  /// - Parameters:
  ///   - folder: the host's path of the folder that holds the recipe; local sources are read from it.
  ///   - downloads: the host's path of the verified content of each URL in `contents.files`.
  ///   - spool: where large downloads and what archives hold go. Where there is none, downloads stay in memory, and
  ///     archives are unpacked to a nameless temporary file.
  ///   - isCancelled: asked at every block of an archive that is unpacked.
  public init(
    _ definition: Definition, folder: String, platform: Platform,
    distribution: DistributionIdentity, downloads: [String: String] = [:],
    spool: ContentSpool? = nil, isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.definition = definition
    self.folder = RecipeFolder(path: folder)
    self.platform = platform
    self.distribution = distribution
    self.downloads = downloads
    self.spool = spool
    self.isCancelled = isCancelled
  }

  /// Changes the tree, and proves that it breaks no rule. Throws ``ComposeError`` at the place in the recipe that cannot
  /// be served, or with code `hardening` where the result breaks a rule.
  public func apply(to tree: inout ComposedTree) throws(ComposeError) -> Outcome {
    let outcome = try applyUnproved(to: &tree)
    try outcome.hardening.prove(tree)
    return outcome
  }

  /// As ``apply(to:)``, for who proves the tree later.
  func applyUnproved(to tree: inout ComposedTree) throws(ComposeError) -> Outcome {
    var hardening = try Hardening(HardeningPolicy(definition), tree: tree.tree)
    try ExcludesRule(definition.compose, tree: tree.tree)
      .apply(to: &tree, context: hardening.context)
    try hardening.applyToPackages(&tree)

    var accounts = try AccountsEffect(
      definition.accounts, tree: tree.tree, nologin: distribution.nologin)
    try accounts.apply(to: &tree)
    var placed = accounts.placed
    try OSReleaseEffect(
      release: definition.osRelease ?? Definition.OSRelease(), distribution: distribution
    ).apply(to: &tree)
    try FilesEffect(
      items: definition.contents.files, platform: platform, downloads: downloads, spool: spool,
      isCancelled: isCancelled
    ).apply(to: &tree, placed: &placed)
    try PathsEffect(items: definition.paths, folder: folder, platform: platform)
      .apply(to: &tree, placed: &placed)

    hardening.context.placed = placed
    try hardening.applyLast(&tree)
    try hardening.noteExceptions(&tree)
    return Outcome(
      user: try RunAs(definition: definition).user(in: tree.tree), hardening: hardening)
  }
}
