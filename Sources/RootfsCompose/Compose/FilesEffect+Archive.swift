import FoundationEssentials

extension FilesEffect {
  /// Unpacks an item's archive and puts the members it takes below its path.
  ///
  /// Members are the item's owner's, or root's; they keep the archive's permission bits without set-user-ID and
  /// set-group-ID, files only where the item gives no mode. Extended attributes, which may be capabilities, are left
  /// out. A directory that the image has stays as it is.
  func unpack(
    _ item: Definition.FileItem, number: Int, from host: String, into placement: inout Placement
  ) throws(ComposeError) {
    let selection = try ArchiveSelection(item)
    let members = try members(of: host, item, number: number)
    let paths = members.map(\.path)
    if let pattern = selection.unmatchedInclude(paths) {
      throw ComposeError(
        .notFound, item.location.description,
        "the included path \"\(pattern)\" matches nothing in \(item.url); name what the archive holds"
      )
    }
    for pattern in selection.unmatchedExcludes(paths) {
      placement.tree.warn(
        "\(item.location): the excluded path \"\(pattern)\" matched nothing in \(item.url)")
    }
    let taken = Self.withoutSingleLinks(members.filter { selection.takes($0.path) })
    let base = try directory(of: item, &placement)
    for (path, entry) in taken {
      try place(try adjusted(entry, at: path, item), at: path, below: base, item, &placement)
    }
  }

  private func members(
    of host: String, _ item: Definition.FileItem, number: Int
  ) throws(ComposeError) -> [(path: TreePath, entry: FileEntry)] {
    let subject = "\(item.location): \(item.url)"
    let spool = try memberSpool()
    return try RecipeFolder.withFile(host, limit: Self.maximumSize) {
      (descriptor, _) throws(ComposeError) in
      try CharacterLocale.withUTF8 { () throws(ComposeError) in
        let reader = try ArchiveReader.archive(descriptor: descriptor, subject: subject)
        // All of it, for what is taken may be a hard link to what is not.
        var unpacker = DataUnpacker(
          package: "contents.files[\(number)]", noun: .archive, subject: subject,
          sink: ContentSink(spool), limits: .standard)
        try unpacker.unpack(reader, isCancelled: isCancelled)
        guard reader.isZip else { return unpacker.entries }
        // Zip holds local times without a zone, which libarchive takes to be the host's.
        return unpacker.entries.map { path, entry in
          var entry = entry
          entry.mtime = FileEntry.atEpoch
          return (path, entry)
        }
      }
    }
  }

  private func memberSpool() throws(ComposeError) -> ContentSpool {
    if let spool { return spool }
    return try ContentSpool(directory: FileManager.default.temporaryDirectory.path)
  }

  /// A file whose other names were not taken has one name.
  private static func withoutSingleLinks(
    _ members: [(path: TreePath, entry: FileEntry)]
  ) -> [(path: TreePath, entry: FileEntry)] {
    var counts = [FileEntry.LinkGroup: Int]()
    for group in members.compactMap(\.entry.linkGroup) { counts[group, default: 0] += 1 }
    return members.map { path, entry in
      guard case .regular(let content, .some(let group)) = entry.kind, counts[group] == 1 else {
        return (path, entry)
      }
      var entry = entry
      entry.kind = .regular(content, linkGroup: nil)
      return (path, entry)
    }
  }

  private func adjusted(
    _ member: FileEntry, at path: TreePath, _ item: Definition.FileItem
  ) throws(ComposeError) -> FileEntry {
    var entry = member
    entry.uid = item.uid ?? 0
    entry.gid = item.gid ?? 0
    entry.xattrs = [:]
    switch member.kind {
    case .directory: entry.mode = member.mode & 0o1777
    case .regular: entry.mode = item.mode ?? member.mode & 0o1777
    case .symlink: entry.mode = 0o777
    case .characterDevice, .blockDevice, .fifo:
      throw ComposeError(
        .unsafePath, "\(item.location): \(item.url)",
        "ships \(path), which is a device or FIFO; expected files, directories and links; exclude it"
      )
    }
    return entry
  }

  /// The directory that an item's archive is unpacked to, made where the image has none.
  private func directory(
    of item: Definition.FileItem, _ placement: inout Placement
  ) throws(ComposeError) -> TreePath {
    if item.path.hasPrefix("/"), TreePath(item.path)?.isRoot == true { return .root }
    let path = try placement.locate(item.path, item.location, followLast: true)
    guard let standing = placement.tree.tree[path] else {
      let entry = FileEntry.directory(uid: item.uid ?? 0, gid: item.gid ?? 0)
      try placement.put(entry, at: path, item.location, reason: Self.reason(item))
      return path
    }
    guard standing.isDirectory else {
      throw ComposeError(
        .pathConflict, item.location.description,
        "\(path) is no directory in the image, so \(item.url) cannot be unpacked there; choose another path"
      )
    }
    return path
  }

  private func place(
    _ entry: FileEntry, at path: TreePath, below base: TreePath, _ item: Definition.FileItem,
    _ placement: inout Placement
  ) throws(ComposeError) {
    let target = base.appending(path)
    guard target.bytes.count <= TreePath.maximumLength else {
      throw ComposeError(
        .limitExceeded, "\(item.location): \(item.url)",
        "unpacks to the path \(target), which is over \(TreePath.maximumLength) bytes")
    }
    let landing = try placement.locate(target, item.location, followLast: entry.isDirectory)
    if entry.isDirectory, let standing = placement.tree.tree[landing] {
      guard standing.isDirectory else {
        throw ComposeError(
          .pathConflict, item.location.description,
          "\(landing) is no directory in the image and is one in \(item.url); delete it first, or exclude it"
        )
      }
      return
    }
    try placement.put(entry, at: landing, item.location, reason: Self.reason(item))
  }

  private static func reason(_ item: Definition.FileItem) -> String { "unpacked from \(item.url)" }
}

extension FileEntry {
  fileprivate var linkGroup: LinkGroup? {
    if case .regular(_, let group) = kind { group } else { nil }
  }
}
