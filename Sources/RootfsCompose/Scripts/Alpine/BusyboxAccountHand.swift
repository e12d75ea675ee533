/// Adds accounts to a tree as busybox adds them to a system.
///
/// Source: busybox, loginutils/adduser.c, addgroup.c and libbb/update_passwd.c; the login shell of system users is
/// Alpine's own.
struct BusyboxAccountHand {
  var tree: ComposedTree
  let rule: String
  let context: ScriptContext
  var package = ""
  var script = ""

  /// The most files that a new home directory gets.
  private static let maximumSkeleton = 1024
  private static let systemNumbers: ClosedRange<UInt32> = 100...999
  private static let otherNumbers = 1000...BusyboxAccountRequest.lastNumber

  private var reason: String { "\(package)'s \(script)" }

  /// Throws ``ComposeError`` where the accounts cannot be read.
  mutating func perform(_ request: BusyboxAccountRequest) throws(ComposeError) {
    switch request.kind {
    case .group: try addGroup(request.name, request.number, isSystem: request.isSystem)
    case .user: try addUser(request)
    case .member(let group): try join(request.name, group)
    }
  }

  private mutating func addGroup(
    _ name: String, _ number: UInt32?, isSystem: Bool
  ) throws(ComposeError) {
    var groups = try AccountTable(at: AccountTable.groupFile, in: tree.tree)
    guard groups.row(named: name) == nil else { return }
    guard isThere(AccountTable.groupFile) else { return refuse(name, without: "/etc/group") }
    guard let gid = Self.free(number, isSystem, { groups.row(id: $0) != nil }) else {
      return refuse(name, number.map { "the number \($0) is taken" } ?? "no number is free")
    }
    groups.append([name, "x", String(gid), ""])
    try write(groups, to: AccountTable.groupFile)
    try setLine([name, "!", "", ""], in: AccountTable.groupShadowFile)
  }

  private mutating func addUser(_ request: BusyboxAccountRequest) throws(ComposeError) {
    let name = request.name
    var users = try AccountTable(at: AccountTable.passwordFile, in: tree.tree)
    let groups = try AccountTable(at: AccountTable.groupFile, in: tree.tree)
    guard users.row(named: name) == nil else { return }
    guard isThere(AccountTable.passwordFile) else {
      return refuse(name, without: "/etc/passwd")
    }
    let groupName = request.group ?? (request.isSystem ? "nogroup" : nil)
    let group = groupName.flatMap { name in groups.row(named: name)?.id }
    if let groupName, group == nil { return refuse(name, "its group \(groupName) is not known") }
    if group == nil, groups.row(named: name) != nil {
      return refuse(name, "a group of that name is there")
    }
    let uid = Self.free(request.number, request.isSystem) { number in
      users.row(id: number) != nil || (group == nil && groups.row(id: number) != nil)
    }
    guard let uid else {
      let number = request.number
      return refuse(name, number.map { "the number \($0) is taken" } ?? "no number is free")
    }
    let gid = group ?? uid
    let home = request.home ?? "/home/" + name
    users.append([
      name, "x", String(uid), String(gid), request.comment ?? "Linux User,,,", home,
      request.shell ?? (request.isSystem ? "/sbin/nologin" : Self.defaultShell(users)),
    ])
    try write(users, to: AccountTable.passwordFile)
    let days = String(max(0, context.epoch / 86_400))
    try setLine(
      [name, "!", days, "0", "99999", "7", "", "", ""], in: AccountTable.shadowFile)
    if let groupName {
      try join(name, groupName)
    } else {
      try addGroup(name, gid, isSystem: false)
    }
    if request.makesHome { try makeHome(home, request.skeleton, uid, gid) }
  }

  /// Other users get root's shell.
  private static func defaultShell(_ users: AccountTable) -> String {
    guard let root = users.row(id: 0), root.fields.count > 6, !root.fields[6].isEmpty else {
      return "/bin/sh"
    }
    return String(decoding: root.fields[6], as: UTF8.self)
  }

  private mutating func join(_ user: String, _ group: String) throws(ComposeError) {
    var groups = try AccountTable(at: AccountTable.groupFile, in: tree.tree)
    guard try AccountTable(at: AccountTable.passwordFile, in: tree.tree).row(named: user) != nil,
      let index = groups.rows.firstIndex(where: { $0.fields.count > 3 && $0.name == group })
    else { return refuse(user, "it or the group \(group), which it joins, is not known") }
    let members = groups.rows[index].fields[3].split(separator: UInt8(ascii: ","))
    guard !members.contains(where: { $0.elementsEqual(user.utf8) }) else { return }
    groups.rows[index].addMember(user)
    try write(groups, to: AccountTable.groupFile)
    var shadow = try AccountTable(at: AccountTable.groupShadowFile, in: tree.tree)
    guard let row = shadow.rows.firstIndex(where: { $0.fields.count > 3 && $0.name == group })
    else { return }
    shadow.rows[row].addMember(user)
    try write(shadow, to: AccountTable.groupShadowFile)
  }

