/// What a distribution's package manager decides where packages meet in one tree.
public protocol MergePolicy: Sendable {
  /// Links that every image has before any package is laid out.
  var rootLinks: [TreePath] { get }
  /// Names below the root that become such links where a package ships something below them.
  var possibleRootLinks: Set<TreePath> { get }
  /// Who makes what no package ships, for messages.
  var maker: String { get }
  /// What would have settled a conflict, for messages.
  var remedies: String { get }

  /// File names that packages have moved away in others, by the name moved.
  func diversions(of packages: [UnpackedPackage]) -> [TreePath: Diversion]
  /// Whether the package manager unpacks an entry at all.
  func unpacks(_ entry: FileEntry, at path: TreePath) -> Bool
  /// What a directory becomes that two packages ship, and whether it is the second one's from then on.
  func shared(
    _ standing: (package: UnpackedPackage, entry: FileEntry),
    _ incoming: (package: UnpackedPackage, entry: FileEntry)
  ) -> (entry: FileEntry, isIncomings: Bool)
  /// Which of two packages keeps a path that both ship differently.
  func verdict(standing: UnpackedPackage, incoming: UnpackedPackage) -> MergeVerdict
  /// The rule and reason that the ledger gives for a path that no package ships.
  func origin(ofUnshipped path: TreePath) -> (rule: String, reason: String)
  /// A package's name and version, as the distribution writes them.
  func label(_ package: UnpackedPackage) -> String
}

/// Which of two packages keeps a path, and why.
public enum MergeVerdict: Sendable, Equatable {
  case incoming(String)
  case standing(String)
  case conflict

  static func replaces(_ winner: UnpackedPackage, _ loser: UnpackedPackage) -> String {
    "\(winner.name) replaces \(loser.name), which ships it too"
  }
}

extension MergePolicy {
  public var rootLinks: [TreePath] { [] }
  public var possibleRootLinks: Set<TreePath> { [] }
  public func diversions(of packages: [UnpackedPackage]) -> [TreePath: Diversion] { [:] }
  public func unpacks(_ entry: FileEntry, at path: TreePath) -> Bool { true }
  public func shared(
    _ standing: (package: UnpackedPackage, entry: FileEntry),
    _ incoming: (package: UnpackedPackage, entry: FileEntry)
  ) -> (entry: FileEntry, isIncomings: Bool) {
    (standing.entry, false)
  }
}
