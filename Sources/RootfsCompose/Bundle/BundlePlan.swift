import OCIImage
import PkgResolve

/// An image that is to go into a bundle.
public struct BundleRequest: Sendable {
  public let recipe: Recipe
  public let lock: Lockfile
  /// The lock's bytes, which the bundle holds as they are.
  public let lockBytes: [UInt8]
  /// The last component of the lock's path.
  public let lockName: String
  /// Those whose packages go in.
  public let platforms: [Platform]

  public init(
    recipe: Recipe, lock: Lockfile, lockBytes: [UInt8], lockName: String, platforms: [Platform]
  ) {
    self.recipe = recipe
    self.lock = lock
    self.lockBytes = lockBytes
    self.lockName = lockName
    self.platforms = platforms
  }
}

extension ComposerSession {
  /// Gathers all that images can be made from without a network: recipes with their local files and keys, locks, the
  /// signed indexes of the locks, packages, and downloads.
  ///
  /// Packages and downloads have the digests of the locks. An index that its archive and the snapshot service do not
  /// have any more is left out, with a warning: only a later resolution wants it. Throws ``ComposeError``.
  public func bundle(
    _ requests: [BundleRequest], observe: @escaping Composer.Observer = { _ in }
  ) async throws -> BundleDraft {
    var members = BundleMembers()
    var images = [BundleManifest.Image]()
    for request in requests {
      let plan = try BundlePlan(session: self, request: request, observe: observe)
      images.append(try await plan.add(to: &members))
    }
    return BundleDraft(images: images, members: members.all)
  }
}

/// What goes into a bundle, each path once.
struct BundleMembers {
  private var members = [String: (BundleManifest.Member, BundleDraft.Source?)]()

  var all: [(BundleManifest.Member, BundleDraft.Source?)] { Array(members.values) }

  mutating func add(
    _ path: String, _ kind: BundleManifest.Kind, _ bytes: [UInt8], url: String? = nil
  ) {
    put(
      .init(
        path: path, kind: kind, size: Int64(bytes.count),
        digest: Digest.sha256(of: bytes).description, url: url), .bytes(bytes))
  }

  mutating func add(
    _ path: String, _ kind: BundleManifest.Kind, _ file: StoredFile, url: String? = nil,
    isExecutable: Bool = false
  ) {
    put(
      .init(
        path: path, kind: kind, size: file.size, digest: file.digest.description,
        executable: isExecutable ? true : nil, url: url), .file(file))
  }

  mutating func add(folder path: String) {
    put(.init(path: path, kind: .folder, size: 0), nil)
  }

  /// Two files of one path get a folder each, named by their digests.
  private mutating func put(_ member: BundleManifest.Member, _ source: BundleDraft.Source?) {
    var member = member
    if let other = members[member.path], other.0 != member {
      guard other.0.digest != member.digest || other.0.url != member.url else { return }
      let key = member.digest.flatMap { Digest($0) }?.hex.prefix(16) ?? "folder"
      let place = Digest.sha256(of: Array((member.url ?? "").utf8)).hex.prefix(8)
      let slash = member.path.lastIndex(of: "/").map { member.path.index(after: $0) }
      member.path.insert(
        contentsOf: "\(key)-\(place)/", at: slash ?? member.path.startIndex)
    }
    members[member.path] = (member, source)
  }
}

/// What one image puts into a bundle.
struct BundlePlan: Sendable {
  let session: ComposerSession
  let request: BundleRequest
  let observe: Composer.Observer
  let distribution: Distribution
  /// Of the recipe's files, in the bundle.
  let folder: String

  var recipe: Recipe { request.recipe }
  var downloader: Downloader { session.downloader }

  init(
    session: ComposerSession, request: BundleRequest, observe: @escaping Composer.Observer
  ) throws {
    try session.composer.refuseUnsupported(request.recipe)
    self.session = session
    self.request = request
    self.observe = observe
    distribution = try session.composer.distribution(of: request.recipe)
    let name = request.recipe.path.split(separator: "/").last.map(String.init) ?? ""
    let end = name.lastIndex(of: ".").flatMap { $0 == name.startIndex ? nil : $0 }
    folder = "recipes/" + (end.map { String(name[..<$0]) } ?? name)
  }

