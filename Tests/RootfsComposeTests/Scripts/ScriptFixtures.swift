@testable import RootfsCompose

/// A package whose scripts are given as text.
func scriptPackage(_ name: String, _ scripts: [String: String]) -> PackageScripts {
  PackageScripts(name: name, version: "1.0", scripts: scripts.mapValues { Array($0.utf8) })
}

func scriptContext(isRuntime: Bool = true) -> ScriptContext {
  ScriptContext(
    architecture: "amd64", distribution: "debian-13", epoch: 20_000 * 86_400, isRuntime: isRuntime)
}

/// A tree of text files, `@target` for links and `/` for directories.
func scriptTree(_ entries: [String: String]) throws -> FileTree {
  var tree = FileTree()
  for (path, text) in entries.sorted(by: { $0.key < $1.key }) {
    let entry: FileEntry =
      if text == "/" {
        .directory()
      } else if text.hasPrefix("@") {
        .symlink(to: String(text.dropFirst()))
      } else {
        .file(text)
      }
    try tree.insert(entry, at: TreePath(path) ?? .root)
  }
  return tree
}

func composedScripts(
  _ packages: [PackageScripts], to entries: [String: String] = [:], isRuntime: Bool = true
) throws -> ComposedTree {
  var result = ComposedTree(tree: try scriptTree(entries))
  try ScriptHandlers.apply(
    to: &result, packages: packages, context: scriptContext(isRuntime: isRuntime))
  return result
}

extension ComposedTree {
  /// One line for a path: `file 0644 0:0 "text"`, `link target`, `directory 0755 0:0` or `nothing`.
  func entryText(_ path: String) throws -> String {
    guard let place = TreePath(path), let entry = tree[place] else { return "nothing" }
    let mode = String(entry.mode, radix: 8)
    switch entry.kind {
    case .directory: return "directory \(mode) \(entry.uid):\(entry.gid)"
    case .symlink(let target): return "link " + String(decoding: target, as: UTF8.self)
    case .regular(let content, _):
      return "file \(mode) \(entry.uid):\(entry.gid) \"\(try content.text())\""
    default: return "other"
    }
  }
}
