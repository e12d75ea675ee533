/// The accounts of a recipe, added to those that packages bring.
///
/// Where both name an account, the recipe's numbers stand, packages' files follow, and a warning tells the others. Root is always there, as
/// number 0. A recipe that lists no account but root gets `nonroot`, 65532. Accounts log in nowhere; those
/// with numbers from 1000 on have a home, those below are system accounts and have none.
struct AccountsEffect {
  /// The account of images that name none.
  static let nonroot = "nonroot"
  static let nonrootID: UInt32 = 65532

  private static let rule = "recipe-accounts"
  private static let firstOrdinaryID: UInt32 = 1000

  let accounts: Definition.Accounts
  /// The shell of accounts that do not log in.
  private let nologin: String
  private var passwords: AccountTable
  private var groups: AccountTable
  /// The paths made for accounts, with the place in the recipe.
  private(set) var placed: [TreePath: SourceLocation] = [:]
  private var warnings: [String] = []

  init(
    _ accounts: Definition.Accounts?, tree: FileTree, nologin: String = "/usr/sbin/nologin"
  ) throws(ComposeError) {
    self.nologin = nologin
    self.accounts = accounts ?? Definition.Accounts()
    passwords = try AccountTable(at: AccountTable.passwordFile, in: tree)
    groups = try AccountTable(at: AccountTable.groupFile, in: tree)
  }

  mutating func apply(to tree: inout ComposedTree) throws(ComposeError) {
    addRoot(tree)
    for group in accounts.groups { try add(group) }
    for user in accounts.users { try add(user) }
    let addsNonroot = !accounts.users.contains { $0.uid != 0 }
    if addsNonroot { addNonroot() }
    try addMembers(&tree)
    AccountRenumbering(
      passwords: (try AccountTable(at: AccountTable.passwordFile, in: tree.tree), passwords),
      groups: (try AccountTable(at: AccountTable.groupFile, in: tree.tree), groups)
    ).apply(to: &tree, rule: Self.rule)
    try write(&tree)
    try writeShadows(&tree)
    try makeHomes(&tree, addsNonroot: addsNonroot)
    for warning in warnings { tree.warn(warning) }
    if accounts.root == false {
      tree.warn("accounts.root is false, but the image still lists root: every image does")
    }
  }

  private mutating func addRoot(_ tree: ComposedTree) {
    if passwords.row(named: "root") == nil {
      let shells: [TreePath] = ["bin/bash", "bin/sh"]
      let shell = shells.first {
        tree.tree.resolve($0).map { tree.tree[$0]?.isRegular == true } == true
      }
      let row = ["root", "x", "0", "0", "root", "/root", shell?.description ?? nologin]
      passwords.rows.insert(.init(fields: row.map { Array($0.utf8) }), at: 0)
    }
    if groups.row(named: "root") == nil {
      groups.rows.insert(.init(fields: ["root", "x", "0", ""].map { Array($0.utf8) }), at: 0)
    }
  }

  private mutating func add(_ group: Definition.Accounts.Group) throws(ComposeError) {
    let location = group.location.description
    try checkName(group.name, "group", location)
    if let row = groups.row(named: group.name) {
      guard row.id != group.gid else { return }
      try checkNotRoot(group.name, location)
      warnings.append(
        "\(location): the group \"\(group.name)\" gets the number \(group.gid); packages gave it \(text(row, 2))"
      )
      groups.renumber(group.name, [2: group.gid])
      return
    }
    groups.append([group.name, "x", String(group.gid), ""])
  }

  private mutating func add(_ user: Definition.Accounts.User) throws(ComposeError) {
    let location = user.location.description
    try checkName(user.name, "user", location)
    if let row = passwords.row(named: user.name) {
      guard row.id != user.uid || row.number(3) != user.gid else { return }
      try checkNotRoot(user.name, location)
      warnings.append(
        "\(location): the user \"\(user.name)\" gets the numbers \(user.uid):\(user.gid); packages gave it \(text(row, 2)):\(text(row, 3))"
      )
      passwords.renumber(user.name, [2: user.uid, 3: user.gid])
      return
    }
    passwords.append([
      user.name, "x", String(user.uid), String(user.gid), "", Self.home(of: user), nologin,
    ])
    if groups.row(id: user.gid) == nil, groups.row(named: user.name) == nil {
      groups.append([user.name, "x", String(user.gid), ""])
    }
  }

  private func checkNotRoot(_ name: String, _ location: String) throws(ComposeError) {
    guard name != "root" else {
      throw ComposeError(
        .invalidRecipe, location, "root has the numbers 0:0 in every image; leave it out")
    }
  }

  private mutating func addNonroot() {
    let id = String(Self.nonrootID)
    // A package may have given the name to somebody else; the image's user is this one.
    if let row = passwords.row(named: Self.nonroot),
      row.id != Self.nonrootID || row.number(3) != Self.nonrootID
    {
      warnings.append(
        "the user \"\(Self.nonroot)\" gets the numbers \(id):\(id); packages gave it \(text(row, 2)):\(text(row, 3))"
      )
      passwords.renumber(Self.nonroot, [2: Self.nonrootID, 3: Self.nonrootID])
    }
    if passwords.row(named: Self.nonroot) == nil {
      passwords.append([Self.nonroot, "x", id, id, "", "/home/nonroot", nologin])
    }
    if groups.row(named: Self.nonroot) == nil { groups.append([Self.nonroot, "x", id, ""]) }
  }

  private mutating func addMembers(_ tree: inout ComposedTree) throws(ComposeError) {
    for group in accounts.groups {
      for member in group.members {
        try checkName(member, "member", group.location.description)
        if passwords.row(named: member) == nil {
          tree.warn("\(group.location): the group \"\(group.name)\" has no such user \"\(member)\"")
        }
        addMember(member, to: group.name)
      }
    }
  }

