/// `/etc/shells`, as `update-shells` makes it from what packages register.
///
/// Source: update-shells(8): the file's own lines first, then every registered shell and its path with the
/// directory's links followed, in the registrations' order.
struct LoginShells: ScriptHandler {
  let name = "login-shells"
  private static let file: TreePath = "etc/shells"
  private static let template: TreePath = "usr/share/debianutils/shells"

  func covers(_ step: ScriptStep, of package: PackageScripts, in scene: ScriptScene) -> String? {
    switch step.program {
    case "update-shells": return "/etc/shells lists the registered shells"
    case "add-shell", "remove-shell":
      return step.isResolved ? "/etc/shells lists the registered shells" : nil
    default: return nil
    }
  }

  func apply(
    to tree: inout ComposedTree, steps: [CoveredSteps], scene: ScriptScene
  ) throws(ComposeError) {
    let existing = tree.tree[Self.file] ?? tree.tree[Self.template]
    var lines = try Self.lines(of: existing)
    var registered: [String] = []
    if steps.contains(where: { $0.steps.contains { $0.program == "update-shells" } }) {
      let sources = [Self.template] + tree.tree.children(of: "usr/share/debianutils/shells.d")
      for path in sources {
        for line in try Self.lines(of: tree.tree[path]) {
          let shell = line.prefix { $0 != "#" }
          guard !shell.isEmpty else { continue }
          for each in [String(shell), Self.real(String(shell), tree.tree)] {
            if !lines.contains(each) { lines.append(each) }
            if !registered.contains(each) { registered.append(each) }
          }
        }
      }
    }
    for step in steps.flatMap(\.steps) where step.program == "add-shell" {
      for shell in step.arguments where !lines.contains(shell) { lines.append(shell) }
    }
    guard !lines.isEmpty else { return }
    if !scene.context.isRuntime, !registered.isEmpty {
      try tree.put(
        .file(registered.joined(separator: "\n") + "\n"), at: "var/lib/shells.state", rule: name,
        reason: "update-shells' record")
    }
    try tree.put(
      .file(lines.joined(separator: "\n") + "\n"), at: Self.file, rule: name,
      reason: "the shells that packages register")
  }

  private static func lines(of entry: FileEntry?) throws(ComposeError) -> [String] {
    guard let content = entry?.content, content.count <= 1 << 16 else { return [] }
    return try content.text().split(separator: "\n").map(String.init)
  }

  private static func real(_ shell: String, _ tree: FileTree) -> String {
    guard let path = TreePath(shell), let directory = tree.resolve(path.parent) else {
      return shell
    }
    return directory.description + "/" + path.nameText
  }
}
