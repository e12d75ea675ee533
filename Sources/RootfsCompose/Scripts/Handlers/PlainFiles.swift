/// Makes the files, directories and links that a script surely makes with plain commands: base-files'
/// directories, libc-bin's `nsswitch.conf`, base-passwd's accounts, netbase's `hosts`, and their like.
///
/// Only commands whose every word is known and that no undecided condition guards are taken; all else stays
/// uncovered and is named.
struct PlainFiles: ScriptHandler {
  static let handlerName = "plain-files"
  let name = PlainFiles.handlerName
  let isGeneral = true

  func covers(_ step: ScriptStep, of package: PackageScripts, in scene: ScriptScene) -> String? {
    guard step.isResolved, step.isCertain, let deeds = PlainDeed.all(of: step) else { return nil }
    let paths = deeds.flatMap(\.paths)
    guard paths.allSatisfy(Self.isInside) else { return nil }
    if Self.isKeptState(paths, scene) {
      return "a package manager's own records are not kept in a runtime image"
    }
    return Self.detail(of: step)
  }

  static func detail(of step: ScriptStep) -> String {
    let path = PlainDeed.all(of: step)?.flatMap(\.paths).last ?? ""
    let writes = !step.outputs.isEmpty || step.program == ":"
    return "\(writes ? "writes" : step.program) \(path)"
  }

  private static func isInside(_ path: String) -> Bool {
    let outside = ["/dev/", "/proc/", "/sys/", "/tmp/"]
    return path.hasPrefix("/") && TreePath(path) != nil
      && !outside.contains { path.hasPrefix($0) }
  }

  private static func isKeptState(_ paths: [String], _ scene: ScriptScene) -> Bool {
    scene.context.isRuntime && paths.allSatisfy { $0.hasPrefix("/var/lib/dpkg/") }
  }

  func apply(
    to tree: inout ComposedTree, steps: [CoveredSteps], scene: ScriptScene
  ) throws(ComposeError) {
    // The tree is moved, not copied: a copy for every step would be slow.
    var hand = PlainHand(tree: tree, rule: name)
    tree = ComposedTree()
    defer { tree = hand.tree }
    try Self.forEach(steps, scene) { deeds, reason, mask throws(ComposeError) in
      hand.reason = reason
      hand.mask = mask
      for deed in deeds { try hand.perform(deed) }
    }
  }

  func finish(
    in tree: inout ComposedTree, steps: [CoveredSteps], scene: ScriptScene
  ) throws(ComposeError) {
    var attributes = PlainAttributes(rule: name)
    try Self.forEach(steps, scene) { deeds, reason, _ throws(ComposeError) in
      for deed in deeds { attributes.note(deed, reason: reason, in: tree.tree) }
    }
    try attributes.apply(to: &tree, family: scene.context.family)
  }

  private static func forEach(
    _ steps: [CoveredSteps], _ scene: ScriptScene,
    _ body: ([PlainDeed], _ reason: String, _ mask: UInt16) throws(ComposeError) -> Void
  ) throws(ComposeError) {
    for covered in steps {
      for step in covered.steps {
        let deeds = PlainDeed.all(of: step) ?? []
        if isKeptState(deeds.flatMap(\.paths), scene) { continue }
        try body(
          deeds, "\(covered.package.name)'s \(step.script), line \(step.line)", step.mask)
      }
    }
  }
}

/// A change of one file that a plain command stands for.
enum PlainDeed: Equatable {
  case makeDirectory(String, mode: UInt16?, owner: String?, withParents: Bool)
  case link(target: String, path: String)
  case copy(from: String, to: String, keepsMode: Bool)
  case move(from: String, to: String)
  case touch(String)
  case write(String, text: String, appends: Bool)
  case setMode(String, UInt16)
  case setOwner(String, String)
  case remove(String)
  case removeDirectory(String)

  /// The paths it changes, and the one it reads.
  var paths: [String] {
    switch self {
    case .makeDirectory(let path, _, _, _), .link(_, let path), .touch(let path),
      .write(let path, _, _), .setMode(let path, _), .setOwner(let path, _), .remove(let path),
      .removeDirectory(let path):
      [path]
    case .copy(let from, let to, _), .move(let from, let to): [from, to]
    }
  }

  /// What a step does, in order; nil where it is none of the commands understood here.
  static func all(of step: ScriptStep) -> [PlainDeed]? {
    let deeds = written(by: step)
    guard let directory = step.directory else { return deeds }
    return deeds?.map { $0.starting(in: directory) }
  }

