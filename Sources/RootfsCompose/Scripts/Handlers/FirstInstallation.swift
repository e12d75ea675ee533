/// Covers what scripts do for upgrades only, and therefore not at a first installation.
struct FirstInstallation: ScriptHandler {
  static let handlerName = "first-installation"
  let name = FirstInstallation.handlerName

  func covers(_ step: ScriptStep, of package: PackageScripts, in scene: ScriptScene) -> String? {
    switch step.program {
    case "dpkg-maintscript-helper":
      return "dpkg-maintscript-helper acts on upgrades from older versions only"
    case "dpkg-divert": return diversion(step, scene)
    case "dpkg-trigger":
      guard let trigger = step.arguments.last, scene.interests[trigger] == nil else { return nil }
      return "no package of the image waits for the trigger \(trigger)"
    case "rm", "rmdir", "mv":
      if package.name == "usrmerge" { return "the tree's /usr is merged from the start" }
      if package.name == "dpkg", step.words.contains("alternatives/$file") {
        return "no record of older versions stands misplaced"
      }
      return removal(step, scene)
    case "touch" where step.arguments.contains(where: { $0.hasPrefix("--reference") }):
      return "time stamps are the image's"
    case "setup_colors", "warning", "error", "info", "badusage":
      return package.name == "dpkg" ? "prints messages" : nil
    case "perl" where step.arguments == ["-e", ""]: return "asks whether perl is there"
    case ".", "source":
      guard let path = step.arguments.first else { return nil }
      if path.hasSuffix("/debconf/confmodule") {
        return "debconf asks nothing: its questions keep their default answers"
      }
      return path.hasPrefix("/usr/share/dpkg/sh/") ? "reads dpkg's shell functions only" : nil
    default: return nil
    }
  }

  private func diversion(_ step: ScriptStep, _ scene: ScriptScene) -> String? {
    if step.arguments.contains("--remove") { return "nothing is diverted before" }
    guard let diversion = ScriptHandlers.Diversion(step: step, package: "") else { return nil }
    if diversion.target.hasSuffix(".usr-is-merged") {
      return "the diversion guards upgrades to a merged /usr, which the tree has from the start"
    }
    if step.script != "preinst" { return "the diversion concerns packages unpacked later" }
    let owner = TreePath(diversion.path).flatMap { scene.tree.resolve($0, followLast: false) }
      .flatMap { scene.owners[$0] }
    return owner == nil || owner == diversion.package
      ? "no other package ships \(diversion.path), which is diverted" : nil
  }

  /// Removing or moving what is not there.
  private func removal(_ step: ScriptStep, _ scene: ScriptScene) -> String? {
    // A move that is surely reached finds what the script itself made.
    if step.program == "mv", step.isCertain { return nil }
    let paths = step.arguments.filter { !$0.hasPrefix("-") }
    guard let first = paths.first, step.outputs.isEmpty else { return nil }
    let absent =
      step.program == "mv"
      ? isAbsent(first, scene) : paths.allSatisfy { isAbsent($0, scene) }
    return absent ? "what it would remove is not there" : nil
  }

  private func isAbsent(_ path: String, _ scene: ScriptScene) -> Bool {
    if path.hasSuffix("/*") { return isAbsent(String(path.dropLast(2)), scene) }
    let isPlain = !path.utf8.contains(UInt8(ascii: "$")) && !ShellPattern.hasWildcards(path)
    return isPlain && path.hasPrefix("/") && !scene.exists(path)
  }
}
