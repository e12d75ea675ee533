/// tzdata: `/etc/localtime`, and `/etc/timezone` where the release still has it, with debconf's default answer.
struct LocalTime: ScriptHandler {
  let name = "time-zone"
  private static let zone = "Etc/UTC"

  func covers(_ step: ScriptStep, of package: PackageScripts, in scene: ScriptScene) -> String? {
    guard package.name == "tzdata" else { return nil }
    let paths = step.arguments.filter { !$0.hasPrefix("-") } + step.outputs.map(\.path)
    let files = ["/etc/localtime", "/etc/localtime.dpkg-new", "/etc/timezone"]
    guard ["ln", "mv", "rm", "echo", "restorecon"].contains(step.program),
      paths.contains(where: files.contains)
    else { return nil }
    return "the time zone is \(Self.zone), debconf's default answer"
  }

  func apply(
    to tree: inout ComposedTree, steps: [CoveredSteps], scene: ScriptScene
  ) throws(ComposeError) {
    let all = steps.flatMap(\.steps)
    let reason = "tzdata's postinst with its default answer"
    guard let zone = TreePath("usr/share/zoneinfo/" + Self.zone), tree.tree.resolve(zone) != nil,
      scene.exists("/usr/share/zoneinfo/" + Self.zone)
    else {
      tree.warn("tzdata: /usr/share/zoneinfo/\(Self.zone) is not in the tree; no /etc/localtime")
      return
    }
    if all.contains(where: { $0.program == "ln" }), tree.tree["etc/localtime"] == nil {
      try tree.put(
        .symlink(to: "/usr/share/zoneinfo/" + Self.zone), at: "etc/localtime", rule: name,
        reason: reason)
    }
    let writesName = all.contains { $0.outputs.contains { $0.path == "/etc/timezone" } }
    if writesName, tree.tree["etc/timezone"] == nil {
      try tree.put(.file(Self.zone + "\n"), at: "etc/timezone", rule: name, reason: reason)
    }
  }
}
