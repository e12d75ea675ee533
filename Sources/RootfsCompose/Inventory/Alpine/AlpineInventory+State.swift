import OCIImage

extension AlpineInventory {
  private static let worldFile: TreePath = "etc/apk/world"
  private static let architectureFile: TreePath = "etc/apk/arch"
  private static let repositoriesFile: TreePath = "etc/apk/repositories"
  private static let cache: TreePath = "var/cache/apk"

  /// The scripts that apk knows, in the order it keeps them.
  private static let scripts = [
    "pre-install", "post-install", "pre-deinstall", "post-deinstall", "pre-upgrade",
    "post-upgrade", "trigger",
  ]

  /// All that apk reads besides `installed`, as a first `apk add` leaves it.
  func writeState(_ system: AlpineSystem, _ tree: inout ComposedTree) throws(ComposeError) {
    let reason = "apk works with it"
    let world = system.world.joined(separator: "\n") + "\n"
    try put(Array(world.utf8), at: Self.worldFile, &tree, reason: reason)
    try put(
      Array("\(system.architecture)\n".utf8), at: Self.architectureFile, &tree, reason: reason)
    let path = { (name: StaticString) in Self.directory.appending(TreePath(stringLiteral: name)) }
    try put(try scriptArchive(), at: path("scripts.tar"), &tree, reason: reason)
    try put(triggers, at: path("triggers"), &tree, reason: reason)
    try put([], at: path("lock"), &tree, mode: 0o600, reason: reason)
    let cache = tree.tree.resolve(Self.cache) ?? Self.cache
    if tree.tree[cache] == nil {
      try tree.put(.directory(), at: cache, rule: Self.rule, reason: reason)
    }
    let repositories = tree.tree.resolve(Self.repositoriesFile) ?? Self.repositoriesFile
    if tree.tree[repositories] == nil, system.repositories.isEmpty {
      tree.warn(
        "\(Self.repositoriesFile): is left out, for the recipe names no repository that others can reach; apk finds no "
          + "packages in the image before one is added")
    }
    if tree.tree[repositories] == nil, !system.repositories.isEmpty {
      let lines = system.repositories.map { $0 + "\n" }.joined()
      try put(Array(lines.utf8), at: repositories, &tree, reason: "the recipe's repositories")
    }
  }

  /// `scripts.tar`: every script of every package, named for the package and its checksum.
  private func scriptArchive() throws(ComposeError) -> [UInt8] {
    var members = [(entry: TarEntry, content: [UInt8])]()
    for package in packages {
      let name = policy.label(package.unpacked) + "." + package.metadata.checksum + "."
      for script in Self.scripts {
        guard let content = package.unpacked.scripts[script] else { continue }
        let entry = TarEntry(
          path: Array((name + script).utf8), kind: .regular(size: Int64(content.count)),
          mode: 0o755, mtime: package.unpacked.timestamp)
        members.append((entry, content))
      }
    }
    do throws(OCIError) {
      return try TarArchive.encode(members)
    } catch {
      throw ComposeError(.invalidArchive, error.subject, error.message, underlying: error)
    }
  }

  /// `triggers`: a package's checksum and the paths it wants to hear of, a package a line.
  private var triggers: [UInt8] {
    var text = ""
    for package in packages {
      let paths = package.metadata.triggers
      if paths.isEmpty { continue }
      text += package.metadata.checksum + " " + paths.joined(separator: " ") + "\n"
    }
    return Array(text.utf8)
  }
}