  func add(to members: inout BundleMembers) async throws -> BundleManifest.Image {
    let name = recipe.path.split(separator: "/").last.map(String.init) ?? recipe.path
    let recipePath = "\(folder)/\(name)"
    let lockPath = "\(folder)/\(request.lockName)"
    members.add(recipePath, .recipe, try RecipeFile.read(recipe.path))
    members.add(lockPath, .lock, request.lockBytes)
    try addLocalFiles(to: &members)
    try await addDownloads(to: &members)
    try await addPackages(to: &members)
    switch distribution.family {
    case .debian: try await addDebianIndexes(to: &members)
    case .alpine: try await addAlpineIndexes(to: &members)
    }
    return BundleManifest.Image(
      recipe: recipePath, lock: lockPath, distribution: recipe.distribution,
      platforms: request.platforms.map(\.description))
  }

  // MARK: The recipe's own

  private func addLocalFiles(to members: inout BundleMembers) throws {
    var sources = recipe.definition.contents.keyring.filter { !Self.isRemote($0.value) }
      .map { ($0.value, $0.location) }
    for platform in request.platforms {
      let definition = recipe.definition.substituted(for: platform)
      sources += definition.contents.files.filter { !Self.isRemote($0.url) }
        .map { ($0.url, $0.location) }
      sources += definition.paths.compactMap { item in
        item.kind == .symlink ? nil : item.source.map { ($0, item.location) }
      }
    }
    let root = RecipeFolder(path: recipe.folder)
    for (source, location) in sources {
      let source = source.hasPrefix("file://") ? String(source.dropFirst(7)) : source
      for item in try root.items(source, location) {
        let path = ([folder, source, item.relativePath].joined(separator: "/")).split(
          separator: "/"
        )
        .filter { $0 != "." }.joined(separator: "/")
        if item.isDirectory {
          members.add(folder: path)
        } else {
          let content = try RecipeFolder.load(
            item.hostPath, limit: RecipeFolder.maximumFileSize, spool: nil)
          let file = StoredFile(
            path: item.hostPath, digest: try content.digest(), size: Int64(content.count))
          members.add(path, .file, file, isExecutable: item.isExecutable)
        }
      }
    }
  }

  private static func isRemote(_ text: String) -> Bool {
    text.hasPrefix("http://") || text.hasPrefix("https://")
  }

  /// Files and keys that the recipe names by URL.
  private func addDownloads(to members: inout BundleMembers) async throws {
    for item in request.platforms.flatMap({
      recipe.definition.substituted(for: $0).contents.files
    }) where Self.isRemote(item.url) {
      let source = ResourceURL.redacted(item.url)
      guard let locked = request.lock.files.first(where: { $0.source == source }),
        let digest = Digest(locked.digest)
      else {
        throw ComposeError(
          .lockMismatch, item.location.description,
          "the lock does not hold \(source); run `dhi-compose lock \(recipe.path)`")
      }
      let file = try await downloader.fetch(
        RemoteFile(urls: [item.url], digest: digest, size: locked.size))
      members.add("downloads/" + Self.plain(source), .download, file, url: source)
    }
    for key in recipe.definition.contents.keyring where Self.isRemote(key.value) {
      let url = try ResourceURL(key.value)
      let bytes = try await downloader.document(url: url, limit: KeyringSearch.limit)
      members.add("keys/" + Self.plain(url.text), .document, bytes, url: url.text)
    }
  }

  // MARK: Packages

  private func addPackages(to members: inout BundleMembers) async throws {
    let packages = request.platforms.flatMap {
      request.lock.platforms[$0.description]?.packages ?? []
    }
    let fetcher = PackageFetcher(
      packages: packages, downloader: downloader,
      mirrors: try PackageMirrors(
        composer: session.composer, recipe: recipe, indexes: request.lock.indexes),
      observe: observe)
    let files = try await withThrowingTaskGroup(of: (Lockfile.Package, StoredFile).self) { group in
      for package in fetcher.packages {
        group.addTask { (package, try await fetcher.fetch(package)) }
      }
      return try await group.reduce(into: [String: (Lockfile.Package, StoredFile)]()) {
        $0[$1.0.digest] = $1
      }
    }
    // In an order of its own, for which of two files of one name gets the plain path must not depend on the network.
    for (_, (package, file)) in files.sorted(by: { $0.key < $1.key }) {
      members.add("packages/" + Self.plain(package.fileName), .package, file)
    }
  }

  /// Only what every tar program shows and takes as it is; no part of a path is special.
  static func plain(_ text: String) -> String {
    let name = String(
      decoding: text.utf8.map { byte in
        let isPlain =
          (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
          || (0x61...0x7a).contains(byte) || "+-.:@~/".utf8.contains(byte)
        return isPlain ? byte : UInt8(ascii: "_")
      }, as: UTF8.self)
    return name.split(separator: "/").map { part in
      part.hasPrefix(".") ? "_" + part : String(part)
    }.joined(separator: "/")
  }
}