  private static func free(
    _ wanted: UInt32?, _ isSystem: Bool, _ isTaken: (UInt32) -> Bool
  ) -> UInt32? {
    if let wanted { return isTaken(wanted) ? nil : wanted }
    return (isSystem ? systemNumbers : otherNumbers).first { !isTaken($0) }
  }

  private mutating func refuse(_ name: String, _ why: String) {
    tree.warn("\(name): \(reason) adds this account, and \(why); it is not added")
  }

  private mutating func refuse(_ name: String, without file: String) {
    tree.warn(
      "\(name): \(reason) adds this account, and \(file) is not there; it is not added: name "
        + "alpine-baselayout-data among the packages, or give the account under accounts")
  }

  private func isThere(_ path: TreePath) -> Bool {
    tree.tree[AccountTable.location(of: path, in: tree.tree)]?.isRegular == true
  }

  /// Puts a line into a shadow file in place of the name's own; a file that is not there is not wanted.
  private mutating func setLine(_ fields: [String], in path: TreePath) throws(ComposeError) {
    guard isThere(path), let name = fields.first else { return }
    var table = try AccountTable(at: path, in: tree.tree)
    let row = AccountTable.Row(fields: fields.map { Array($0.utf8) })
    if let index = table.rows.firstIndex(where: { $0.fields.count > 1 && $0.name == name }) {
      table.rows[index] = row
    } else {
      table.rows.append(row)
    }
    try write(table, to: path)
  }

  /// Replaces a file by a new one of its mode and owner; a development image keeps the old one as busybox does, with
  /// a hyphen behind its name.
  private mutating func write(_ table: AccountTable, to path: TreePath) throws(ComposeError) {
    let place = AccountTable.location(of: path, in: tree.tree)
    guard let old = tree.tree[place], old.isRegular else { return }
    if !context.isRuntime, let backup = TreePath(place.bytes + [UInt8(ascii: "-")]) {
      try tree.put(old, at: backup, rule: rule, reason: "the file before \(reason)")
    }
    var new = FileEntry.file(table.content, mode: old.mode & 0o777)
    new.uid = old.uid
    new.gid = old.gid
    try tree.put(new, at: place, rule: rule, reason: reason)
  }
}

extension BusyboxAccountHand {
  /// The home directory: made where its parent is there, with the skeleton's files; mode 2755, the user's own.
  ///
  /// That stands where the package itself ships the directory too: see ``ShippedDirectories``.
  private mutating func makeHome(
    _ path: String, _ skeleton: String, _ uid: UInt32, _ gid: UInt32
  ) throws(ComposeError) {
    let outside = ["/dev", "/proc", "/sys"]
    guard path.hasPrefix("/"), !outside.contains(where: { path == $0 || path.hasPrefix($0 + "/") }),
      let home = TreePath(path).flatMap({ tree.tree.resolve($0) }), !home.isRoot
    else { return }
    guard let standing = tree.tree[home] else {
      guard tree.tree[home.parent]?.isDirectory == true else { return }
      try put(.directory(mode: 0o2755, uid: uid, gid: gid), home)
      return try copySkeleton(skeleton, to: home, uid, gid)
    }
    guard standing.isDirectory else { return }
    tree.change(home, rule: rule, reason: reason) { entry in
      entry.uid = uid
      entry.gid = gid
      entry.mode = 0o2755
    }
  }

  private mutating func copySkeleton(
    _ path: String, to home: TreePath, _ uid: UInt32, _ gid: UInt32
  ) throws(ComposeError) {
    guard let skeleton = TreePath(path).flatMap({ tree.tree.resolve($0) }),
      !home.isWithin(skeleton)
    else { return }
    let sources = tree.tree.paths(below: skeleton)
    guard sources.count <= Self.maximumSkeleton else {
      tree.warn("\(path): holds over \(Self.maximumSkeleton) files; \(home) gets none of them")
      return
    }
    for source in sources {
      guard var entry = tree.tree[source], let below = source.relative(to: skeleton) else {
        continue
      }
      if case .regular(let content, _) = entry.kind {
        entry.kind = .regular(content, linkGroup: nil)
      }
      if !entry.isSymlink {
        entry.uid = uid
        entry.gid = gid
      }
      entry.mtime = FileEntry.atEpoch
      try put(entry, home.appending(below))
    }
  }

  private mutating func put(_ entry: FileEntry, _ path: TreePath) throws(ComposeError) {
    try tree.put(entry, at: path, rule: rule, reason: reason)
  }
}

extension AccountTable.Row {
  /// Appends a name to the list of members, the last field of a group's line.
  fileprivate mutating func addMember(_ name: String) {
    guard let last = fields.indices.last else { return }
    if !fields[last].isEmpty { fields[last].append(UInt8(ascii: ",")) }
    fields[last] += Array(name.utf8)
  }
}
