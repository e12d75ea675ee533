/// Puts what a recipe names into a tree, and notes where the recipe does so.
struct Placement {
  let rule: String
  var tree: ComposedTree
  var placed: [TreePath: SourceLocation] = [:]

  /// Where a path of the recipe lies in the tree: links among its parents are followed, so `/bin/x` is `/usr/bin/x`.
  ///
  /// Throws ``ComposeError`` where the path is not absolute, climbs, names the root, or leads through a loop of links.
  func locate(
    _ text: String, _ location: SourceLocation, followLast: Bool = false
  ) throws(ComposeError) -> TreePath {
    guard text.hasPrefix("/") else {
      throw ComposeError(
        .invalidRecipe, location.description,
        "the path \"\(text.prefix(200))\" is not absolute; write it with a leading slash")
    }
    guard let path = TreePath(text), !path.isRoot else {
      throw ComposeError(
        .unsafePath, location.description,
        "the path \"\(text.prefix(200))\" is not one below the image's root; write it without \"..\""
      )
    }
    return try locate(path, location, followLast: followLast)
  }

  /// As ``locate(_:_:followLast:)-(String,SourceLocation,Bool)``, for a path that is known to be one below the root.
  func locate(
    _ path: TreePath, _ location: SourceLocation, followLast: Bool
  ) throws(ComposeError) -> TreePath {
    guard let landing = tree.tree.resolve(path, followLast: followLast), !landing.isRoot else {
      throw ComposeError(
        .unsafePath, location.description,
        "the path \(path) leads through links that loop or leave the image; name a path without them"
      )
    }
    return landing
  }

  /// Puts an entry; anything but a directory may not take the place of a directory.
  mutating func put(
    _ entry: FileEntry, at path: TreePath, _ location: SourceLocation, reason: String
  ) throws(ComposeError) {
    if tree.tree[path]?.isDirectory == true, !entry.isDirectory {
      throw ComposeError(
        .pathConflict, location.description,
        "\(path) is a directory in the image; delete it first, or choose another path")
    }
    do throws(ComposeError) {
      try tree.put(entry, at: path, rule: rule, reason: reason)
    } catch {
      throw ComposeError(
        error.code, location.description, "cannot place \(path): \(error.message)",
        underlying: error)
    }
    placed[path] = location
  }

  mutating func change(
    _ path: TreePath, _ location: SourceLocation, reason: String,
    _ body: (inout FileEntry) -> Void
  ) {
    tree.change(path, rule: rule, reason: reason, body)
    placed[path] = location
  }
}