  private mutating func addMember(_ member: String, to group: String) {
    guard let index = groups.rows.firstIndex(where: { $0.name == group }) else { return }
    while groups.rows[index].fields.count < 4 { groups.rows[index].fields.append([]) }
    var members = groups.rows[index].fields[3].split(separator: UInt8(ascii: ",")).map(Array.init)
    guard !members.contains(Array(member.utf8)) else { return }
    members.append(Array(member.utf8))
    groups.rows[index].fields[3] = Array(members.joined(separator: [UInt8(ascii: ",")]))
  }

  private func write(_ tree: inout ComposedTree) throws(ComposeError) {
    for (path, table) in [
      (AccountTable.passwordFile, passwords), (AccountTable.groupFile, groups),
    ] {
      let place = AccountTable.location(of: path, in: tree.tree)
      let mode = tree.tree[place]?.isRegular == true ? tree.tree[place]?.mode ?? 0o644 : 0o644
      if tree.tree[place]?.content == table.content { continue }
      try tree.put(
        .file(table.content, mode: mode), at: place, rule: Self.rule,
        reason: "accounts of the image")
    }
  }

  /// Where the image has `/etc/shadow` and `/etc/gshadow`, every account has its line there, without a password: for
  /// PAM an account without one is broken, and pwck(8) and grpck(8) say so.
  private func writeShadows(_ tree: inout ComposedTree) throws(ComposeError) {
    try shadow(passwords, in: AccountTable.shadowFile, of: &tree) { row, standing in
      standing == nil ? [row.name, "!", "", "", "", "", "", "", ""] : nil
    }
    let named = Set(accounts.groups.map(\.name))
    try shadow(groups, in: AccountTable.groupShadowFile, of: &tree) { row, standing in
      let members = row.fields.count > 3 ? String(decoding: row.fields[3], as: UTF8.self) : ""
      guard let standing else { return [row.name, "!", "", members] }
      guard named.contains(row.name), standing.fields.count == 4 else { return nil }
      return standing.fields.prefix(3).map { String(decoding: $0, as: UTF8.self) } + [members]
    }
  }

  /// Gives each row of a table the line that `line` makes of it and of the one that stands; nil leaves that as it is.
  private func shadow(
    _ table: AccountTable, in path: TreePath, of tree: inout ComposedTree,
    _ line: (AccountTable.Row, AccountTable.Row?) -> [String]?
  ) throws(ComposeError) {
    let place = AccountTable.location(of: path, in: tree.tree)
    guard tree.tree[place]?.isRegular == true else { return }
    var hidden = try AccountTable(at: path, in: tree.tree)
    for row in table.rows where row.fields.count > 2 {
      let index = hidden.rows.firstIndex { $0.name == row.name }
      guard let fields = line(row, index.map { hidden.rows[$0] }) else { continue }
      if let index {
        hidden.rows[index].fields = fields.map { Array($0.utf8) }
      } else {
        hidden.append(fields)
      }
    }
    let content = hidden.content
    tree.change(place, rule: Self.rule, reason: "accounts of the image") {
      if $0.content != content { $0.kind = .regular(content, linkGroup: nil) }
    }
  }

  private mutating func makeHomes(
    _ tree: inout ComposedTree, addsNonroot: Bool
  ) throws(ComposeError) {
    if tree.tree["root"] == nil {
      try tree.put(.directory(mode: 0o700), at: "root", rule: Self.rule, reason: "home of root")
    }
    for user in accounts.users where user.uid >= Self.firstOrdinaryID {
      guard let row = passwords.row(named: user.name), row.fields.count > 5,
        let path = TreePath(row.fields[5]), path.isWithin("home"), path != "home"
      else { continue }
      let entry = FileEntry.directory(mode: user.mode ?? 0o700, uid: user.uid, gid: user.gid)
      try tree.put(entry, at: path, rule: Self.rule, reason: "home of \(user.name)")
      placed[path] = user.location
    }
    guard addsNonroot, tree.tree["home/nonroot"] == nil else { return }
    let entry = FileEntry.directory(mode: 0o700, uid: Self.nonrootID, gid: Self.nonrootID)
    try tree.put(entry, at: "home/nonroot", rule: Self.rule, reason: "home of nonroot")
  }

  private static func home(of user: Definition.Accounts.User) -> String {
    if user.uid == 0 { return "/root" }
    return user.uid < firstOrdinaryID ? "/nonexistent" : "/home/\(user.name)"
  }

  /// What useradd accepts and a line of passwd can hold. Source: useradd(8).
  private func checkName(
    _ name: String, _ what: String, _ location: String
  ) throws(ComposeError) {
    let bytes = Array(name.utf8)
    let isSound =
      !bytes.isEmpty && bytes.count <= 32 && bytes[0] != UInt8(ascii: "-")
      && !bytes.allSatisfy { (48...57).contains($0) }
      && bytes.enumerated().allSatisfy { index, byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        case UInt8(ascii: "."): index > 0
        case UInt8(ascii: "$"): index == bytes.count - 1 && index > 0
        default: false
        }
      }
    guard isSound else {
      throw ComposeError(
        .invalidRecipe, location,
        """
        the \(what) name "\(name.prefix(64))" is not one; expected at most 32 letters, digits, "_", "-" and "."
        """)
    }
  }

  private func text(_ row: AccountTable.Row, _ index: Int) -> String {
    row.fields.indices.contains(index)
      ? String(decoding: row.fields[index], as: UTF8.self) : "nothing"
  }
}
