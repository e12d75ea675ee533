/// Links whose target a rule dropped. Links that dangled before (to `/proc`, `/run`) stay as their packages meant them.
struct DanglingLinksRule: PathRule {
  let name = "dangling-links"
  let summary = "drops links whose target another rule dropped"
  let bindsRecipe = false
  let runsLast = true

  func judge(of tree: ComposedTree, context: HardeningContext) -> Judge {
    let dropped = Set(tree.ledger.records.lazy.filter { $0.action == .dropped }.map(\.path))
    let files = tree.tree
    return { path, entry in
      guard entry.isSymlink, let landing = files.resolve(path), files[landing] == nil,
        dropped.contains(landing.description)
      else { return nil }
      return .drop("its target \(landing) is dropped")
    }
  }

  func apply(to tree: inout ComposedTree, context: HardeningContext) throws(ComposeError) {
    _ = try sweep(&tree, context)
    // A link to a link dangles only once the second one is gone.
    while true {
      let left = try violations(in: tree, context: context)
      if left.isEmpty { return }
      for path in left { tree.drop(path, rule: name, reason: "its target, a link, is dropped") }
    }
  }
}
