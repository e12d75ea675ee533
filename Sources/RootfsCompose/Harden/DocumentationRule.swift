/// Documentation is for people at a terminal. What licences oblige to pass on, and scanners read, stays.
struct DocumentationRule: PathRule {
  let name = "documentation"
  let summary = "drops documentation, manual and info pages; copyright files stay"
  let bindsRecipe = false

  private static let documents: TreePath = "usr/share/doc"

  private static let others: PlaceSet = [
    "usr/share/man", "usr/local/man", "usr/local/share/man", "usr/local/share/doc",
    "usr/share/info", "usr/share/doc-base", "usr/share/lintian", "usr/share/linda",
    "usr/share/bug", "usr/share/gtk-doc", "usr/share/help", "usr/share/groff", "usr/share/omf",
    "usr/share/devhelp", "usr/share/doc-rfc", "usr/share/locale-man", "usr/share/sgml-examples",
  ]

  /// How the names of files begin that licences ask to pass on.
  private static let legal = ["copyright", "license", "licence", "copying", "notice"]

  func judge(of tree: ComposedTree, context: HardeningContext) -> Judge {
    let kept = Self.legalPaths(tree.tree)
    return { path, _ in
      let isOther = Self.others.holds(path)
      let isDocument = path != Self.documents && path.isWithin(Self.documents)
      return (isOther || isDocument) && !kept.contains(path) ? .drop("documentation") : nil
    }
  }

  /// `/usr/share/doc/PACKAGE/copyright` and its like, and what links lead to in their stead: one package's directory is
  /// often a link to another's, which holds the copyright file of both.
  private static func legalPaths(_ tree: FileTree) -> Set<TreePath> {
    var paths = Set<TreePath>()
    for (path, entry) in tree.entries[tree.entries.range(below: documents)]
    where !entry.isDirectory {
      let depth = path.depth
      let landing = entry.isSymlink ? tree.resolve(path) : path
      if depth == 5, isLegal(path) {
        paths.insert(path)
        if let landing { paths.insert(landing) }
      } else if depth == 4, let copyright = landing?.appending("copyright"),
        copyright.isWithin(documents), tree[copyright] != nil
      {
        paths.formUnion([path, copyright])
      }
    }
    return paths
  }

  private static func isLegal(_ path: TreePath) -> Bool {
    let name = path.nameText.lowercased()
    return legal.contains { name.hasPrefix($0) }
  }
}