  /// The same deed with its paths made absolute; what a link says stays as it is.
  private func starting(in directory: String) -> PlainDeed {
    func at(_ path: String) -> String { ShellEnvironment.absolute(path, in: directory) }
    return switch self {
    case .makeDirectory(let path, let mode, let owner, let withParents):
      .makeDirectory(at(path), mode: mode, owner: owner, withParents: withParents)
    case .link(let target, let path): .link(target: target, path: at(path))
    case .copy(let from, let to, let keepsMode):
      .copy(from: at(from), to: at(to), keepsMode: keepsMode)
    case .move(let from, let to): .move(from: at(from), to: at(to))
    case .touch(let path): .touch(at(path))
    case .write(let path, let text, let appends): .write(at(path), text: text, appends: appends)
    case .setMode(let path, let mode): .setMode(at(path), mode)
    case .setOwner(let path, let owner): .setOwner(at(path), owner)
    case .remove(let path): .remove(at(path))
    case .removeDirectory(let path): .removeDirectory(at(path))
    }
  }

  private static func written(by step: ScriptStep) -> [PlainDeed]? {
    if let output = step.outputs.first {
      guard step.outputs.count == 1, let text = step.text,
        ["echo", "cat", "printf", ":"].contains(step.program)
      else { return nil }
      return [.write(output.path, text: text, appends: output.appends)]
    }
    guard let arguments = PlainArguments(step) else { return nil }
    return arguments.deeds
  }
}

/// The options and operands of a plain command.
struct PlainArguments {
  let deeds: [PlainDeed]

  init?(_ step: ScriptStep) {
    var options: [Character: String] = [:]
    var operands: [String] = []
    var rest = step.arguments
    let valued: [Character] = step.program == "mkdir" ? ["m"] : []
    let installValued: [Character] = step.program == "install" ? ["m", "o", "g"] : []
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("-"), argument.count > 1 else {
        operands.append(argument)
        continue
      }
      if argument == "--" {
        operands += rest
        break
      }
      if argument.hasPrefix("--") {
        guard Self.harmless.contains(argument) else { return nil }
        continue
      }
      for letter in argument.dropFirst() {
        let takesValue = valued.contains(letter) || installValued.contains(letter)
        options[letter] = takesValue ? rest.popFirst() ?? "" : ""
      }
    }
    guard let deeds = Self.deeds(step.program, options, operands) else { return nil }
    self.deeds = deeds
  }

  private static let harmless: Set<String> = [
    "--parents", "--force", "--symbolic", "--three-way", "--debconf-ok", "--no-dereference",
    "--ignore-fail-on-non-empty", "--quiet", "--preserve-root",
  ]

  private static func deeds(
    _ program: String, _ options: [Character: String], _ operands: [String]
  ) -> [PlainDeed]? {
    func allows(_ letters: String) -> Bool { options.keys.allSatisfy { letters.contains($0) } }
    guard let first = operands.first, let last = operands.last else { return nil }
    let mode = options["m"].flatMap { UInt16($0, radix: 8) }.flatMap { $0 <= 0o7777 ? $0 : nil }
    if options["m"] != nil, mode == nil { return nil }
    switch program {
    case "mkdir" where allows("pmZv"):
      return operands.map {
        .makeDirectory($0, mode: mode, owner: nil, withParents: options["p"] != nil)
      }
    case "install" where allows("dmogv") && options["d"] != nil:
      let owner = (options["o"] ?? "root") + ":" + (options["g"] ?? "root")
      return operands.map {
        .makeDirectory($0, mode: mode ?? 0o755, owner: owner, withParents: true)
      }
    case "ln" where allows("sfnTvr") && options["s"] != nil && options["r"] == nil:
      return operands.count == 2 ? [.link(target: first, path: last)] : nil
    case "cp" where allows("pafdZvn"):
      let keeps = options["p"] != nil || options["a"] != nil
      return operands.count == 2 ? [.copy(from: first, to: last, keepsMode: keeps)] : nil
    case "ucf": return operands.count == 2 ? [.copy(from: first, to: last, keepsMode: true)] : nil
    case "mv" where allows("fTvZ"):
      return operands.count == 2 ? [.move(from: first, to: last)] : nil
    case "touch" where allows("cm"): return operands.map { .touch($0) }
    case "rm" where allows("fv"): return operands.map { .remove($0) }
    case "rmdir" where allows("v"): return operands.map { .removeDirectory($0) }
    case "chmod" where allows("fcv"):
      guard let mode = UInt16(first, radix: 8), mode <= 0o7777 else { return nil }
      return operands.dropFirst().map { .setMode($0, mode) }
    case "chown" where allows("fhcv"): return operands.dropFirst().map { .setOwner($0, first) }
    case "chgrp" where allows("fhcv"):
      return operands.dropFirst().map { .setOwner($0, ":" + first) }
    default: return nil
    }
  }
}
