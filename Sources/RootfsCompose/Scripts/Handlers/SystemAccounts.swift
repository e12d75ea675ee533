/// System users and groups that scripts ask for with `adduser --system` and `addgroup --system`, and the shadow
/// files of the passwd package.
///
/// `/etc/shadow` and `/etc/gshadow` are made only where `passwd` itself is installed and asks for them: without
/// its programs nothing in an image reads or changes a password, and a `*` in `/etc/passwd` locks the account.
/// Source: adduser(8), shadowconfig(8), shadow(5), gshadow(5).
struct SystemAccounts: ScriptHandler {
  let name = "system-accounts"

  func covers(_ step: ScriptStep, of package: PackageScripts, in scene: ScriptScene) -> String? {
    switch step.program {
    case "shadowconfig":
      return step.arguments == ["on"] ? "makes /etc/shadow and /etc/gshadow" : nil
    case "groupadd":
      guard step.isResolved, step.arguments.count == 3, step.arguments.first == "-g",
        let gid = step.arguments.dropFirst().first.flatMap({ UInt32($0) }),
        let group = step.arguments.last, AccountNames.isFixed(group: group, gid: gid)
      else { return nil }
      return "the group \(group) is one of base-passwd's"
    case "adduser", "addgroup":
      guard let request = AccountRequest(step) else { return nil }
      return "adds the system \(request.isGroup ? "group" : "user") \(request.name)"
    default: return nil
    }
  }

  func apply(
    to tree: inout ComposedTree, steps: [CoveredSteps], scene: ScriptScene
  ) throws(ComposeError) {
    for covered in steps {
      for step in covered.steps {
        guard let request = AccountRequest(step) else { continue }
        try add(request, to: &tree, reason: "\(covered.package.name)'s \(step.script)")
      }
    }
    let asksForShadow = steps.contains { $0.steps.contains { $0.program == "shadowconfig" } }
    if asksForShadow { try makeShadow(in: &tree, days: max(0, scene.context.epoch / 86_400)) }
  }

  private func add(
    _ request: AccountRequest, to tree: inout ComposedTree, reason: String
  ) throws(ComposeError) {
    var accounts = try AccountNames(tree.tree)
    let makesGroup = request.isGroup || (request.makesGroup && request.group == nil)
    if makesGroup, !accounts.hasGroup(request.name) {
      guard let gid = free(request.number, { accounts.isTaken(gid: $0) }) else {
        tree.warn("\(request.name): no free number for a system group between 100 and 999")
        return
      }
      try append("\(request.name):x:\(gid):", to: "etc/group", in: &tree, reason: reason)
      accounts = try AccountNames(tree.tree)
    }
    if request.isGroup || accounts.hasUser(request.name) { return }
    let group = makesGroup ? request.name : request.group ?? "nogroup"
    guard let gid = accounts.gid(of: group),
      let uid = free(request.number, { accounts.isTaken(uid: $0) })
    else {
      tree.warn("\(request.name): \(reason) adds this user, and its group \(group) is not known")
      return
    }
    let line = [
      request.name, "x", String(uid), String(gid), request.comment,
      request.home ?? "/nonexistent", request.shell ?? "/usr/sbin/nologin",
    ].joined(separator: ":")
    try append(line, to: "etc/passwd", in: &tree, reason: reason)
    guard request.makesHome, let home = request.home, home != "/nonexistent",
      let path = TreePath(home).flatMap({ tree.tree.resolve($0) }), tree.tree[path] == nil
    else { return }
    try tree.put(
      .directory(mode: 0o755, uid: uid, gid: gid), at: path, rule: name, reason: reason)
  }

  private func free(_ wanted: UInt32?, _ isTaken: (UInt32) -> Bool) -> UInt32? {
    if let wanted { return wanted }
    return (100...999).first { !isTaken($0) }
  }

  private func append(
    _ line: String, to path: TreePath, in tree: inout ComposedTree, reason: String
  ) throws(ComposeError) {
    var text = try tree.tree[path]?.content?.text() ?? ""
    if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
    try tree.put(.file(text + line + "\n"), at: path, rule: name, reason: reason)
  }

  private func makeShadow(in tree: inout ComposedTree, days: Int64) throws(ComposeError) {
    try shadow("etc/passwd", "etc/shadow", in: &tree) { fields, password in
      "\(fields[0]):\(password):\(days):0:99999:7:::"
    }
    try shadow("etc/group", "etc/gshadow", in: &tree) { fields, password in
      "\(fields[0]):\(password)::\(fields.count > 3 ? fields[3] : "")"
    }
  }

  private func shadow(
    _ path: TreePath, _ shadowPath: TreePath, in tree: inout ComposedTree,
    line: ([Substring], String) -> String
  ) throws(ComposeError) {
    guard let content = tree.tree[path]?.content, tree.tree[shadowPath] == nil else { return }
    var open: [String] = []
    var hidden: [String] = []
    for text in try content.text().split(separator: "\n") {
      var fields = text.split(separator: ":", omittingEmptySubsequences: false)
      guard fields.count >= 3 else {
        open.append(String(text))
        continue
      }
      hidden.append(line(fields, fields[1] == "x" ? "!" : String(fields[1])))
      fields[1] = "x"
      open.append(fields.joined(separator: ":"))
    }
    let reason = "passwd's postinst turns shadow passwords on"
    try tree.put(
      .file(open.joined(separator: "\n") + "\n"), at: path, rule: name, reason: reason)
    let bytes = Array((hidden.joined(separator: "\n") + "\n").utf8)
    try tree.put(
      .file(Content(bytes), mode: 0o640, gid: 42), at: shadowPath, rule: name, reason: reason)
  }
}

/// `adduser --system` or `addgroup --system`, read.
struct AccountRequest {
  private(set) var name = ""
  private(set) var isGroup: Bool
  private(set) var makesGroup = false
  private(set) var group: String?
  private(set) var home: String?
  private(set) var makesHome = true
  private(set) var shell: String?
  private(set) var comment = ""
  private(set) var number: UInt32?

  /// Nil where a word is not known, an option is not, or the account is no system account.
  init?(_ step: ScriptStep) {
    guard step.isResolved, step.program == "adduser" || step.program == "addgroup" else {
      return nil
    }
    isGroup = step.program == "addgroup"
    var isSystem = false
    var names: [String] = []
    var rest = step.arguments
    while let argument = rest.popFirst() {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      guard argument.hasPrefix("--") else {
        names.append(argument)
        continue
      }
      func value() -> String? { parts.count > 1 ? parts[1] : rest.popFirst() }
      switch parts[0] {
      case "--system": isSystem = true
      case "--quiet", "--force-badname", "--allow-badname", "--allow-bad-names", "--disabled-login",
        "--disabled-password", "--allow-all-names":
        break
      case "--no-create-home": makesHome = false
      case "--group": makesGroup = true
      case "--ingroup": group = value()
      case "--home": home = value()
      case "--shell": shell = value()
      case "--gecos", "--comment": comment = value() ?? ""
      case "--uid", "--gid":
        guard let wanted = value().flatMap({ UInt32($0) }), wanted < 65_536 else { return nil }
        number = wanted
      default: return nil
      }
    }
    let allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
    let texts = [home ?? "", shell ?? "", comment]
    guard isSystem, names.count == 1, !names[0].isEmpty, names[0].count <= 32,
      names[0].allSatisfy({ allowed.contains($0) }),
      AccountTable.areFields(texts)
    else { return nil }
    name = names[0]
    if makesGroup, step.arguments.contains("--no-create-home"), isGroup { makesGroup = false }
  }
}
