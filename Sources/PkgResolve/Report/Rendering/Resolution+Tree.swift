extension Resolution {
  /// What each request brings in, drawn as a tree, with sizes.
  ///
  /// Below a package stand the packages that its dependencies brought in, in their order. A package that was shown
  /// before is marked `(*)` and not opened again. Packages that no dependency leads to follow at the end, under the
  /// reason that they are there.
  public func treeText(style: TextStyle = .plain) -> String {
    var drawing = TreeDrawing(self, style)
    for request in requests {
      let place = request.location.map { printable($0) + ": " } ?? ""
      drawing.add(place + printable(request.text), request.packages)
    }
    // What an install_if brought in comes before what that needs.
    let order = packages.indices.filter { packages[$0].hasCondition } + Array(packages.indices)
    for index in order where !drawing.shown.contains(index) {
      drawing.add(printable(packages[index].reason), [index])
    }
    return drawing.text + "\n" + ResolutionTotals(self).description + "\n"
  }
}

/// Draws with a stack of its own: a chain of dependencies may be as long as an index.
private struct TreeDrawing {
  private(set) var text = ""
  private(set) var shown = Set<Int>()
  private let resolution: Resolution
  private let style: TextStyle
  private let children: [[Int]]
  /// Deeper levels are not indented further, or a long chain would be mostly blanks.
  private static let depthLimit = 60

  private struct Branch {
    let package: Int
    let prefix: String
    let depth: Int
    let isLast: Bool
  }

  init(_ resolution: Resolution, _ style: TextStyle) {
    self.resolution = resolution
    self.style = style
    children = resolution.firstEdges()
  }

  mutating func add(_ title: String, _ roots: [Int]) {
    text += style.strong(title) + "\n"
    var open = Self.branches(roots, prefix: "", depth: 0)
    while let branch = open.popLast() {
      let package = resolution.packages[branch.package]
      let isNew = shown.insert(branch.package).inserted
      text += branch.prefix + (branch.isLast ? "└── " : "├── ") + package.label
      text += style.faint("  " + package.sizeText) + (isNew ? "\n" : " (*)\n")
      guard isNew else { continue }
      let prefix =
        branch.depth < Self.depthLimit
        ? branch.prefix + (branch.isLast ? "    " : "│   ") : branch.prefix
      open += Self.branches(
        children[branch.package], prefix: prefix, depth: branch.depth + 1)
    }
  }

  /// The last one first: the stack turns them round.
  private static func branches(_ packages: [Int], prefix: String, depth: Int) -> [Branch] {
    packages.enumerated().reversed().map { position, package in
      Branch(
        package: package, prefix: prefix, depth: depth, isLast: position == packages.count - 1)
    }
  }
}
