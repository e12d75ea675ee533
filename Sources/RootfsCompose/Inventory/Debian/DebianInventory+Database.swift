import PkgResolve

extension DebianInventory {
  /// dpkg's database: `status`, and `list`, `md5sums` and the scripts of each package in `info`.
  func writeDatabase(_ tree: inout ComposedTree) throws(ComposeError) {
    let lists = Self.lists(of: tree)
    var status = ""
    for package in packages {
      status += Self.stanza(package) + "\n"
      let name = "info/" + Self.infoName(package)
      try put(lists[package.name] ?? Array("/.\n".utf8), name + ".list", &tree)
      if package.md5sums != nil {
        try put(md5sums(of: package, in: tree), name + ".md5sums", &tree)
      }
      if let conffiles = package.conffiles { try put(conffiles, name + ".conffiles", &tree) }
      try writeMembers(package, name, &tree)
    }
    try put(Array(status.utf8), "status", &tree)
    try put(Array("1\n".utf8), "info/format", &tree)
    try put([], "available", &tree)
    for directory in ["alternatives", "parts", "triggers", "updates"] {
      let path = Self.directory.appending(TreePath(directory) ?? .root)
      if tree.tree[path] == nil {
        try tree.put(.directory(), at: path, rule: Self.rule, reason: "dpkg works in it")
      }
    }
  }

  private func writeMembers(
    _ package: DebianInventoryPackage, _ name: String, _ tree: inout ComposedTree
  ) throws(ComposeError) {
    let scripts = ["preinst", "postinst", "prerm", "postrm", "config"]
    let others = ["shlibs", "symbols", "templates", "triggers"]
    for member in scripts + others {
      guard let bytes = package.members[member] else { continue }
      try put(bytes, "\(name).\(member)", &tree, mode: scripts.contains(member) ? 0o755 : 0o644)
    }
  }

  /// Packages that may be installed for several architectures carry theirs in the name. Source: dpkg(1), `info` format 1.
  private static func infoName(_ package: DebianInventoryPackage) -> String {
    guard package.control["Multi-Arch"]?.lowercased() == "same",
      let architecture = package.control["Architecture"]
    else { return package.name }
    return "\(package.name):\(architecture)"
  }

  /// Every path a package has in the tree and the directories above it, in byte order, one a line.
  private static func lists(of tree: ComposedTree) -> [String: [UInt8]] {
    var paths = [String: Set<TreePath>]()
    for (path, package) in tree.ledger.owners where tree.tree[path] != nil {
      var path = path
      while !path.isRoot, paths[package, default: []].insert(path).inserted { path = path.parent }
    }
    return paths.mapValues { paths in
      var bytes = Array("/.\n".utf8)
      for path in paths.sorted() {
        bytes += [UInt8(ascii: "/")] + path.bytes + [UInt8(ascii: "\n")]
      }
      return bytes
    }
  }
}
