/// Who covers which step of a package's scripts, and the words the ledger and the build's output get.
struct ScriptAccount {
  private(set) var stepsByHandler: [String: [ScriptStep]] = [:]
  private(set) var notes: [Ledger.ScriptNote] = []
  /// Names what is not covered; nil where everything is.
  private(set) var warning: String?

  init(of package: PackageScripts, in scene: ScriptScene) {
    var uncovered: [String] = []
    let order = ScriptHandlers.order(for: scene.context.family)
    let all = ScriptHandlers.all(for: scene.context.family)
    let handlers = all.filter { !$0.isGeneral } + all.filter(\.isGeneral)
    for script in order where package.scripts[script] != nil {
      let reading = ScriptReading(script: script, of: package, in: scene)
      var details: [(handler: String, detail: String)] = []
      var left: [ScriptStep] = []
      for step in reading.steps {
        guard let (handler, detail) = Self.cover(step, of: package, in: scene, by: handlers) else {
          left.append(step)
          continue
        }
        stepsByHandler[handler, default: []].append(step)
        if !details.contains(where: { $0.handler == handler && $0.detail == detail }) {
          details.append((handler, detail))
        }
      }
      if !left.isEmpty || reading.failure != nil { keepRemovals(&left, &details) }
      if details.isEmpty, left.isEmpty, reading.failure == nil {
        let reason = reading.idleReason ?? "does nothing at a first installation"
        details = [(FirstInstallation.handlerName, reason)]
      }
      note(package.name, script, details)
      let missing = [Self.summary(of: left), reading.failure].compactMap { $0 }
      for text in missing {
        notes.append(
          Ledger.ScriptNote(package: package.name, script: script, handlers: [], detail: text))
        uncovered.append("\(script) \(text)")
      }
    }
    if !uncovered.isEmpty {
      warning =
        "\(package.name) \(package.version): no handler covers all of its scripts: "
        + uncovered.joined(separator: "; ")
    }
  }

  /// Where part of a script is not covered, nothing is removed or moved on behalf of the rest: what would have
  /// come in its place may be missing.
  private mutating func keepRemovals(
    _ left: inout [ScriptStep], _ details: inout [(handler: String, detail: String)]
  ) {
    let handler = PlainFiles.handlerName
    let script = left.first?.script
    let removals = (stepsByHandler[handler] ?? []).filter {
      $0.script == script && ["rm", "rmdir", "mv"].contains($0.program)
    }
    guard !removals.isEmpty else { return }
    stepsByHandler[handler]?.removeAll { removals.contains($0) }
    left += removals
    details.removeAll { detail in
      detail.handler == handler
        && removals.contains { detail.detail == PlainFiles.detail(of: $0) }
    }
  }

  private mutating func note(
    _ package: String, _ script: String, _ details: [(handler: String, detail: String)]
  ) {
    guard !details.isEmpty else { return }
    var handlers: [String] = []
    for each in details where !handlers.contains(each.handler) { handlers.append(each.handler) }
    notes.append(
      Ledger.ScriptNote(
        package: package, script: script, handlers: handlers,
        detail: details.map(\.detail).joined(separator: "; ")))
  }

  private static func cover(
    _ step: ScriptStep, of package: PackageScripts, in scene: ScriptScene,
    by handlers: [any ScriptHandler]
  ) -> (handler: String, detail: String)? {
    for handler in handlers {
      if let detail = handler.covers(step, of: package, in: scene) {
        return (handler.name, detail)
      }
    }
    return nil
  }

  /// What the steps would have done, in short: at most six commands.
  private static func summary(of steps: [ScriptStep]) -> String? {
    var commands: [String] = []
    for step in steps {
      var text = step.words.joined(separator: " ")
      if let output = step.outputs.first { text += " > " + output.path }
      text = String(text.map { $0 == "\n" ? " " : $0 }.prefix(100))
      if !commands.contains(text) { commands.append(text) }
    }
    guard !commands.isEmpty else { return nil }
    let more = commands.count > 6 ? ", and \(commands.count - 6) more" : ""
    return "would run " + commands.prefix(6).map { "`\($0)`" }.joined(separator: ", ") + more
  }
}
