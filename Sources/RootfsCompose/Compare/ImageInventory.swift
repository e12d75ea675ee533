import OCIImage

/// Which packages an image holds, and which files are whose, as its own inventory says.
///
/// Source: deb-md5sums(5); dpkg-query(1) for `info/*.list`; apk-tools, `database.c`, for `installed`.
struct ImageInventory {
  /// nil where the image has no inventory, or those of two distributions.
  private(set) var family: Distribution.Family?
  private(set) var packages: [ImageContents.Package] = []
  /// How many parts of paths may yet be walked to follow links: a hostile inventory names any number of long ones.
  private var steps = 20_000_000
  /// Of files and links.
  private(set) var owners: [TreePath: String] = [:]

  private static let info = DebianInventory.directory.appending("info")
  private static let status = DebianInventory.directory.appending("status.d")

  /// Whether a path is one whose contents say whose files are which.
  static func isWanted(_ path: TreePath) -> Bool {
    if DebianInventory.isRead(at: path) || AlpineInventory.isRead(at: path) { return true }
    let above = path.parent
    return above == status && path.nameText.hasSuffix(".md5sums")
      || above == info && path.nameText.hasSuffix(".list")
  }

  /// Throws ``ComposeError`` where the inventory is malformed.
  init(of image: ImageListing) throws(ComposeError) {
    var families = Set<Distribution.Family>()
    for path in image.tree.keys.filter(Self.isPart).sorted() {
      let owner = Self.owner(ofPart: path)
      if let owner { owners[path] = owner }
      guard Self.isWanted(path), let text = image.contents(of: path) else { continue }
      if AlpineInventory.isRead(at: path) {
        packages += ImageContents.alpinePackages(text)
        readInstalled(text, image)
        families.insert(.alpine)
      } else if DebianInventory.isRead(at: path) {
        packages += try ImageContents.debianPackages(text, at: path)
        families.insert(.debian)
      } else if let owner {
        readList(text, of: owner, path.parent == Self.status ? 34 : 1, image)
      }
    }
    packages.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    family = families.count == 1 ? families.first : nil
    addOwnLayers(of: image)
    addLinks(of: image)
  }

  private static func isPart(_ path: TreePath) -> Bool {
    let above = path.parent
    return above == status || above == info || isWanted(path)
  }

  /// Whose stanza, list or script a file of the inventory is.
  private static func owner(ofPart path: TreePath) -> String? {
    let name = path.nameText
    if path.parent == status {
      return name.hasSuffix(".md5sums") ? String(name.dropLast(8)) : name
    }
    guard path.parent == info, let dot = name.lastIndex(of: ".") else { return nil }
    // `libc6:amd64.list`
    return String(name[..<dot].prefix { $0 != ":" })
  }

  /// Lines of a path each, after a digest and two spaces or a slash.
  private mutating func readList(
    _ text: [UInt8], of owner: String, _ start: Int, _ image: ImageListing
  ) {
    for line in text.split(separator: UInt8(ascii: "\n")) where line.count > start {
      add(TreePath(line.dropFirst(start)), owner, image)
    }
  }

  private mutating func readInstalled(_ text: [UInt8], _ image: ImageListing) {
    var owner = ""
    var directory = TreePath.root
    for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      guard line.count >= 2, line[line.startIndex + 1] == UInt8(ascii: ":") else {
        if line.isEmpty { owner = "" }
        continue
      }
      let value = line.dropFirst(2)
      switch line[line.startIndex] {
      case UInt8(ascii: "P"):
        owner = String(decoding: value, as: UTF8.self)
        directory = .root
      case UInt8(ascii: "F"): directory = TreePath(value) ?? .root
      case UInt8(ascii: "R") where !owner.isEmpty:
        add(TreePath(value).map { directory.appending($0) }, owner, image)
      default: break
      }
    }
  }

  private mutating func add(_ path: TreePath?, _ owner: String, _ image: ImageListing) {
    guard let path, let place = image.resolved(path, &steps), let entry = image[place],
      entry.kind != .directory
    else { return }
    owners[place] = owner
  }

  /// A layer that was made for one package holds its links too, which no list of digests names.
  private mutating func addOwnLayers(of image: ImageListing) {
    let history = (image.image.configuration.history ?? []).filter { $0.emptyLayer != true }
    guard history.count == image.layers.count else { return }
    let titles = Dictionary(
      packages.map { ("\($0.name) \($0.version)", $0.name) }, uniquingKeysWith: { $1 })
    let names = history.map { each in
      each.createdBy == "dhi-compose" ? each.comment.flatMap { titles[$0] } : nil
    }
    for (path, place) in image.tree where owners[path] == nil && image[place].kind != .directory {
      if let name = names[place.layer] { owners[path] = name }
    }
  }

  /// A link is its target's, where nobody says otherwise.
  private mutating func addLinks(of image: ImageListing) {
    var found = [TreePath: String]()
    for (path, place) in image.tree where owners[path] == nil {
      let entry = image[place]
      let target: TreePath? =
        switch entry.kind {
        case .symlink: entry.linkTarget.flatMap { path.resolvingLink($0) }
        case .hardLink: entry.linkTarget.flatMap { TreePath($0) }
        default: nil
        }
      if let owner = target.flatMap({ image.resolved($0, &steps) }).flatMap({ owners[$0] }) {
        found[path] = owner
      }
    }
    owners.merge(found) { first, _ in first }
  }
}

extension ImageListing {
  /// How many links a path may lead through, as Linux has it.
  private static let linkLimit = 40

  /// Where a path leads once the links above it are followed; nil where nothing is there, or where that takes more steps
  /// than are left.
  func resolved(_ path: TreePath, _ steps: inout Int) -> TreePath? {
    if tree[path] != nil { return path }
    var place = TreePath.root
    var rest = path.components[...]
    var links = 0
    while let name = rest.first.flatMap({ TreePath($0) }) {
      rest = rest.dropFirst()
      steps -= 1
      guard steps >= 0 else { return nil }
      let next = place.appending(name)
      // A layer need not name the directories above a file.
      guard let entry = self[next], entry.kind == .symlink, !rest.isEmpty else {
        place = next
        continue
      }
      links += 1
      guard links <= Self.linkLimit,
        let target = entry.linkTarget.flatMap({ next.resolvingLink($0) })
      else { return nil }
      rest = target.components[...] + rest
      place = .root
    }
    return tree[place] == nil ? nil : place
  }

  /// The entry at a path; in the place of a hard link, the file that it is another name of.
  func file(at path: TreePath) -> LayerEntry? {
    guard let entry = self[path], entry.kind == .hardLink,
      let target = entry.linkTarget.flatMap({ TreePath($0) }), let file = self[target],
      file.kind == .file
    else { return self[path] }
    return file
  }
}
