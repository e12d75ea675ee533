/// Without a shell, a flaw that lets an attacker run a command finds none to run.
///
/// A shell is known by its name in a `bin` or `sbin` directory; links that lead to one and copies of one under another
/// name count too. A recipe that names a shell's package keeps that shell, and the output says so; one that names a
/// package of links to a shell keeps what they lead to.
///
/// A busybox is a shell under whatever name it is called by: its links go and stay with it.
struct ShellsRule: PathRule {
  let name = "shells"
  let summary = "drops shells, links to them and their entries in /etc/shells"
  let variants: Set<Definition.Variant> = [.runtime, .helm]

  private static let listFile: TreePath = "etc/shells"

  private static let names: Set<String> = [
    "sh", "bash", "rbash", "bash-static", "dash", "ash", "busybox", "busybox-static", "toybox",
    "zsh", "zsh5", "rzsh", "zsh-static", "ksh", "ksh93", "rksh", "rksh93", "mksh", "mksh-static",
    "lksh", "oksh", "busybox.static", "bbsuid", "fish", "csh", "tcsh", "bsd-csh", "yash", "posh",
    "sash", "sash-static", "rc",
    "es", "xonsh", "elvish", "nu", "static-sh", "pwsh", "osh", "ysh", "loksh", "pdksh", "ksh2020",
    "zsh-beta", "fizsh", "psh", "hush",
  ]

  static func isShell(_ path: TreePath) -> Bool {
    let parent = path.parentName
    guard parent.elementsEqual("bin".utf8) || parent.elementsEqual("sbin".utf8) else {
      return false
    }
    return names.contains(path.nameText)
  }

  /// Whether a tree holds a shell that can be run.
  static func hasShell(_ tree: FileTree) -> Bool {
    tree.entries.contains { isShell($0.path) && $0.value.isRegular }
  }

  func judge(
    of tree: ComposedTree, context: HardeningContext
  ) throws(ComposeError) -> Judge {
    let shells = tree.tree.entries.filter { Self.isShell($0.path) }
    let requested = Self.requested(shells.map(\.path), tree, context)
    var programs = [Content: TreePath]()
    for (path, entry) in shells {
      guard let content = entry.content else { continue }
      // Scripts are told by their names alone: a copy of a wrapper is no shell.
      if try content.prefix(4) == [0x7F, 0x45, 0x4C, 0x46], programs[content] == nil {
        programs[content] = path
      }
    }
    let files = tree.tree
    return { path, entry in
      var shell: TreePath?
      if let content = entry.content {
        shell = Self.isShell(path) ? path : programs[content]
      } else if entry.isSymlink {
        let landing = files.resolve(path)
        if let landing, landing != path {
          shell = Self.isShell(landing) ? landing : files[landing]?.content.flatMap { programs[$0] }
        }
        if shell == nil && Self.isShell(path) { shell = path }
      }
      guard let shell else { return nil }
      if requested.contains(shell) { return .keep("the recipe names its package") }
      return .drop(shell == path ? "shell" : "leads to the shell \(shell)")
    }
  }

  /// The shells that the recipe asks for by the package that ships them or a link to them.
  private static func requested(
    _ shells: [TreePath], _ tree: ComposedTree, _ context: HardeningContext
  ) -> Set<TreePath> {
    var requested = Set<TreePath>()
    for path in shells {
      guard let owner = tree.ledger.owners[path], context.requestedPackages.contains(owner),
        let landing = tree.tree.resolve(path), tree.tree[landing]?.isRegular == true
      else { continue }
      requested.insert(landing)
    }
    // What Alpine's busybox does with another user's rights lies in a program of its own.
    if requested.contains(where: { $0.nameText == "busybox" }) {
      requested.formUnion(shells.filter { $0.nameText == "bbsuid" })
    }
    return requested
  }

  func apply(to tree: inout ComposedTree, context: HardeningContext) throws(ComposeError) {
    let kept = try sweep(&tree, context)
    try trimList(&tree, context)
    guard !kept.isEmpty else { return }
    // A busybox has hundreds of links.
    let shells = kept.filter(Self.isShell)
    let others = kept.count - shells.count
    let names = (shells.isEmpty ? kept : shells).map(\.description).joined(separator: ", ")
    let rest = shells.isEmpty || others == 0 ? "" : ", and \(others) other names of it"
    tree.warn("the image keeps a shell, because the recipe names its package: \(names)\(rest)")
  }

  func violations(
    in tree: ComposedTree, context: HardeningContext
  ) throws(ComposeError) -> [TreePath] {
    var paths = try findings(in: tree, context).filter { $0.permission == nil }.map(\.path)
    if let trimmed = try trimmedList(tree, context), trimmed.isShorter {
      paths.append(Self.listFile)
    }
    return paths
  }

  private func trimList(
    _ tree: inout ComposedTree, _ context: HardeningContext
  ) throws(ComposeError) {
    guard let trimmed = try trimmedList(tree, context), trimmed.isShorter else { return }
    guard !trimmed.text.isEmpty else {
      tree.drop(Self.listFile, rule: name, reason: "no shell is left")
      return
    }
    tree.change(Self.listFile, rule: name, reason: "lists shells that are not there") {
      $0.kind = .regular(Content(Array(trimmed.text.utf8)), linkGroup: nil)
    }
  }

  /// The list without shells that are not in the tree; empty where none is left. Source: shells(5).
  private func trimmedList(
    _ tree: ComposedTree, _ context: HardeningContext
  ) throws(ComposeError) -> (text: String, isShorter: Bool)? {
    guard let content = tree.tree[Self.listFile]?.content, content.count <= 1 << 20,
      context.permission(for: self, at: Self.listFile) == nil
    else { return nil }
    let lines = try content.text().split(separator: "\n")
    let shells = lines.filter { $0.hasPrefix("/") }
    let present = shells.filter { line in
      guard let path = TreePath(String(line)), let landing = tree.tree.resolve(path) else {
        return false
      }
      return tree.tree[landing] != nil
    }
    guard !present.isEmpty else { return ("", true) }
    let kept = lines.filter { !$0.hasPrefix("/") || present.contains($0) }
    return (kept.map { $0 + "\n" }.joined(), present.count < shells.count)
  }
}
