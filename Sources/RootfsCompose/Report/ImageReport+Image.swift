import OCIImage
import PkgResolve

extension ImageReport {
  /// Gathers what an image alone tells, for the platforms named (all where nil): packages by its own inventory, and of
  /// files those that the inventory names.
  ///
  /// Reads all layers. Throws ``ComposeError`` or `OCIError` where one cannot be read.
  public init(of image: Image, platforms wanted: [OCIImage.Platform]? = nil) throws {
    let annotations = image.platformImages.first?.manifest.annotations ?? [:]
    title = annotations[Annotation.title] ?? image.referenceName ?? "Image"
    reference = image.referenceName
    digest = image.digest.description
    hasIndex = image.index != nil
    size = image.size
    build = nil
    platforms = try image.platformImages.filter { wanted?.contains($0.platform) ?? true }
      .map { part in
        let listing = try ImageListing(of: part, in: image, keeping: ReportedPackages.isRead)
        let inventory = try ReportedPackages(listing)
        let files = ReportedFiles(listing, owners: inventory.owners)
        let shares = files.shares().packages
        return Platform(
          part, files,
          packages: inventory.packages.map { package in
            Package(
              name: package.name, version: package.version, architecture: package.architecture,
              licence: package.licence ?? files.licence(of: package.name), suite: nil,
              source: package.source, reason: nil, share: shares[package.name] ?? Share())
          })
      }
  }
}

extension ReportedFiles {
  init(_ listing: ImageListing, owners: [TreePath: String]) {
    files = listing.paths.compactMap { path in
      guard let entry = listing[path], entry.kind != .directory else { return nil }
      return File(
        path: path, size: entry.size, mode: entry.mode,
        hasCapabilities: entry.xattrs["security.capability"] != nil, package: owners[path])
    }
    contents = { path in listing.landing(of: path).flatMap(listing.contents) }
  }
}

extension ImageListing {
  private static let maximumLinks = 40

  /// Where a path leads, with the links on the way followed; nil for a circle.
  fileprivate func landing(of path: TreePath) -> TreePath? {
    var path = path
    for _ in 0..<Self.maximumLinks {
      var above = path
      while !above.isRoot, self[above]?.kind != .symlink { above = above.parent }
      guard !above.isRoot, let target = self[above]?.linkTarget else { return path }
      guard let landing = above.resolvingLink(target), let rest = path.relative(to: above) else {
        return nil
      }
      path = landing.appending(rest)
    }
    return nil
  }
}

/// The packages of an image and their files, as the image's own inventory lists them.
struct ReportedPackages {
  struct Package {
    let name: String
    let version: String
    let architecture: String
    let source: String?
    /// nil where it stands in a file of its own.
    let licence: PackageLicence?
  }

  private(set) var packages: [Package] = []
  private(set) var owners: [TreePath: String] = [:]

  /// Whether a file's content is wanted: inventory, accounts, copyright files, os-release.
  static func isRead(_ path: TreePath) -> Bool {
    if DebianInventory.isRead(at: path) || AlpineInventory.isRead(at: path) { return true }
    if isList(path) { return true }
    let others: [TreePath] = ["etc/passwd", "etc/group", "etc/os-release", "usr/lib/os-release"]
    let documents: TreePath = "usr/share/doc"
    return others.contains(path) || path.nameText == "copyright" && path.isWithin(documents)
  }

  /// A package's list of files.
  private static func isList(_ path: TreePath) -> Bool {
    let folders: [TreePath] = ["var/lib/dpkg/status.d", "var/lib/dpkg/info"]
    let name = path.nameText
    return folders.contains(path.parent) && (name.hasSuffix(".md5sums") || name.hasSuffix(".list"))
  }

  /// Throws ``ComposeError`` with code `invalidArchive` where an inventory cannot be read.
  init(_ listing: ImageListing) throws(ComposeError) {
    for path in listing.paths where Self.isRead(path) {
      guard let bytes = listing.contents(of: path) else { continue }
      if DebianInventory.isRead(at: path), !Self.isList(path) {
        try readStanzas(bytes, at: path)
      } else if AlpineInventory.isRead(at: path) {
        readInstalled(bytes)
      } else if Self.isList(path) {
        readList(bytes, at: path)
      }
    }
    // Packages name some of their files by paths on which links stand.
    for (path, package) in owners.sorted(by: { $0.key < $1.key }) where listing.tree[path] == nil {
      if let landing = listing.landing(of: path), owners[landing] == nil {
        owners[landing] = package
      }
    }
  }

  private mutating func readStanzas(_ bytes: [UInt8], at path: TreePath) throws(ComposeError) {
    let stanzas: [ControlStanza]
    do throws(ResolveError) {
      stanzas = try ControlStanza.parse(bytes, name: path.description)
    } catch {
      throw ComposeError(.invalidArchive, path.description, error.message, underlying: error)
    }
    for stanza in stanzas {
      guard let name = stanza["Package"], let version = stanza["Version"] else { continue }
      packages.append(
        Package(
          name: name, version: version, architecture: stanza["Architecture"] ?? "",
          source: stanza["Source"] ?? name, licence: nil))
    }
  }

  /// dpkg's lists of paths, and those with digests before them. Source: dpkg-query(1), deb-md5sums(5).
  private mutating func readList(_ bytes: [UInt8], at path: TreePath) {
    let isDigests = path.nameText.hasSuffix(".md5sums")
    let stem = path.nameText.dropLast(isDigests ? 8 : 5)
    let package = String(stem.prefix { $0 != ":" })
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard !isDigests || line.count > 34,
        let path = TreePath(isDigests ? line.dropFirst(34) : line)
      else { continue }
      if owners[path] == nil { owners[path] = package }
    }
  }

  /// apk's `installed`: `P:` begins a package, `F:` a directory, `R:` a file in it.
  ///
  /// Source: apk-tools 2.14, `database.c`.
  private mutating func readInstalled(_ bytes: [UInt8]) {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for block in lines.split(whereSeparator: \.isEmpty) {
      var fields = [UInt8: String]()
      var directory = TreePath.root
      for line in block where line.count > 1 && line.dropFirst().first == UInt8(ascii: ":") {
        guard let field = line.first else { continue }
        let value = line.dropFirst(2)
        switch field {
        case UInt8(ascii: "F"): directory = TreePath(value) ?? .root
        case UInt8(ascii: "R"):
          if let name = TreePath(value), let package = fields[UInt8(ascii: "P")] {
            owners[directory.appending(name)] = package
          }
        default: fields[field] = String(decoding: value, as: UTF8.self)
        }
      }
      guard let name = fields[UInt8(ascii: "P")], let version = fields[UInt8(ascii: "V")] else {
        continue
      }
      packages.append(
        Package(
          name: name, version: version, architecture: fields[UInt8(ascii: "A")] ?? "",
          source: fields[UInt8(ascii: "o")], licence: PackageLicence(apk: fields[UInt8(ascii: "L")])
        ))
    }
  }
}
