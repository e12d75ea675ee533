/// `/etc/shells`, as busybox's `add-shell` and `remove-shell` change it.
///
/// Lines that a script appends are taken too, so that all stand in their order.
/// Source: busybox, loginutils/add-remove-shell.c: a shell that the file has is not added; each other one is, at its
/// end and in the order named.
struct BusyboxShells: ScriptHandler {
  let name = "login-shells"
  private static let file: TreePath = "etc/shells"
  /// The largest file read, in bytes.
  private static let maximumSize = 1 << 16

  func covers(_ step: ScriptStep, of package: PackageScripts, in scene: ScriptScene) -> String? {
    if Self.appended(by: step) != nil { return "writes /etc/shells" }
    guard step.isResolved, step.outputs.isEmpty,
      !step.arguments.contains(where: { $0.utf8.contains(UInt8(ascii: "\n")) })
    else { return nil }
    let shells = step.arguments.joined(separator: ", ")
    switch step.program {
    case "add-shell": return "/etc/shells lists \(shells)"
    case "remove-shell": return "/etc/shells does not list \(shells)"
    default: return nil
    }
  }

  /// The text that a plain command surely appends to the file; nil for any other step.
  private static func appended(by step: ScriptStep) -> String? {
    guard step.isResolved, step.isCertain, let deeds = PlainDeed.all(of: step), deeds.count == 1,
      case .write("/etc/shells", let text, appends: true) = deeds[0]
    else { return nil }
    return text
  }

  func apply(
    to tree: inout ComposedTree, steps: [CoveredSteps], scene: ScriptScene
  ) throws(ComposeError) {
    for covered in steps {
      for step in covered.steps {
        try follow(step, in: &tree, reason: "\(covered.package.name)'s \(step.script)")
      }
    }
  }

  private func follow(
    _ step: ScriptStep, in tree: inout ComposedTree, reason: String
  ) throws(ComposeError) {
    let place = tree.tree.resolve(Self.file) ?? Self.file
    let existing = tree.tree[place]
    guard (existing?.content?.count ?? 0) <= Self.maximumSize else {
      tree.warn("/etc/shells: is over \(Self.maximumSize) bytes; \(reason) does not change it")
      return
    }
    var lines =
      try existing?.content.map { content throws(ComposeError) in
        Self.lines(of: try content.text())
      } ?? []
    let appended = Self.appended(by: step)
    if let text = appended {
      lines += Self.lines(of: text)
    } else if step.program == "add-shell" {
      lines += step.arguments.filter { !lines.contains($0) }
    } else {
      lines.removeAll { step.arguments.contains($0) }
    }
    var entry = FileEntry.file(lines.map { $0 + "\n" }.joined())
    if let existing, existing.isRegular {
      // busybox writes a new file under the mask.
      entry.mode = appended == nil ? existing.mode & 0o777 & ~step.mask : existing.mode
    }
    try tree.put(entry, at: place, rule: name, reason: reason)
  }

  /// Lines without their newlines; a carriage return before one stays.
  private static func lines(of text: String) -> [String] {
    var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { String(Substring($0)) }
  }
}
