/// An account whose shell is not in the image must not log in; root and an account that is not root must be there.
struct AccountsRule: HardeningRule {
  let name = "accounts"
  let summary = "gives accounts without a shell nologin, and asks for root and one other account"
  let runsLast = true

  private static let nologin = "/usr/sbin/nologin"
  private static let harmless: Set<String> = [
    nologin, "/sbin/nologin", "/bin/false", "/usr/bin/false",
  ]

  func apply(to tree: inout ComposedTree, context: HardeningContext) throws(ComposeError) {
    let path = AccountTable.passwordFile
    if let permission = context.permission(for: self, at: path) {
      tree.keep(path, rule: name, reason: permission)
      return
    }
    var table = try AccountTable(at: path, in: tree.tree)
    var changed = [String]()
    for index in table.rows.indices where lacksShell(table.rows[index], tree.tree) {
      changed.append(table.rows[index].name)
      table.rows[index].fields[6] = Array(Self.nologin.utf8)
    }
    guard !changed.isEmpty else { return }
    let content = table.content
    let names = changed.joined(separator: ", ")
    tree.change(
      AccountTable.location(of: path, in: tree.tree), rule: name,
      reason: "no shell in the image for \(names)"
    ) { $0.kind = .regular(content, linkGroup: nil) }
  }

  func violations(
    in tree: ComposedTree, context: HardeningContext
  ) throws(ComposeError) -> [TreePath] {
    let path = AccountTable.passwordFile
    guard context.permission(for: self, at: path) == nil else { return [] }
    let table = try AccountTable(at: path, in: tree.tree)
    let ids = table.rows.map { (name: $0.name, id: $0.id) }
    let hasRoot = ids.contains { $0.name == "root" && $0.id == 0 }
    let hasOther = ids.contains { ($0.id ?? 0) != 0 }
    let isSound = hasRoot && hasOther && !table.rows.contains { lacksShell($0, tree.tree) }
    return isSound ? [] : [path]
  }

  private func lacksShell(_ row: AccountTable.Row, _ tree: FileTree) -> Bool {
    guard row.fields.count == 7 else { return false }
    var shell = String(decoding: row.fields[6], as: UTF8.self)
    if Self.harmless.contains(shell) { return false }
    // An empty field stands for /bin/sh. Source: passwd(5).
    if shell.isEmpty { shell = "/bin/sh" }
    guard let path = TreePath(shell), let landing = tree.resolve(path) else { return true }
    return tree[landing]?.isRegular != true
  }
}
