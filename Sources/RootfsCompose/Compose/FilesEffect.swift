import OCIImage

/// The recipe's `contents.files`: what was downloaded and checked, put at its path.
///
/// An item with `includes` or `excludes` is an archive, unpacked below its path. Of the others, a path that ends with a
/// slash is a directory, and the file keeps the URL's last component as its name.
struct FilesEffect {
  static let rule = "recipe-files"

  /// The largest download, in bytes.
  static let maximumSize = 1 << 30

  let items: [Definition.FileItem]
  let platform: Platform
  /// The host's path of each URL's verified content.
  let downloads: [String: String]
  let spool: ContentSpool?
  var isCancelled: @Sendable () -> Bool = { false }

  func apply(
    to tree: inout ComposedTree, placed: inout [TreePath: SourceLocation]
  ) throws(ComposeError) {
    var placement = Placement(rule: Self.rule, tree: tree, placed: placed)
    for (number, item) in items.enumerated() where item.platforms.contains(platform) {
      try refuseCondition(item)
      guard let host = downloads[item.url] else {
        throw ComposeError(
          .notFound, item.location.description, "nothing was downloaded for \(item.url)")
      }
      if !item.includes.isEmpty || !item.excludes.isEmpty {
        try unpack(item, number: number, from: host, into: &placement)
        continue
      }
      let path = try placement.locate(try target(of: item), item.location)
      let content = try RecipeFolder.load(host, limit: Self.maximumSize, spool: spool)
      let entry = FileEntry.file(
        content, mode: item.mode ?? 0o644, uid: item.uid ?? 0, gid: item.gid ?? 0)
      try placement.put(entry, at: path, item.location, reason: "downloaded from \(item.url)")
    }
    tree = placement.tree
    placed = placement.placed
  }

  private func refuseCondition(_ item: Definition.FileItem) throws(ComposeError) {
    if item.condition != nil {
      throw ComposeError(
        .unsupportedRecipe, item.location.description,
        "conditions (\"if\") are not evaluated; use \"platforms\", or a recipe for each case")
    }
  }

  private func target(of item: Definition.FileItem) throws(ComposeError) -> String {
    guard item.path.hasSuffix("/") else { return item.path }
    let address = item.url.prefix { $0 != "?" && $0 != "#" }
    guard let slash = address.lastIndex(of: "/"), address.index(after: slash) < address.endIndex
    else {
      throw ComposeError(
        .invalidRecipe, item.location.description,
        "\(item.url) ends with no file name to use in \(item.path); write the whole path")
    }
    return item.path + address[address.index(after: slash)...]
  }
}
