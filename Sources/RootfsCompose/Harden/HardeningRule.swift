/// One thing that a hardened image does not hold.
public protocol HardeningRule: Sendable {
  /// The name that a recipe's exception uses.
  var name: String { get }
  /// What the rule does, in one line, for the documentation.
  var summary: String { get }
  /// The variants that the rule is for.
  var variants: Set<Definition.Variant> { get }
  /// Whether the rule also binds what the recipe itself places. Rules that only tidy up after packages do not.
  var bindsRecipe: Bool { get }
  /// Whether the rule runs after the recipe's own accounts and paths, not before.
  var runsLast: Bool { get }

  /// Brings the tree in line with the rule and records each deed under the rule's name.
  func apply(to tree: inout ComposedTree, context: HardeningContext) throws(ComposeError)

  /// The paths that break the rule and that no exception lets pass: none after ``apply(to:context:)``.
  func violations(
    in tree: ComposedTree, context: HardeningContext
  ) throws(ComposeError) -> [TreePath]
}

extension HardeningRule {
  public var variants: Set<Definition.Variant> { Set(Definition.Variant.allCases) }
  public var bindsRecipe: Bool { true }
  public var runsLast: Bool { false }
}

/// What is wrong with one path, and what to do about it.
struct Fault {
  enum Remedy {
    /// Directories are dropped only where nothing below them is kept.
    case drop
    case change((inout FileEntry) -> Void)
    /// The recipe asked for it by naming its package.
    case keep
  }

  let reason: String
  let remedy: Remedy

  static func drop(_ reason: String) -> Fault { Fault(reason: reason, remedy: .drop) }

  static func keep(_ reason: String) -> Fault { Fault(reason: reason, remedy: .keep) }

  static func change(_ reason: String, _ body: @escaping (inout FileEntry) -> Void) -> Fault {
    Fault(reason: reason, remedy: .change(body))
  }
}

/// A rule that judges each path by itself.
protocol PathRule: HardeningRule {
  typealias Judge = (TreePath, FileEntry) -> Fault?

  /// A judge for the paths of a tree as it is now.
  func judge(
    of tree: ComposedTree, context: HardeningContext
  ) throws(ComposeError) -> Judge
}

/// A fault at a path, and the exception (if any) that lets it pass.
struct Finding {
  let path: TreePath
  let fault: Fault
  /// Why it may stay; nil where it may not.
  let permission: String?
}

extension PathRule {
  public func apply(
    to tree: inout ComposedTree, context: HardeningContext
  ) throws(ComposeError) {
    _ = try sweep(&tree, context)
  }

  public func violations(
    in tree: ComposedTree, context: HardeningContext
  ) throws(ComposeError) -> [TreePath] {
    try findings(in: tree, context).filter { $0.permission == nil }.map(\.path)
  }

  /// Acts on every finding; returns the paths that the recipe asked for by naming their packages.
  func sweep(
    _ tree: inout ComposedTree, _ context: HardeningContext
  ) throws(ComposeError) -> [TreePath] {
    var requested = [TreePath]()
    // Children before their directories, so that an emptied directory can go as one path.
    for finding in try findings(in: tree, context).reversed() {
      if let permission = finding.permission {
        tree.keep(finding.path, rule: name, reason: permission)
        if case .keep = finding.fault.remedy { requested.append(finding.path) }
        continue
      }
      switch finding.fault.remedy {
      case .drop: tree.drop(finding.path, rule: name, reason: finding.fault.reason)
      case .change(let body):
        tree.change(finding.path, rule: name, reason: finding.fault.reason, body)
      case .keep: break
      }
    }
    return requested.reversed()
  }

  /// All faults in byte order. A directory to be dropped counts only where nothing below it stays.
  func findings(
    in tree: ComposedTree, _ context: HardeningContext
  ) throws(ComposeError) -> [Finding] {
    let judge = try judge(of: tree, context: context)
    var staying = StayingPaths(atMost: tree.tree.count)
    var findings = [Finding]()
    tree.tree.entries.forEachBackwards { path, entry in
      guard let fault = judge(path, entry) else { return staying.note(path) }
      var permission: String?
      var drops = false
      switch fault.remedy {
      case .keep: permission = fault.reason
      case .drop:
        if entry.isDirectory, staying.hasAny(below: path) { return staying.note(path) }
        permission = context.permission(for: self, at: path)
        drops = permission == nil
      case .change: permission = context.permission(for: self, at: path)
      }
      if !drops { staying.note(path) }
      findings.append(Finding(path: path, fault: fault, permission: permission))
    }
    return findings.reversed()
  }
}

/// The paths that a rule leaves where they are, noted from a tree's last to its first.
private struct StayingPaths {
  private var paths: [TreePath] = []

  init(atMost count: Int) { paths.reserveCapacity(count) }

  mutating func note(_ path: TreePath) { paths.append(path) }

  /// Whether one of them lies below a directory, all of whose paths have been judged.
  func hasAny(below directory: TreePath) -> Bool {
    if directory.isRoot { return !paths.isEmpty }
    let start = TreePath(unchecked: directory.bytes + [UInt8(ascii: "/")])
    let next = paths.partitioningIndex { $0 < start }
    return next > 0 && paths[next - 1].isWithin(directory)
  }
}
