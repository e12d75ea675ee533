/// What happened to every path on the way from the packages to the image, and why.
public struct Ledger: Sendable {
  public enum Action: String, Sendable, Codable {
    case added, changed, dropped, kept
  }

  /// One deed of one rule.
  public struct Record: Sendable, Codable, Equatable {
    public let action: Action
    /// With a leading slash.
    public let path: String
    /// The rule's or handler's name, as a recipe's exception names it.
    public let rule: String
    /// Why, for a person.
    public let reason: String
    /// The package that shipped the path; nil where none did.
    public let package: String?
  }

  /// A maintainer script, and what became of what it would have done.
  public struct ScriptNote: Sendable, Codable, Equatable {
    public let package: String
    /// `postinst`, `preinst`, `triggers`…
    public let script: String
    /// The handlers that re-enact it; empty where none does.
    public let handlers: [String]
    /// What was done instead, or what the script would have done.
    public let detail: String
    public init(package: String, script: String, handlers: [String], detail: String) {
      self.package = package
      self.script = script
      self.handlers = handlers
      self.detail = detail
    }
  }

  /// The package (`name`) that ships each path of the merged tree.
  public internal(set) var owners: [TreePath: String] = [:]
  public internal(set) var records: [Record] = []
  public internal(set) var scripts: [ScriptNote] = []
  /// Warnings for the build's output.
  public internal(set) var warnings: [String] = []

  public init() {}
}

/// A tree and its ledger, which change together: no path is touched without a record of who did it and why.
public struct ComposedTree: Sendable {
  public private(set) var tree: FileTree
  public private(set) var ledger: Ledger

  public init(tree: FileTree = FileTree(), ledger: Ledger = Ledger()) {
    self.tree = tree
    self.ledger = ledger
  }

  /// Adds or replaces an entry.
  public mutating func put(
    _ entry: FileEntry, at path: TreePath, rule: String, reason: String
  ) throws(ComposeError) {
    let action: Ledger.Action = tree[path] == nil ? .added : .changed
    if tree[path] == entry { return }
    if !entry.isDirectory, tree[path]?.isDirectory == true {
      drop(path, rule: rule, reason: reason)
    }
    try tree.insert(entry, at: path)
    record(action, path, rule, reason)
  }

  /// Changes an entry in place; nothing is recorded where nothing changes.
  public mutating func change(
    _ path: TreePath, rule: String, reason: String, _ body: (inout FileEntry) -> Void
  ) {
    let before = tree[path]
    tree.update(path, body)
    if tree[path] != before { record(.changed, path, rule, reason) }
  }

  /// Drops a path and all below it.
  public mutating func drop(_ path: TreePath, rule: String, reason: String) {
    for each in tree.remove(path) {
      record(.dropped, each, rule, reason, package: ledger.owners.removeValue(forKey: each))
    }
  }

  /// Records a change that was made to a package before it was merged.
  public mutating func noteChanged(_ path: TreePath, rule: String, reason: String) {
    record(.changed, path, rule, reason)
  }

  /// Records that a rule would have acted, and an exception kept the path.
  public mutating func keep(_ path: TreePath, rule: String, reason: String) {
    record(.kept, path, rule, reason)
  }

  public mutating func note(_ script: Ledger.ScriptNote) { ledger.scripts.append(script) }

  public mutating func warn(_ message: String) { ledger.warnings.append(message) }

  private mutating func record(
    _ action: Ledger.Action, _ path: TreePath, _ rule: String, _ reason: String
  ) {
    record(action, path, rule, reason, package: ledger.owners[path])
  }

  private mutating func record(
    _ action: Ledger.Action, _ path: TreePath, _ rule: String, _ reason: String, package: String?
  ) {
    ledger.records.append(
      Ledger.Record(
        action: action, path: path.description, rule: rule, reason: reason, package: package))
  }
}
