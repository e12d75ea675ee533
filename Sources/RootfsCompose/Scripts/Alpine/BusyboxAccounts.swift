/// Users and groups that scripts ask for with busybox's `adduser` and `addgroup`.
struct BusyboxAccounts: ScriptHandler {
  let name = "system-accounts"

  func covers(_ step: ScriptStep, of package: PackageScripts, in scene: ScriptScene) -> String? {
    guard let request = BusyboxAccountRequest(step) else { return nil }
    switch request.kind {
    case .group: return "adds the group \(request.name)"
    case .user: return "adds the user \(request.name)"
    case .member(let group): return "adds \(request.name) to the group \(group)"
    }
  }

  func apply(
    to tree: inout ComposedTree, steps: [CoveredSteps], scene: ScriptScene
  ) throws(ComposeError) {
    // The tree is moved, not copied: a copy for every step would be slow.
    var hand = BusyboxAccountHand(tree: tree, rule: name, context: scene.context)
    tree = ComposedTree()
    defer { tree = hand.tree }
    for covered in steps {
      for step in covered.steps {
        guard let request = BusyboxAccountRequest(step) else { continue }
        hand.package = covered.package.name
        hand.script = step.script
        try hand.perform(request)
      }
    }
  }
}
