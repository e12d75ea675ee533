import OCIImage

/// The recipe's `paths`, in their order.
///
/// - `symlink`: `source` is the target, as it stands in the link.
/// - `directory`: made, or its owner and mode changed; with `source`, filled from that directory of the recipe's
///   folder; with `recursive`, owner and mode go to all below it (a file gets execute permission only where it had it).
/// - `file`: from `content`, or from the file `source` in the recipe's folder.
/// - `emptyfile`: an empty file.
/// - `delete`: a path and all below it.
///
/// New entries are root's; directories have mode 0755, files 0644. What is there and a directory stays one.
struct PathsEffect {
  static let rule = "recipe-paths"
  private static let reason = "the recipe's paths"

  let items: [Definition.PathItem]
  let folder: RecipeFolder
  let platform: Platform

  func apply(
    to tree: inout ComposedTree, placed: inout [TreePath: SourceLocation]
  ) throws(ComposeError) {
    var placement = Placement(rule: Self.rule, tree: tree, placed: placed)
    for item in items where item.platforms.contains(platform) {
      if item.condition != nil {
        throw ComposeError(
          .unsupportedRecipe, item.location.description,
          "conditions (\"if\") are not evaluated; use \"platforms\", or a recipe for each case")
      }
      switch item.kind {
      case .symlink: try link(item, &placement)
      case .directory: try makeDirectory(item, &placement)
      case .file: try makeFile(item, &placement)
      case .emptyfile: try put(Content([]), item, &placement)
      case .delete: try delete(item, &placement)
      }
    }
    tree = placement.tree
    placed = placement.placed
  }

  private func link(
    _ item: Definition.PathItem, _ placement: inout Placement
  ) throws(ComposeError) {
    let path = try placement.locate(item.path, item.location)
    guard let target = item.source, !target.isEmpty else {
      throw ComposeError(
        .invalidRecipe, item.location.description,
        "the symlink \(path) needs \"source\", its target")
    }
    let bytes = Array(target.utf8)
    guard bytes.count < TreePath.maximumLength, !bytes.contains(0),
      path.resolvingLink(bytes) != nil
    else {
      throw ComposeError(
        .unsafePath, item.location.description,
        "the symlink \(path) leads out of the image (\"\(target.prefix(200))\"); name a target inside it"
      )
    }
    let entry = FileEntry(
      kind: .symlink(target: bytes), mode: 0o777, uid: item.uid ?? 0, gid: item.gid ?? 0)
    try placement.put(entry, at: path, item.location, reason: Self.reason)
  }

  private func makeFile(
    _ item: Definition.PathItem, _ placement: inout Placement
  ) throws(ComposeError) {
    switch (item.content, item.source) {
    case (let content?, nil): try put(Content(Array(content.utf8)), item, &placement)
    case (nil, let source?):
      let host = try folder.resolve(source, item.location)
      let content = try RecipeFolder.load(
        host, limit: RecipeFolder.maximumFileSize, spool: nil)
      try put(content, item, &placement)
    case (nil, nil), (.some, .some):
      throw ComposeError(
        .invalidRecipe, item.location.description,
        "the file \(item.path) needs either \"content\" or \"source\"")
    }
  }

  private func put(
    _ content: Content, _ item: Definition.PathItem, _ placement: inout Placement
  ) throws(ComposeError) {
    let path = try placement.locate(item.path, item.location)
    let entry = FileEntry.file(
      content, mode: item.mode ?? 0o644, uid: item.uid ?? 0, gid: item.gid ?? 0)
    try placement.put(entry, at: path, item.location, reason: Self.reason)
  }

  private func makeDirectory(
    _ item: Definition.PathItem, _ placement: inout Placement
  ) throws(ComposeError) {
    let path = try placement.locate(item.path, item.location, followLast: true)
    if let entry = placement.tree.tree[path] {
      guard entry.isDirectory else {
        throw ComposeError(
          .pathConflict, item.location.description,
          "\(path) is in the image and no directory; delete it first, or choose another path")
      }
      placement.change(path, item.location, reason: Self.reason) { own(&$0, item) }
    } else {
      let entry = FileEntry.directory(
        mode: item.mode ?? 0o755, uid: item.uid ?? 0, gid: item.gid ?? 0)
      try placement.put(entry, at: path, item.location, reason: Self.reason)
    }
    if let source = item.source { try fill(path, from: source, item, &placement) }
    guard item.recursive else { return }
    for below in placement.tree.tree.paths(below: path) {
      placement.change(below, item.location, reason: Self.reason) { own(&$0, item) }
    }
  }

  private func own(_ entry: inout FileEntry, _ item: Definition.PathItem) {
    entry.uid = item.uid ?? entry.uid
    entry.gid = item.gid ?? entry.gid
    guard let mode = item.mode, !entry.isSymlink else { return }
    let mayExecute = entry.isDirectory || entry.mode & 0o111 != 0
    entry.mode = mayExecute ? mode : mode & ~0o111
  }

  private func fill(
    _ directory: TreePath, from source: String, _ item: Definition.PathItem,
    _ placement: inout Placement
  ) throws(ComposeError) {
    for local in try folder.items(source, item.location) {
      if local.relativePath.isEmpty {
        guard local.isDirectory else {
          throw ComposeError(
            .invalidRecipe, item.location.description,
            "the source \"\(source)\" of the directory \(directory) is a file; expected a directory"
          )
        }
        continue
      }
      let path = try placement.locate(
        directory.description + "/" + local.relativePath, item.location,
        followLast: local.isDirectory)
      if local.isDirectory, placement.tree.tree[path]?.isDirectory == true { continue }
      var entry = FileEntry.directory(uid: item.uid ?? 0, gid: item.gid ?? 0)
      if !local.isDirectory {
        let content = try RecipeFolder.load(
          local.hostPath, limit: RecipeFolder.maximumFileSize, spool: nil)
        // Of a local file's mode only what version control keeps: whether it is a program.
        entry.kind = .regular(content, linkGroup: nil)
        entry.mode = local.isExecutable ? 0o755 : 0o644
      }
      try placement.put(entry, at: path, item.location, reason: Self.reason)
    }
  }

  private func delete(
    _ item: Definition.PathItem, _ placement: inout Placement
  ) throws(ComposeError) {
    let path = try placement.locate(item.path, item.location)
    guard placement.tree.tree[path] != nil else {
      placement.tree.warn("\(item.location): \(path) is to be deleted and is not in the image")
      return
    }
    placement.tree.drop(path, rule: Self.rule, reason: Self.reason)
    placement.placed = placement.placed.filter { !$0.key.isWithin(path) }
  }
}
