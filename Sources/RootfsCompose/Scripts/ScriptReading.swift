/// The steps of one script of one package, or why they cannot be told.
struct ScriptReading {
  /// A script larger than this is not read.
  static let maximumSize = 1 << 20

  private(set) var steps: [ScriptStep] = []
  private(set) var failure: String?
  /// Why the script is not run at all; nil where it is.
  private(set) var idleReason: String?

  /// Follows `script` as dpkg or apk would call it at a first installation.
  init(script: String, of package: PackageScripts, in scene: ScriptScene) {
    switch scene.context.family {
    case .debian: followDebian(script, package, scene)
    case .alpine: followAlpine(script, package, scene)
    }
  }

  /// Source: apk-package(5): installing scripts get the package's version, triggers the directories that changed.
  private mutating func followAlpine(
    _ script: String, _ package: PackageScripts, _ scene: ScriptScene
  ) {
    guard script == "trigger" else {
      return follow(script, as: script, [package.version], package, scene)
    }
    let directories = TriggerDirectories(matching: package.triggers, in: scene.tree)
    if directories.isCutShort { failure = "waits for more directories than are followed" }
    guard !directories.paths.isEmpty else {
      idleReason = "no directory of the image is one that the trigger waits for"
      return
    }
    follow(script, as: script, directories.paths, package, scene)
  }

  /// Source: Debian Policy 6.5 (the arguments); `triggers` stands for `postinst triggered NAMES`.
  private mutating func followDebian(
    _ script: String, _ package: PackageScripts, _ scene: ScriptScene
  ) {
    switch script {
    case "preinst": follow("preinst", as: script, ["install"], package, scene)
    case "config", "postinst": follow(script, as: script, ["configure", ""], package, scene)
    default:
      for trigger in TriggerDeclaration.all(of: package) {
        if !trigger.isInterest {
          steps.append(Self.step(["dpkg-trigger", trigger.name]))
        } else if Self.isActivated(trigger.name, by: package, in: scene) {
          follow("postinst", as: script, ["triggered", trigger.name], package, scene)
        }
      }
    }
  }

  private static func step(_ words: [String]) -> ScriptStep {
    ScriptStep(
      script: "triggers", line: 1, words: words, isResolved: true, isCertain: true, outputs: [],
      text: nil, mask: 0o022)
  }

  /// A path's trigger is activated by files below it; a named one by another package's declaration.
  private static func isActivated(
    _ name: String, by package: PackageScripts, in scene: ScriptScene
  ) -> Bool {
    if name.hasPrefix("/") {
      guard let path = TreePath(name) else { return false }
      return scene.tree[path] != nil
    }
    return scene.activations.contains(name)
      || scene.packages.contains { $0.name == package.name }
  }

  private mutating func follow(
    _ member: String, as script: String, _ arguments: [String], _ package: PackageScripts,
    _ scene: ScriptScene
  ) {
    guard let bytes = package.scripts[member] else { return }
    guard bytes.count <= Self.maximumSize else {
      failure = "is larger than \(Self.maximumSize) bytes and is not read"
      return
    }
    let interpreter = Self.interpreter(of: bytes)
    guard ["sh", "bash", "dash", "ash"].contains(interpreter) else {
      failure = "is not a shell script (\(interpreter)) and is not read"
      return
    }
    do throws(ShellSyntaxError) {
      let command = try ShellParser.parse(bytes)
      let environment = ShellEnvironment(
        package: package.name, architecture: scene.context.architecture, tree: scene.tree,
        family: scene.context.family, script: script)
      var walk = ShellWalk(script: script, arguments: arguments, environment: environment)
      _ = walk.run(command)
      steps += walk.steps
      if walk.isCutShort { failure = "is too involved to be followed to its end" }
    } catch {
      failure = "cannot be read as a shell script: line \(error.line): \(error.message)"
    }
  }

  private static func interpreter(of bytes: [UInt8]) -> String {
    guard bytes.starts(with: Array("#!".utf8)) else {
      return bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) ? "a program" : "no #! line"
    }
    let line = String(decoding: bytes.dropFirst(2).prefix { $0 != 0x0a }, as: UTF8.self)
    let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
    let program = words.first?.split(separator: "/").last.map(String.init) ?? ""
    let passesOn = program == "env" || program == "busybox"
    return passesOn ? words.dropFirst().first.map(String.init) ?? program : program
  }
}
