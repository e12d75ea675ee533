/// `update-alternatives --install`: the link in `/etc/alternatives` and the link that programs use.
///
/// The highest priority wins, among equals the first registered; a slave is made where its file is there. No
/// alternative is made whose file is not in the tree. Its records under `/var/lib/dpkg/alternatives` are a package
/// manager's: development variants get them, runtime ones do not.
/// Source: update-alternatives(1).
struct Alternatives: ScriptHandler {
  let name = "alternatives"

  func covers(_ step: ScriptStep, of package: PackageScripts, in scene: ScriptScene) -> String? {
    guard step.program == "update-alternatives", step.outputs.isEmpty else { return nil }
    let removals = ["--remove", "--remove-all", "--auto", "--query", "--display", "--list"]
    if step.arguments.contains(where: removals.contains) {
      return "no alternative is registered before a first installation"
    }
    guard let choice = AlternativeChoice(step) else { return nil }
    return "registers \(choice.path) for \(choice.link)"
  }

  func apply(
    to tree: inout ComposedTree, steps: [CoveredSteps], scene: ScriptScene
  ) throws(ComposeError) {
    var order: [String] = []
    var choices: [String: [AlternativeChoice]] = [:]
    for step in steps.flatMap(\.steps) {
      guard let choice = AlternativeChoice(step) else { continue }
      if choices[choice.name] == nil { order.append(choice.name) }
      // Registered again, as `configure` and a trigger may: the later one replaces it.
      choices[choice.name, default: []].removeAll { $0.path == choice.path }
      choices[choice.name, default: []].append(choice)
    }
    for each in order {
      try make(choices[each] ?? [], in: &tree, writesState: !scene.context.isRuntime)
    }
  }

  private func make(
    _ choices: [AlternativeChoice], in tree: inout ComposedTree, writesState: Bool
  ) throws(ComposeError) {
    let present = choices.filter { Self.exists($0.path, in: tree.tree) }
    guard
      let best = present.enumerated().min(by: {
        $0.element.priority == $1.element.priority
          ? $0.offset < $1.offset : $0.element.priority > $1.element.priority
      })?.element
    else { return }
    let reason = "\(best.path) has the highest priority, \(best.priority)"
    try link(best.link, best.name, best.path, in: &tree, reason: reason)
    for slave in best.slaves where Self.exists(slave.path, in: tree.tree) {
      try link(slave.link, slave.name, slave.path, in: &tree, reason: "goes with \(best.name)")
    }
    if writesState, let path = TreePath("var/lib/dpkg/alternatives/" + best.name) {
      try tree.put(
        .file(AlternativeRecord(choices: present).text), at: path, rule: name,
        reason: "update-alternatives' record")
    }
  }

  private static func exists(_ path: String, in tree: FileTree) -> Bool {
    guard let raw = TreePath(path), let place = tree.resolve(raw) else { return false }
    return tree[place] != nil
  }

  private func link(
    _ link: String, _ alternative: String, _ target: String, in tree: inout ComposedTree,
    reason: String
  ) throws(ComposeError) {
    guard let middle = TreePath("etc/alternatives/" + alternative),
      let place = TreePath(link).flatMap({ tree.tree.resolve($0, followLast: false) })
    else { return }
    if let there = tree.tree[place], !there.isSymlink {
      tree.warn("\(link): a package ships this file; the alternative \(alternative) is not linked")
      return
    }
    try tree.put(.symlink(to: target), at: middle, rule: name, reason: reason)
    try tree.put(
      .symlink(to: "/etc/alternatives/" + alternative), at: place, rule: name, reason: reason)
  }
}

/// One `--install` with its slaves.
struct AlternativeChoice {
  struct Slave {
    let link: String
    let name: String
    let path: String
  }

  let link: String
  let name: String
  let path: String
  let priority: Int
  private(set) var slaves: [Slave] = []

  /// Nil where a word is not known or is no `--install`.
  init?(_ step: ScriptStep) {
    guard step.program == "update-alternatives", step.isResolved else { return nil }
    var rest = step.arguments
    while let option = rest.first, ["--quiet", "--force", "--verbose"].contains(option) {
      rest = rest.dropFirst()
    }
    guard rest.popFirst() == "--install", rest.count >= 4, let link = rest.popFirst(),
      let name = rest.popFirst(), let path = rest.popFirst(),
      let priority = rest.popFirst().flatMap({ Int($0) }), Self.isName(name),
      Self.isPath(link), Self.isPath(path)
    else { return nil }
    self.link = link
    self.name = name
    self.path = path
    self.priority = priority
    while let option = rest.popFirst() {
      guard option == "--slave" || option == "--follower", rest.count >= 3,
        let slaveLink = rest.popFirst(), let slaveName = rest.popFirst(),
        let slavePath = rest.popFirst(), Self.isName(slaveName), Self.isPath(slaveLink),
        Self.isPath(slavePath)
      else { return nil }
      slaves.append(Slave(link: slaveLink, name: slaveName, path: slavePath))
    }
  }

  private static func isName(_ text: String) -> Bool {
    let ends = [UInt8(ascii: "/"), UInt8(ascii: "\n")]
    return !text.isEmpty && !text.utf8.contains(where: ends.contains) && text != "." && text != ".."
  }

  private static func isPath(_ text: String) -> Bool {
    text.hasPrefix("/") && !text.utf8.contains(UInt8(ascii: "\n")) && TreePath(text) != nil
  }
}

/// The file that `update-alternatives` keeps for one name.
///
/// Source: dpkg's alternatives records: mode, link, the slaves' names and links in the names' order, and for each
/// choice its path, priority and slaves' paths in the same order.
struct AlternativeRecord {
  let choices: [AlternativeChoice]

  var text: String {
    var links: [String: String] = [:]
    for slave in choices.flatMap(\.slaves) { links[slave.name] = slave.link }
    let names = links.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    var lines = ["auto", choices.first?.link ?? ""]
    for name in names { lines += [name, links[name] ?? ""] }
    lines.append("")
    let sorted = choices.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    for choice in sorted {
      lines += [choice.path, String(choice.priority)]
      for name in names { lines.append(choice.slaves.first { $0.name == name }?.path ?? "") }
    }
    lines.append("")
    return lines.joined(separator: "\n") + "\n"
  }
}
