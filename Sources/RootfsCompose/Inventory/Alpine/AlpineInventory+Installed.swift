import FoundationEssentials
import PkgResolve

extension AlpineInventory {
  /// The text of `installed`: for each package its fields, then what of its files is in the tree.
  ///
  /// Fields, their order and their form are apk's own, so that apk, which writes the file anew at every change, leaves
  /// the lines as they are.
  func installed(in tree: ComposedTree) throws(ComposeError) -> [UInt8] {
    var text = [UInt8]()
    for package in packages {
      try header(of: package, &text)
      let directories = directories(of: package, in: tree)
      // apk itself loses these two fields of a package without directories, for which they say nothing.
      if !directories.isEmpty { try replacements(of: package, &text) }
      for directory in directories { try write(directory, of: package, in: tree, &text) }
      text.append(newline)
    }
    return text
  }

  private func header(of package: Package, _ text: inout [UInt8]) throws(ComposeError) {
    let (unpacked, metadata) = (package.unpacked, package.metadata)
    let subject = policy.label(unpacked)
    func line(_ field: String, _ value: String) throws(ComposeError) {
      guard !value.utf8.contains(where: { $0 == newline || $0 == 0 }) else {
        throw ComposeError(
          .invalidArchive, subject,
          "says something of itself in more than one line; expected one; leave the package out")
      }
      text += Array("\(field):\(value)\n".utf8)
    }
    func optional(_ field: String, _ name: String) throws(ComposeError) {
      if let value = metadata[name] { try line(field, value) }
    }
    func number(_ field: String, _ name: String) throws(ComposeError) {
      if let value = metadata[name].flatMap({ UInt64($0) }), value > 0 {
        try line(field, String(value))
      }
    }
    try line("C", metadata.checksum)
    try line("P", unpacked.name)
    try line("V", unpacked.version)
    try line("A", package.architecture)
    try line("S", String(metadata.size))
    try line("I", String(metadata["size"].flatMap { UInt64($0) } ?? 0))
    try line("T", metadata["pkgdesc"] ?? "")
    try line("U", metadata["url"] ?? "")
    try line("L", metadata["license"] ?? "")
    try optional("o", "origin")
    try optional("m", "maintainer")
    try number("t", "builddate")
    try optional("c", "commit")
    try number("k", "provider_priority")
    for (field, name) in [("D", "depend"), ("p", "provides"), ("i", "install_if")] {
      let relations = Self.relations(metadata.values(name))
      if !relations.isEmpty { try line(field, relations) }
    }
  }

  private func replacements(of package: Package, _ text: inout [UInt8]) throws(ComposeError) {
    let relations = Self.relations(package.metadata.values("replaces"))
    if !relations.isEmpty { text += Array("r:\(relations)\n".utf8) }
    if let priority = package.metadata["replaces_priority"].flatMap({ UInt32($0) }), priority > 0 {
      text += Array("q:\(priority)\n".utf8)
    }
  }

  /// Relations in one line, with the signs in apk's order.
  private static func relations(_ values: [String]) -> String {
    let words = values.flatMap { $0.split(whereSeparator: \.isWhitespace) }
    return words.map { word in
      let parsed = try? AlpineDependencyParser.dependencies(String(word), subject: "")
      return parsed?.first?.description ?? String(word)
    }
    .joined(separator: " ")
  }
}

// MARK: Files

extension AlpineInventory {
  /// A directory that a package ships something in, by the name that the package gives it.
  private struct Directory {
    let path: TreePath
    /// The package's own entry; nil where it ships only what is in it.
    var entry: FileEntry?
    /// The package's files in the tree: their name, and what stands there with the rights to write.
    var files: [(path: TreePath, entry: FileEntry)] = []
  }

  /// A package's directories in the archive's order, which is apk's.
  private func directories(of package: Package, in tree: ComposedTree) -> [Directory] {
    var directories = [Directory]()
    var places = [TreePath: Int]()
    func index(of path: TreePath) -> Int {
      if let index = places[path] { return index }
      places[path] = directories.count
      directories.append(Directory(path: path))
      return directories.count - 1
    }
    for (path, entry) in package.unpacked.entries where policy.unpacks(entry, at: path) {
      guard let place = tree.tree.resolve(path, followLast: entry.isDirectory),
        let now = tree.tree[place], entry.isDirectory == now.isDirectory
      else { continue }
      if entry.isDirectory {
        directories[index(of: path)].entry = entry
      } else if tree.ledger.owners[place] == package.unpacked.name {
        directories[index(of: path.parent)].files.append((path, rights(of: entry, now, at: place)))
      }
    }
    return directories
  }

  private func write(
    _ directory: Directory, of package: Package, in tree: ComposedTree, _ text: inout [UInt8]
  ) throws(ComposeError) {
    text += Array("F:".utf8) + directory.path.bytes + [newline]
    if let entry = directory.entry, let place = tree.tree.resolve(directory.path),
      let now = tree.tree[place]
    {
      try writeRights(of: rights(of: entry, now, at: place), "M", usual: 0o755, &text)
    }
    for file in directory.files {
      text += Array("R:".utf8) + Array(file.path.name) + [newline]
      try writeRights(of: file.entry, "a", usual: 0o644, &text)
      // The package's checksum, whatever the image made of the file: so apk sees a file changed in /etc as the user's
      // own, and keeps it when it upgrades the package.
      if let checksum = package.metadata.checksums[file.path], file.entry.hasContent {
        text += Array("Z:Q1\(Data(checksum).base64EncodedString())\n".utf8)
      }
    }
  }

  /// apk keeps what a package says, whatever its scripts or another package that ships the directory made of it; what
  /// the image itself changed is written as it is, so that apk does not miss it.
  private func rights(of entry: FileEntry, _ now: FileEntry, at place: TreePath) -> FileEntry {
    guard shipped.hasRights(of: now, at: place) else { return now }
    var result = now
    result.mode = entry.mode
    result.uid = entry.uid
    result.gid = entry.gid
    result.xattrs = entry.xattrs
    return result
  }

  private func writeRights(
    of entry: FileEntry, _ field: String, usual: UInt16, _ text: inout [UInt8]
  ) throws(ComposeError) {
    guard entry.uid != 0 || entry.gid != 0 || entry.mode != usual || !entry.xattrs.isEmpty else {
      return
    }
    let mode = String(entry.mode, radix: 8)
    text += Array("\(field):\(entry.uid):\(entry.gid):\(mode)".utf8)
    if !entry.xattrs.isEmpty { text += Array(":Q1\(try Self.checksum(of: entry.xattrs))".utf8) }
    text.append(newline)
  }

  /// SHA-1 over the attributes in order of their names, the length of each name and value before it in four bytes, the
  /// highest first. Source: apk-tools, `io.c`.
  private static func checksum(of xattrs: [String: [UInt8]]) throws(ComposeError) -> String {
    let sorted = xattrs.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    var bytes = [UInt8]()
    for part in sorted.flatMap({ [Array($0.key.utf8), $0.value] }) {
      let count = UInt32(truncatingIfNeeded: part.count)
      bytes += withUnsafeBytes(of: count.bigEndian) { Array($0) } + part
    }
    let digest = try ChecksumHasher.digest(.sha1, of: bytes, subject: installedFile.description)
    return Data(digest).base64EncodedString()
  }

  private var newline: UInt8 { UInt8(ascii: "\n") }
}

extension FileEntry {
  /// Whether apk keeps a checksum of it: of a regular file's content or a link's target.
  fileprivate var hasContent: Bool { isRegular || isSymlink }
}
