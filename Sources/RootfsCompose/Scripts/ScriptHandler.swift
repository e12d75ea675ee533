/// Re-enacts one thing that maintainer scripts do, or says why an image does not need it.
///
/// Handlers look at the commands a script would reach at a first installation (``ScriptStep``), not at the
/// package's name alone, so that a script that changes does not stay "covered" by habit.
public protocol ScriptHandler: Sendable {
  /// As the ledger names it.
  var name: String { get }

  /// Whether this handler takes a step that a handler of more special kind could also take. Asked last.
  var isGeneral: Bool { get }

  /// What is done in place of `step`, or why nothing needs to be done; nil if the handler does not cover it.
  func covers(_ step: ScriptStep, of package: PackageScripts, in scene: ScriptScene) -> String?

  /// Does in the tree what the covered steps would have done.
  ///
  /// Throws ``ComposeError`` where the tree's contents cannot be read or a path conflicts.
  func apply(
    to tree: inout ComposedTree, steps: [CoveredSteps], scene: ScriptScene
  ) throws(ComposeError)

  /// Does what can only be done once every handler's ``apply(to:steps:scene:)`` ran, as an owner's number is known
  /// only then.
  ///
  /// Throws ``ComposeError`` where the tree's contents cannot be read.
  func finish(
    in tree: inout ComposedTree, steps: [CoveredSteps], scene: ScriptScene
  ) throws(ComposeError)
}

extension ScriptHandler {
  public var isGeneral: Bool { false }

  public func apply(
    to tree: inout ComposedTree, steps: [CoveredSteps], scene: ScriptScene
  ) throws(ComposeError) {}

  public func finish(
    in tree: inout ComposedTree, steps: [CoveredSteps], scene: ScriptScene
  ) throws(ComposeError) {}
}

/// The steps of one package that one handler covers, in the order the scripts have them.
public struct CoveredSteps: Sendable {
  public let package: PackageScripts
  public let steps: [ScriptStep]
}

/// What all handlers may look at.
public struct ScriptScene: Sendable {
  /// The merged tree before any handler changed it.
  public let tree: FileTree
  public let packages: [PackageScripts]
  public let context: ScriptContext
  /// The package that ships each path.
  public let owners: [TreePath: String]
  /// Whether the loader needs a cache to find all libraries.
  let needsLoaderCache: Bool
  /// The names of triggers that a package of the image waits for, with those packages.
  public let interests: [String: [String]]
  /// The names of triggers that a package of the image activates.
  let activations: Set<String>
  /// Whether the image carries systemd or another init that would read what packages register with it.
  let hasInitSystem: Bool

  public init(
    tree: FileTree, packages: [PackageScripts], context: ScriptContext,
    owners: [TreePath: String] = [:]
  ) {
    self.tree = tree
    self.owners = owners
    needsLoaderCache =
      context.family == .debian && LoaderDirectories(tree, context.architecture).needsCache
    self.packages = packages
    self.context = context
    var interests: [String: [String]] = [:]
    var activations = Set<String>()
    for package in packages {
      for trigger in TriggerDeclaration.all(of: package) {
        if trigger.isInterest {
          interests[trigger.name, default: []].append(package.name)
        } else {
          activations.insert(trigger.name)
        }
      }
    }
    self.interests = interests
    self.activations = activations
    hasInitSystem = Self.initPrograms.contains { Self.exists($0, in: tree) }
  }

  private static let initPrograms = [
    "/usr/lib/systemd/systemd", "/usr/sbin/init", "/sbin/init", "/sbin/openrc",
  ]

  /// The entry a path leads to, symbolic links followed; nil where nothing is.
  func entry(_ path: String) -> FileEntry? {
    guard let raw = TreePath(path), let resolved = tree.resolve(raw) else { return nil }
    return tree[resolved]
  }

  /// Whether anything, a dangling link too, stands at a path.
  func exists(_ path: String) -> Bool { Self.exists(path, in: tree) }

  private static func exists(_ path: String, in tree: FileTree) -> Bool {
    guard let raw = TreePath(path), let resolved = tree.resolve(raw, followLast: false) else {
      return false
    }
    return tree[resolved] != nil
  }
}

/// One line of a `triggers` member.
///
/// Source: deb-triggers(5).
struct TriggerDeclaration {
  let isInterest: Bool
  let name: String

  static func all(of package: PackageScripts) -> [TriggerDeclaration] {
    guard let bytes = package.scripts["triggers"] else { return [] }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.split(separator: "\n").compactMap { line in
      let fields = line.prefix { $0 != "#" }.split(whereSeparator: { $0 == " " || $0 == "\t" })
      guard fields.count == 2 else { return nil }
      let isInterest = fields[0].hasPrefix("interest")
      guard isInterest || fields[0].hasPrefix("activate") else { return nil }
      return TriggerDeclaration(isInterest: isInterest, name: String(fields[1]))
    }
  }
}
