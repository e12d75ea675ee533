/// Documentation is for people at a terminal. What licences oblige to pass on, and scanners read, stays.
struct DocumentationRule: PathRule {
  let name = "documentation"
  let summary = "drops documentation, manual and info pages; copyright files stay"
  let bindsRecipe = false

  private static let documents: TreePath = "usr/share/doc"

  private static let others: [TreePath] = [
    "usr/share/man", "usr/local/man", "usr/local/share/man", "usr/local/share/doc",
    "usr/share/info", "usr/share/doc-base", "usr/share/lintian", "usr/share/linda",
    "usr/share/bug", "usr/share/gtk-doc", "usr/share/help", "usr/share/groff", "usr/share/omf",
    "usr/share/devhelp", "usr/share/doc-rfc", "usr/share/locale-man", "usr/share/sgml-examples",
  ]

  /// How the names of files begin that licences ask to pass on.
  private static let legal = ["copyright", "license", "licence", "copying", "notice"]

  func judge(of tree: ComposedTree, context: HardeningContext) -> Judge {
    let files = tree.tree
    return { path, entry in
      if Self.others.contains(where: path.isWithin) { return .drop("documentation") }
      guard path != Self.documents, path.isWithin(Self.documents) else { return nil }
      let depth = path.components.count
      if !entry.isDirectory, depth == 5, Self.isLegal(path) { return nil }
      // One package's directory is often a link to another's, which holds the copyright file of both.
      if entry.isSymlink, depth == 4, let landing = files.resolve(path),
        landing.isWithin(Self.documents),
        files[landing.appending("copyright")] != nil
      {
        return nil
      }
      return .drop("documentation")
    }
  }

  private static func isLegal(_ path: TreePath) -> Bool {
    let name = path.nameText.lowercased()
    return legal.contains { name.hasPrefix($0) }
  }
}
