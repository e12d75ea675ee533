import Testing

@testable import RootfsCompose

/// Trees made in code, and their whole outline as text.
enum SampleTree {
  static let location = RootfsCompose.SourceLocation(file: "recipe.yaml", line: 7, column: 3)

  /// A tree whose paths belong to packages: `owners` maps a path to a package.
  static func make(
    _ entries: KeyValuePairs<TreePath, FileEntry>, owners: [TreePath: String] = [:]
  ) throws -> ComposedTree {
    var tree = FileTree()
    for (path, entry) in entries { try tree.insert(entry, at: path) }
    var ledger = Ledger()
    ledger.owners = owners
    return ComposedTree(tree: tree, ledger: ledger)
  }

  static func exception(_ rule: String, _ paths: String...) -> HardeningException {
    HardeningException(location: location, rule: rule, paths: paths, reason: nil)
  }

  /// The tree after one rule.
  static func applying(
    _ rule: some HardeningRule, to tree: ComposedTree, _ policy: HardeningPolicy = .init()
  ) throws -> ComposedTree {
    var tree = tree
    let context = try HardeningContext(policy)
    try rule.apply(to: &tree, context: context)
    #expect(try rule.violations(in: tree, context: context) == [])
    return tree
  }

  static let elf: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1]

  static func program(_ text: String, mode: UInt16 = 0o755) -> FileEntry {
    .file(Content(elf + Array(text.utf8)), mode: mode)
  }
}

extension ComposedTree {
  /// Every path but the root, one a line: path, kind, mode, owner where not root, link target or text.
  var outline: [String] {
    tree.sortedPaths.filter { !$0.isRoot }.compactMap { path in
      guard let entry = tree[path] else { return nil }
      var line = "\(path) "
      switch entry.kind {
      case .directory: line += "dir"
      case .regular: line += "file"
      case .symlink(let target): line += "link " + String(decoding: target, as: UTF8.self)
      case .characterDevice: line += "char"
      case .blockDevice: line += "block"
      case .fifo: line += "fifo"
      }
      if !entry.isSymlink { line += " " + String(entry.mode, radix: 8) }
      if entry.uid != 0 || entry.gid != 0 { line += " \(entry.uid):\(entry.gid)" }
      if !entry.xattrs.isEmpty { line += " " + entry.xattrs.keys.sorted().joined(separator: ",") }
      return line
    }
  }

  /// What the ledger says was done: action, path, rule and reason.
  var deeds: [String] {
    ledger.records.map { "\($0.action.rawValue) \($0.path) [\($0.rule)] \($0.reason)" }
  }

  func text(at path: TreePath) throws -> String? { try tree[path]?.content?.text() }
}
