/// The recipe's `excludes`: paths that packages ship and the image does not want. `includes` take paths out again.
///
/// A pattern that matches a directory takes all below it too. This is a rule like those of hardening in all but that no
/// exception names it.
struct ExcludesRule: PathRule {
  let name = "excludes"
  let summary = "drops what the recipe excludes"
  let bindsRecipe = false

  private let excludes: [Located<String>]
  private let patterns: PathPatternSet

  init(_ options: ComposeOptions, tree: FileTree) throws(ComposeError) {
    excludes = options.excludes
    patterns = try PathPatternSet(options.excludes, in: tree)
  }

  func judge(of tree: ComposedTree, context: HardeningContext) -> Judge {
    { path, _ in
      guard let pattern = patterns.patterns.first(where: { $0.covers(path) }) else { return nil }
      return .drop("the recipe excludes \(pattern)")
    }
  }

  func apply(to tree: inout ComposedTree, context: HardeningContext) throws(ComposeError) {
    guard !excludes.isEmpty else { return }
    let paths = tree.tree.sortedPaths
    for (written, pattern) in zip(excludes, patterns.patterns) {
      if !paths.contains(where: pattern.matches) {
        tree.warn("\(written.location): the excluded path \"\(written.value)\" matched nothing")
      }
    }
    _ = try sweep(&tree, context)
  }
}
