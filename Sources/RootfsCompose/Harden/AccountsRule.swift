/// An account whose shell is not in the image must not log in, and none must log in without a password; root and an
/// account that is not root must be there.
///
/// Alpine ships root with an empty password, which lets everyone become root who finds a program that asks for it.
struct AccountsRule: HardeningRule {
  let name = "accounts"
  let summary =
    "gives accounts without a shell nologin, locks empty passwords, and asks for root and one other account"
  let runsLast = true

  private static let nologins = ["/usr/sbin/nologin", "/sbin/nologin"]
  private static let harmless: Set<String> = [
    nologins[0], nologins[1], "/bin/false", "/usr/bin/false",
  ]

  /// Stands in the place of a password and is that of none. Source: shadow(5).
  private static let locked = Array("*".utf8)

  func apply(to tree: inout ComposedTree, context: HardeningContext) throws(ComposeError) {
    try shutOut(&tree, context)
    for path in [AccountTable.passwordFile, AccountTable.shadowFile] {
      try lock(path, &tree, context)
    }
  }

  private func shutOut(
    _ tree: inout ComposedTree, _ context: HardeningContext
  ) throws(ComposeError) {
    let path = AccountTable.passwordFile
    if let permission = context.permission(for: self, at: path) {
      tree.keep(path, rule: name, reason: permission)
      return
    }
    var table = try AccountTable(at: path, in: tree.tree)
    var changed = [String]()
    // Debian and Alpine keep the program in different places; the other accounts show where.
    let shells = table.rows.filter { $0.fields.count == 7 }
      .map { String(decoding: $0.fields[6], as: UTF8.self) }
    let nologin = shells.first(where: Self.nologins.contains) ?? Self.nologins[0]
    for index in table.rows.indices where lacksShell(table.rows[index], tree.tree) {
      changed.append(table.rows[index].name)
      table.rows[index].fields[6] = Array(nologin.utf8)
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
    var open = [TreePath]()
    for path in [AccountTable.passwordFile, AccountTable.shadowFile]
    where context.permission(for: self, at: path) == nil {
      let table = try AccountTable(at: path, in: tree.tree)
      if table.rows.contains(where: Self.isOpen) { open.append(path) }
    }
    let path = AccountTable.passwordFile
    guard context.permission(for: self, at: path) == nil else { return open }
    let table = try AccountTable(at: path, in: tree.tree)
    let ids = table.rows.map { (name: $0.name, id: $0.id) }
    let hasRoot = ids.contains { $0.name == "root" && $0.id == 0 }
    let hasOther = ids.contains { ($0.id ?? 0) != 0 }
    let isSound = hasRoot && hasOther && !table.rows.contains { lacksShell($0, tree.tree) }
    return isSound || open.contains(path) ? open : [path] + open
  }

  /// Puts an asterisk into the empty password fields of a table.
  private func lock(
    _ path: TreePath, _ tree: inout ComposedTree, _ context: HardeningContext
  ) throws(ComposeError) {
    var table = try AccountTable(at: path, in: tree.tree)
    let open = table.rows.indices.filter { Self.isOpen(table.rows[$0]) }
    if open.isEmpty { return }
    if let permission = context.permission(for: self, at: path) {
      tree.keep(path, rule: name, reason: permission)
      return
    }
    let names = open.map { table.rows[$0].name }.joined(separator: ", ")
    for index in open { table.rows[index].fields[1] = Self.locked }
    let content = table.content
    tree.change(
      AccountTable.location(of: path, in: tree.tree), rule: name,
      reason: "no password for \(names)"
    ) { $0.kind = .regular(content, linkGroup: nil) }
  }

  private static func isOpen(_ row: AccountTable.Row) -> Bool {
    row.fields.count > 2 && !row.name.isEmpty && row.fields[1].isEmpty
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
