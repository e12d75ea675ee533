/// All handlers, and the one way they are run.
public enum ScriptHandlers {
  /// The handlers for a family's packages, in the order in which they change the tree: base-passwd's accounts are
  /// plain files, and stand before the system accounts that join them.
  public static func all(for family: Distribution.Family) -> [any ScriptHandler] {
    switch family {
    case .debian:
      [
        PlainFiles(), SystemAccounts(), LoginShells(), CACertificates(), LocalTime(),
        Alternatives(), LoaderCache(), PAMProfiles(), PythonBytecode(), InitSystem(),
        FirstInstallation(), NotInImages(),
      ]
    case .alpine:
      [
        PlainFiles(), BusyboxAccounts(), BusyboxShells(), BusyboxLinks(), AlpineCertificates(),
        MuslLoader(), InitSystem(), FirstInstallation(), NotInImages(),
      ]
    }
  }

  /// The scripts that an installation runs, in its order.
  static func order(for family: Distribution.Family) -> [String] {
    switch family {
    case .debian: ["config", "preinst", "postinst", "triggers"]
    case .alpine: ["pre-install", "post-install", "trigger"]
    }
  }

  /// Re-enacts what the packages' scripts would have done, in the packages' order, and writes to the ledger what
  /// became of each script. What no handler covers is also warned of.
  ///
  /// Throws ``ComposeError`` where the tree's contents cannot be read or two entries cannot stand together.
  public static func apply(
    to tree: inout ComposedTree, packages: [PackageScripts], context: ScriptContext
  ) throws(ComposeError) {
    let scene = ScriptScene(
      tree: tree.tree, packages: packages, context: context, owners: tree.ledger.owners)
    var claims: [String: [CoveredSteps]] = [:]
    var triggered: [String: [CoveredSteps]] = [:]
    for package in packages {
      let account = ScriptAccount(of: package, in: scene)
      for (handler, steps) in account.stepsByHandler {
        // apk runs triggers when every package is installed; dpkg's steps stay together.
        let last = steps.filter { $0.script == "trigger" }
        let first = last.isEmpty ? steps : steps.filter { $0.script != "trigger" }
        if !first.isEmpty {
          claims[handler, default: []].append(CoveredSteps(package: package, steps: first))
        }
        if !last.isEmpty {
          triggered[handler, default: []].append(CoveredSteps(package: package, steps: last))
        }
      }
      for note in account.notes { tree.note(note) }
      if let warning = account.warning { tree.warn(warning) }
    }
    let handlers = all(for: context.family)
    for handler in handlers {
      let steps = (claims[handler.name] ?? []) + (triggered[handler.name] ?? [])
      if !steps.isEmpty { try handler.apply(to: &tree, steps: steps, scene: scene) }
    }
    for handler in handlers {
      guard let steps = claims[handler.name] else { continue }
      try handler.finish(in: &tree, steps: steps, scene: scene)
    }
    if context.family == .alpine { ShippedDirectories(claims, in: scene).restore(in: &tree) }
    for handler in handlers {
      guard let steps = triggered[handler.name] else { continue }
      try handler.finish(in: &tree, steps: steps, scene: scene)
    }
  }

  /// A path that a package's `preinst` diverts with `dpkg-divert --add`: other packages' file of that name is
  /// unpacked as `target` instead.
  public struct Diversion: Sendable, Equatable {
    public let package: String
    public let path: String
    public let target: String
  }

  /// The diversions that Debian packages' scripts would set before unpacking, for the merge.
  public static func diversions(
    of packages: [PackageScripts], context: ScriptContext
  ) -> [Diversion] {
    let scene = ScriptScene(tree: FileTree(), packages: packages, context: context)
    return packages.flatMap { package in
      let reading = ScriptReading(script: "preinst", of: package, in: scene)
      return reading.steps.compactMap { Diversion(step: $0, package: package.name) }
    }
  }
}

extension ScriptHandlers.Diversion {
  /// Reads `dpkg-divert [--package P] [--divert TARGET] [--rename] [--add] PATH`; nil for anything else.
  init?(step: ScriptStep, package: String) {
    guard step.program == "dpkg-divert", step.isResolved else { return nil }
    var owner = package
    var divert: String?
    var path: String?
    var arguments = step.arguments
    while let argument = arguments.popFirst() {
      switch argument {
      case "--package": owner = arguments.popFirst() ?? owner
      case "--divert": divert = arguments.popFirst()
      case "--add", "--rename", "--no-rename", "--quiet", "--local": break
      case let other where other.hasPrefix("--"): return nil
      default: path = argument
      }
    }
    guard let path else { return nil }
    self.init(package: owner, path: path, target: divert ?? path + ".distrib")
  }
}
