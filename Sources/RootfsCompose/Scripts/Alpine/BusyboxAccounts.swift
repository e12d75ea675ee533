/// Users and groups that scripts ask for with busybox's `adduser` and `addgroup`.
struct BusyboxAccounts: ScriptHandler {
  let name = "system-accounts"
  /// The most accounts that one package may ask for.
  static let maximumRequests = 256

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
      if covered.steps.count > Self.maximumRequests {
        hand.tree.warn(
          "\(covered.package.name): asks for accounts more than \(Self.maximumRequests) times; "
            + "the rest is not added")
      }
      for step in covered.steps.prefix(Self.maximumRequests) {
        guard let request = BusyboxAccountRequest(step) else { continue }
        hand.package = covered.package.name
        hand.script = step.script
        try hand.perform(request)
      }
    }
  }
}
