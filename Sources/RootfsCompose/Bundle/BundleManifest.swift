import OCIImage

/// The first member of a bundle: what the bundle is, and each further member in its order.
///
/// One JSON document in the form of ``OCIImage/CanonicalJSON``. Its member's name holds its digest, the document holds
/// the digests of all others, and headers and padding follow from it: a bundle has no byte that it does not determine.
struct BundleManifest: Codable, Equatable, Sendable {
  static let formatName = "dhi-compose bundle"
  static let currentVersion = 1
  /// More than an image of a whole distribution's packages has.
  static let mostMembers = 16_384

  var format: String
  var version: Int
  /// The program that wrote the bundle.
  var tool: String
  var images: [Image]
  var members: [Member]

  /// One image that can be made from the bundle. Paths are those of members.
  struct Image: Codable, Equatable, Sendable {
    var recipe: String
    var lock: String
    /// nil where the recipe names none.
    var distribution: String?
    /// Those whose packages are in the bundle.
    var platforms: [String]
  }

  struct Member: Codable, Equatable, Sendable {
    var path: String
    var kind: Kind
    /// In bytes.
    var size: Int64
    /// `sha256:…` of the content; nil of a folder.
    var digest: String?
    /// True of a file that its owner may run.
    var executable: Bool?
    /// Where a document or download came from, without credentials.
    var url: String?
  }

  enum Kind: String, Codable, Sendable {
    case recipe, lock
    /// What lies in a recipe's folder and goes into the image, and the recipe's keys.
    case file, folder
    /// A key file of the host that was used.
    case key
    /// What is signed: InRelease, APKINDEX.tar.gz; also a key that the recipe names by URL.
    case document
    /// What a signed document vouches for: Packages.xz.
    case index
    case package
    /// A file that the recipe names by URL.
    case download

    /// Whether it is taken into the store, by its digest; all others lie in a folder for as long as they are needed.
    var isStored: Bool {
      switch self {
      case .document, .index, .package, .download: true
      case .recipe, .lock, .file, .folder, .key: false
      }
    }
  }

  init(images: [Image], members: [Member]) {
    format = Self.formatName
    version = Self.currentVersion
    tool = ToolVersion.tool
    self.images = images
    self.members = members
  }

  func encoded() throws(OCIError) -> [UInt8] { try CanonicalJSON.encode(self) }

  /// The name of the member that holds a manifest with these bytes.
  static func memberName(of bytes: [UInt8]) -> String {
    "bundle-\(Digest.sha256(of: bytes).hex).json"
  }

  /// The entry of the member that holds a manifest.
  static func entry(name: String, size: Int64) -> TarEntry {
    TarEntry(path: Array(name.utf8), kind: .regular(size: size), mode: 0o644)
  }

  /// Reads what ``encoded()`` makes, and nothing else. Throws ``ComposeError`` with the code `invalidArchive`.
  init(_ bytes: [UInt8], subject: String) throws(ComposeError) {
    do throws(OCIError) {
      self = try CanonicalJSON.decode(Self.self, from: bytes, subject: subject)
      guard version == Self.currentVersion, format == Self.formatName else {
        throw OCIError(
          .invalidDocument, subject,
          "is \"\(format.prefix(40))\" of version \(version); expected \"\(Self.formatName)\" of version "
            + "\(Self.currentVersion): use the dhi-compose that made it")
      }
      guard try encoded() == bytes else {
        throw OCIError(
          .invalidDocument, subject,
          "is not written as dhi-compose writes it; expected JSON with sorted keys, those of version "
            + "\(Self.currentVersion) only, and no blanks")
      }
    } catch {
      throw ComposeError(.invalidArchive, subject, error.message, underlying: error)
    }
    if let fault = firstFault { throw ComposeError(.invalidArchive, subject, fault) }
  }

  /// What is wrong with the first value that cannot be right.
  private var firstFault: String? {
    guard members.count <= Self.mostMembers else {
      return "lists \(members.count) members; expected at most \(Self.mostMembers)"
    }
    var kinds = [String: Kind]()
    for member in members {
      guard kinds.updateValue(member.kind, forKey: member.path) == nil else {
        return "lists \(member.path) twice; expected each member once"
      }
      guard (0...Downloader.largestFile).contains(member.size) else {
        return
          "gives \(member.path) \(member.size) bytes; expected at most \(Downloader.largestFile)"
      }
      let isFolder = member.kind == .folder
      guard isFolder ? member.digest == nil && member.size == 0 : member.content != nil else {
        return
          "gives \(member.path) no digest that fits; expected sha256: and 64 hexadecimal digits"
      }
    }
    guard !images.isEmpty else { return "names no image; expected one at least" }
    for image in images {
      guard kinds[image.recipe] == .recipe, kinds[image.lock] == .lock else {
        return
          "names \(image.recipe) with \(image.lock); expected a recipe and a lock of its members"
      }
      guard !image.platforms.isEmpty, image.platforms.allSatisfy({ Platform($0) != nil }) else {
        return "names no platform for \(image.recipe); expected linux/amd64 or linux/arm64"
      }
    }
    return nil
  }
}

extension BundleManifest.Member {
  /// Of the content; nil where the text is no digest.
  var content: Digest? { digest.flatMap { Digest($0) } }

  /// How it stands in the archive.
  var entry: TarEntry {
    let mode: UInt16 = kind == .folder || executable == true ? 0o755 : 0o644
    return TarEntry(
      path: Array(path.utf8), kind: kind == .folder ? .directory : .regular(size: size), mode: mode)
  }
}
