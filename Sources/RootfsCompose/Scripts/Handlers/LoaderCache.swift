/// `ldconfig`: `/etc/ld.so.cache` where the loader needs it, else the reason for none.
///
/// The loader looks into its built-in directories without a cache. Only libraries in further directories that
/// `/etc/ld.so.conf` names cannot be found without one.
/// Source: ld.so(8), ldconfig(8).
struct LoaderCache: ScriptHandler {
  let name = "loader-cache"

  func covers(_ step: ScriptStep, of package: PackageScripts, in scene: ScriptScene) -> String? {
    let isTrigger = step.program == "dpkg-trigger" && step.arguments.last == "ldconfig"
    guard isTrigger || step.program == "ldconfig" else { return nil }
    return scene.needsLoaderCache
      ? "makes /etc/ld.so.cache"
      : "no /etc/ld.so.cache: all libraries stand in directories the loader searches without it"
  }

  func apply(
    to tree: inout ComposedTree, steps: [CoveredSteps], scene: ScriptScene
  ) throws(ComposeError) {
    let directories = LoaderDirectories(tree.tree, scene.context.architecture)
    guard directories.needsCache else { return }
    guard let flags = LoaderCacheFile.flags[scene.context.architecture] else {
      tree.warn(
        "/etc/ld.so.cache: not made for \(scene.context.architecture); libraries in "
          + directories.extra.map(\.description).joined(separator: ", ") + " are not found")
      return
    }
    var file = LoaderCacheFile(flags: flags)
    for directory in directories.all {
      try file.add(directory: directory, of: tree.tree)
    }
    try tree.put(
      .file(Content(file.bytes)), at: "etc/ld.so.cache", rule: name,
      reason: "libraries stand in directories outside of the loader's own")
  }
}

/// The directories `ldconfig` reads, in its order.
struct LoaderDirectories {
  /// As configuration names them; the built-in ones last.
  private(set) var all: [TreePath] = []
  /// Those with libraries that the loader does not search by itself.
  private(set) var extra: [TreePath] = []

  var needsCache: Bool { !extra.isEmpty }

  private static let multiarch = ["amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"]

  init(_ tree: FileTree, _ architecture: String) {
    let names = Self.multiarch[architecture].map { ["lib/" + $0, "usr/lib/" + $0] } ?? []
    let builtIn = (names + ["lib", "usr/lib", "lib64", "usr/lib64"]).compactMap { TreePath($0) }
    let known = Set(builtIn.compactMap { tree.resolve($0) })
    var seen = Set<TreePath>()
    var configured: [TreePath] = []
    var included = Set<String>()
    Self.read("etc/ld.so.conf", of: tree, into: &configured, &included, depth: 0)
    for directory in configured + builtIn {
      guard let place = tree.resolve(directory), tree[place]?.isDirectory == true,
        seen.insert(place).inserted
      else { continue }
      all.append(directory)
      if !known.contains(place), tree.children(of: place).contains(where: Self.isLibrary) {
        extra.append(directory)
      }
    }
  }

  static func isLibrary(_ path: TreePath) -> Bool {
    let name = path.nameText
    return (name.hasPrefix("lib") || name.hasPrefix("ld-") || name.hasPrefix("ld."))
      && (name.hasSuffix(".so") || name.contains(".so."))
  }

  private static let maximumIncludes = 64

  /// Each pattern is included once, and so many at most: files that include each other's directories would be read
  /// millions of times.
  private static func read(
    _ path: TreePath, of tree: FileTree, into directories: inout [TreePath],
    _ included: inout Set<String>, depth: Int
  ) {
    guard depth < 4, let place = tree.resolve(path), let content = tree[place]?.content,
      content.count <= 1 << 16, let text = try? content.text()
    else { return }
    for line in text.split(separator: "\n") {
      let fields = line.prefix { $0 != "#" }.split(whereSeparator: { " \t:,".contains($0) })
      guard let first = fields.first else { continue }
      if first == "include" {
        for field in fields.dropFirst() {
          let environment = ShellEnvironment(package: "", architecture: "", tree: tree)
          let pattern = field.hasPrefix("/") ? String(field) : "/etc/" + field
          guard included.count < maximumIncludes, included.insert(pattern).inserted else {
            continue
          }
          var work = 0
          for found in environment.glob(pattern, work: &work) ?? [] {
            guard let next = TreePath(found) else { continue }
            read(next, of: tree, into: &directories, &included, depth: depth + 1)
          }
        }
      } else {
        directories += fields.compactMap { $0.hasPrefix("/") ? TreePath(String($0)) : nil }
      }
    }
  }
}
