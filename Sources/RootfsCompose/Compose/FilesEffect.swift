import OCIImage

/// The recipe's `contents.files`: what was downloaded and checked, put at its path.
///
/// A path that ends with a slash is a directory, and the file keeps the URL's last component as its name. Archives are
/// not unpacked: an item with `includes` or `excludes`, which choose among an archive's members, is refused.
struct FilesEffect {
  static let rule = "recipe-files"

  /// The largest download, in bytes.
  static let maximumSize = 1 << 30

  let items: [Definition.FileItem]
  let platform: Platform
  /// The host's path of each URL's verified content.
  let downloads: [String: String]
  let spool: ContentSpool?

  func apply(
    to tree: inout ComposedTree, placed: inout [TreePath: SourceLocation]
  ) throws(ComposeError) {
    var placement = Placement(rule: Self.rule, tree: tree, placed: placed)
    for item in items where item.platforms.contains(platform) {
      try refuseUnsupported(item)
      guard let host = downloads[item.url] else {
        throw ComposeError(
          .notFound, item.location.description, "nothing was downloaded for \(item.url)")
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

  private func refuseUnsupported(_ item: Definition.FileItem) throws(ComposeError) {
    let location = item.location.description
    if item.condition != nil {
      throw ComposeError(
        .unsupportedRecipe, location,
        "conditions (\"if\") are not evaluated; use \"platforms\", or a recipe for each case")
    }
    if !item.includes.isEmpty || !item.excludes.isEmpty {
      throw ComposeError(
        .unsupportedRecipe, location,
        "archives are not unpacked yet, so \"includes\" and \"excludes\" choose nothing; name a single file"
      )
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
