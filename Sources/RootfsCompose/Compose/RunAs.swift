/// Who an image's program runs as, in numbers, so that an engine can tell root without reading the image.
struct RunAs {
  let definition: Definition

  /// `uid:gid` for the image's configuration.
  ///
  /// A name is looked up in the tree's `/etc/passwd` (and, after a colon, `/etc/group`). A bare number takes the group
  /// that the account with that number has, else the same number. Without `accounts.run-as`, a runtime image takes the
  /// recipe's first account that is not root, else 65532, and a `dev` image takes root.
  func user(in tree: FileTree) throws(ComposeError) -> String {
    guard let runAs = definition.accounts?.runAs else { return standard }
    let passwords = try AccountTable(at: AccountTable.passwordFile, in: tree)
    let groups = try AccountTable(at: AccountTable.groupFile, in: tree)
    let parts = runAs.value.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else {
      throw ComposeError(
        .invalidRecipe, runAs.location.description,
        "run-as is \"\(runAs.value.prefix(100))\"; expected a user, a number, or user:group")
    }
    let row = try account(String(parts[0]), in: passwords, "user", "/etc/passwd", runAs)
    let uid = row.id
    if parts.count == 2 {
      let group = try account(String(parts[1]), in: groups, "group", "/etc/group", runAs)
      return "\(uid):\(group.id)"
    }
    return "\(uid):\(row.row?.number(3) ?? uid)"
  }

  private var standard: String {
    if definition.variant == .dev { return "0:0" }
    guard let user = definition.accounts?.users.first(where: { $0.uid != 0 }) else {
      return "\(AccountsEffect.nonrootID):\(AccountsEffect.nonrootID)"
    }
    return "\(user.uid):\(user.gid)"
  }

  private func account(
    _ text: String, in table: AccountTable, _ what: String, _ file: String,
    _ runAs: Located<String>
  ) throws(ComposeError) -> (id: UInt32, row: AccountTable.Row?) {
    if let number = UInt32(text) { return (number, table.row(id: number)) }
    if let row = table.row(named: text), let id = row.id { return (id, row) }
    let near = nearNames(to: text, in: table.rows.map(\.name))
    let hint = near.first.map { "did you mean \"\($0)\"?" } ?? "list it under accounts"
    throw ComposeError(
      .invalidRecipe, runAs.location.description,
      "run-as names the \(what) \"\(text.prefix(64))\", which the image's \(file) does not have; \(hint)"
    )
  }
}
