import PkgResolve

/// Writes which Debian packages an image holds, as scanners and dpkg read it.
///
/// Distroless images have one file a package in `/var/lib/dpkg/status.d`, with a `.md5sums` beside it. Images that keep
/// dpkg have its database in one file, `/var/lib/dpkg/status`, and one set of files a package in `info`. Source:
/// dpkg(1), dpkg-query(1), deb-control(5), and the layout that distroless images made common.
public struct DebianInventory: Sendable {
  public enum Layout: Sendable {
    /// One file a package: what scanners read where no dpkg is.
    case statusDirectory
    /// dpkg's own database: what dpkg and apt in the image work with.
    case dpkgDatabase
  }

  static let rule = "inventory"
  static let reason = "the packages of the image, for scanners"
  static let directory: TreePath = "var/lib/dpkg"

  let packages: [DebianInventoryPackage]
  let shipped: ShippedContents

  public init(_ packages: [DebianInventoryPackage], shipped: ShippedContents) {
    self.packages = packages.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    self.shipped = shipped
  }

  /// The layout for a tree: dpkg's database where dpkg is in the image.
  public static func layout(for tree: FileTree) -> Layout {
    let dpkg: TreePath = "usr/bin/dpkg"
    return tree[dpkg]?.isRegular == true ? .dpkgDatabase : .statusDirectory
  }

  /// Whether a path of an image is one from which the inventory is read back.
  static func isRead(at path: TreePath) -> Bool {
    if path == directory.appending("status") { return true }
    return path.parent == directory.appending("status.d") && !path.nameText.hasSuffix(".md5sums")
  }

  /// Writes the inventory. Throws ``ComposeError`` where a package's name cannot be a file's name, or where something
  /// stands in the way.
  public func write(to tree: inout ComposedTree, layout: Layout) throws(ComposeError) {
    for package in packages { try checkName(package.name) }
    switch layout {
    case .statusDirectory: try writeStatusDirectory(&tree)
    case .dpkgDatabase: try writeDatabase(&tree)
    }
  }

  private func writeStatusDirectory(_ tree: inout ComposedTree) throws(ComposeError) {
    dropForeignEntries(&tree)
    for package in packages {
      let name = "status.d/\(package.name)"
      try put(Array(Self.stanza(package).utf8), name, &tree)
      try put(md5sums(of: package, in: tree), name + ".md5sums", &tree)
    }
  }

  /// Scanners believe the directory, so nothing but what is written here may stand in it.
  private func dropForeignEntries(_ tree: inout ComposedTree) {
    let own = Set(packages.flatMap { [$0.name, $0.name + ".md5sums"] })
    for path in tree.tree.children(of: Self.directory.appending("status.d"))
    where !own.contains(path.nameText) || tree.tree[path]?.isRegular != true {
      tree.warn("\(path): dropped, for it is not the inventory's; scanners would believe it")
      tree.drop(path, rule: Self.rule, reason: "not the inventory's")
    }
  }

  func put(
    _ bytes: [UInt8], _ name: String, _ tree: inout ComposedTree, mode: UInt16 = 0o644
  ) throws(ComposeError) {
    guard let below = TreePath(name) else {
      throw ComposeError(.unsafePath, name, "is no file name for the inventory")
    }
    try tree.put(
      .file(Content(bytes), mode: mode), at: Self.directory.appending(below), rule: Self.rule,
      reason: Self.reason)
  }

  /// Names that Debian packages can have. Source: Debian Policy §5.6.1.
  private func checkName(_ name: String) throws(ComposeError) {
    let isSound =
      name.utf8.count <= 200 && name.utf8.first.map(isLetterOrDigit) == true
      && name.utf8.allSatisfy { isLetterOrDigit($0) || "+-.".utf8.contains($0) }
    guard isSound else {
      throw ComposeError(
        .invalidArchive, String(name.prefix(200)),
        "is not a package name; expected lower-case letters, digits, \"+\", \"-\" and \".\"")
    }
  }

  private func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

extension DebianInventory {
  /// The control stanza with `Status` after the name, fields in the control file's own order, newline at the end.
  static func stanza(_ package: DebianInventoryPackage) -> String {
    var text = ""
    if package.control["Package"] == nil {
      text += "Package: \(package.name)\nStatus: install ok installed\n"
    }
    for field in package.control.fields where field.name.lowercased() != "status" {
      // By bytes: to Swift, a carriage return and a newline are one character.
      let lines = field.value.utf8.split(
        separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
      ).map { Substring($0) }
      let first = lines.first ?? ""
      text += first.isEmpty ? "\(field.name):\n" : "\(field.name): \(first)\n"
      for line in lines.dropFirst() { text += line.isEmpty ? " .\n" : " \(line)\n" }
      if field.name.lowercased() == "package" { text += "Status: install ok installed\n" }
    }
    return text
  }

  /// The package's own lines for the files that are still there as it shipped them, with the path each has in the tree.
  ///
  /// A line is a digest of 32 digits, two spaces and a path without leading slash. Source: deb-md5sums(5).
  func md5sums(of package: DebianInventoryPackage, in tree: ComposedTree) -> [UInt8] {
    var result = [UInt8]()
    result.reserveCapacity(package.md5sums?.count ?? 0)
    for line in (package.md5sums ?? []).split(separator: UInt8(ascii: "\n")) {
      guard line.count > 34, line[line.startIndex + 32] == UInt8(ascii: " "),
        let written = TreePath(line.dropFirst(34)),
        let path = tree.tree.resolve(written, followLast: false),
        tree.ledger.owners[path] == package.name, shipped.isUnchanged(path, in: tree.tree)
      else { continue }
      result += line[..<(line.startIndex + 32)]
      result += "  ".utf8
      result += path.bytes
      result.append(UInt8(ascii: "\n"))
    }
    return result
  }
}
