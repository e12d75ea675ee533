/// The links that `busybox --install -s` makes for its applets, those of `busybox-extras`, and those of `bbsuid` for
/// the applets that need a set-user-ID program.
///
/// busybox links what stands nowhere yet and makes no directory. bbsuid takes other links' places, files' not.
/// Source: busybox, `install_links` in libbb/appletlib.c, with Alpine's list in `/etc/busybox-paths.d`; bbsuid's own
/// behaviour (package busybox-suid).
struct BusyboxLinks: ScriptHandler {
  let name = "busybox-links"

  private struct Program {
    let name: String
    var path: String { "/bin/" + name }
    var isSetuid: Bool { name == "bbsuid" }

    init?(_ step: ScriptStep) {
      let arguments = Array(step.arguments)
      switch step.program {
      case "busybox", "busybox-extras": guard arguments == ["--install", "-s"] else { return nil }
      case "bbsuid": guard arguments == ["--install"] else { return nil }
      default: return nil
      }
      name = step.program
    }
  }

  func covers(_ step: ScriptStep, of package: PackageScripts, in scene: ScriptScene) -> String? {
    guard step.outputs.isEmpty, step.isCertain, let program = Program(step),
      scene.entry(program.path)?.isRegular == true
    else { return nil }
    return "links \(program.name)'s applets to \(program.path)"
  }

  func apply(
    to tree: inout ComposedTree, steps: [CoveredSteps], scene: ScriptScene
  ) throws(ComposeError) {
    // Nothing here takes a link away again, so that a second time would change nothing.
    var done = Set<String>()
    for covered in steps {
      for step in covered.steps {
        guard let program = Program(step), done.insert(program.name).inserted else { continue }
        for path in try links(of: program, &tree) {
          try link(
            path, to: program, in: &tree,
            reason: "\(covered.package.name)'s \(step.script) links \(program.name)'s applets")
        }
      }
    }
  }

  private func link(
    _ path: TreePath, to program: Program, in tree: inout ComposedTree, reason: String
  ) throws(ComposeError) {
    guard let place = tree.tree.resolve(path, followLast: false),
      tree.tree[place.parent]?.isDirectory == true
    else { return }
    let standing = tree.tree[place]
    guard standing == nil || (program.isSetuid && standing?.isSymlink == true) else { return }
    try tree.put(.symlink(to: program.path), at: place, rule: name, reason: reason)
  }

  private func links(
    of program: Program, _ tree: inout ComposedTree
  ) throws(ComposeError) -> [TreePath] {
    if let listed = try Self.listed(program, tree.tree) { return listed }
    guard let path = TreePath(program.path), let place = tree.tree.resolve(path),
      let content = tree.tree[place]?.content, content.count <= BusyboxBinary.maximumSize
    else { return [] }
    let binary = BusyboxBinary(try content.bytes())
    if program.isSetuid { return binary.linkedPaths }
    guard let applets = binary.applets else {
      tree.warn("\(program.path): no table of applets is found in it; they are not linked")
      return []
    }
    var unknown: [String] = []
    let links = applets.compactMap { applet -> TreePath? in
      guard let folder = BusyboxApplets.folder(of: applet) else {
        unknown.append(applet)
        return nil
      }
      return TreePath(folder + "/" + applet)
    }
    if !unknown.isEmpty {
      tree.warn(
        "\(program.path): where its applets \(unknown.prefix(20).joined(separator: ", ")) are "
          + "linked is not known; they are not")
    }
    return links
  }

  /// The paths in `/etc/busybox-paths.d`; nil where the package has no such list.
  private static func listed(_ program: Program, _ tree: FileTree) throws(ComposeError)
    -> [TreePath]?
  {
    guard let path = TreePath("etc/busybox-paths.d/" + program.name),
      let place = tree.resolve(path), let content = tree[place]?.content,
      content.count <= 1 << 18
    else { return nil }
    let lines = try content.bytes().split(separator: UInt8(ascii: "\n"))
    return lines.compactMap { TreePath($0) }.filter { !$0.isRoot }
  }
}
