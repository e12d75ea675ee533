/// Covers what scripts do for upgrades only, and therefore not at a first installation.
struct FirstInstallation: ScriptHandler {
  static let handlerName = "first-installation"
  let name = FirstInstallation.handlerName

  func covers(_ step: ScriptStep, of package: PackageScripts, in scene: ScriptScene) -> String? {
    switch step.program {
    case "dpkg-maintscript-helper":
      return "dpkg-maintscript-helper acts on upgrades from older versions only"
    case "dpkg-divert": return diversion(step)
    case "dpkg-trigger":
      guard let trigger = step.arguments.last, scene.interests[trigger] == nil else { return nil }
      return "no package of the image waits for the trigger \(trigger)"
    case "rm", "rmdir", "mv": return removal(step, scene)
    case ".", "source":
      guard let path = step.arguments.first else { return nil }
      if path.hasSuffix("/debconf/confmodule") {
        return "debconf asks nothing: its questions keep their default answers"
      }
      return path.hasPrefix("/usr/share/dpkg/sh/") ? "reads dpkg's shell functions only" : nil
    default: return nil
    }
  }

  private func diversion(_ step: ScriptStep) -> String? {
    if step.arguments.contains("--remove") { return "nothing is diverted before" }
    guard step.isResolved, step.arguments.contains(where: { $0.hasSuffix(".usr-is-merged") })
    else { return nil }
    return "the diversion guards upgrades to a merged /usr, and the tree is merged from the start"
  }

  /// Removing or moving what is not there.
  private func removal(_ step: ScriptStep, _ scene: ScriptScene) -> String? {
    let paths = step.arguments.filter { !$0.hasPrefix("-") }
    guard let first = paths.first, step.outputs.isEmpty else { return nil }
    let absent =
      step.program == "mv"
      ? isAbsent(first, scene) : paths.allSatisfy { isAbsent($0, scene) }
    return absent ? "what it would remove is not there" : nil
  }

  private func isAbsent(_ path: String, _ scene: ScriptScene) -> Bool {
    if path.hasSuffix("/*") { return isAbsent(String(path.dropLast(2)), scene) }
    let isPlain = !path.contains("$") && !ShellPattern.hasWildcards(path)
    return isPlain && path.hasPrefix("/") && !scene.exists(path)
  }
}
