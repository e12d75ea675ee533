import FoundationEssentials

/// Finds the keys that may sign Alpine's repositories.
///
/// The recipe's keys stand before the host's, and those before the ones that are built in, where names are the same.
public struct AlpineKeySearch: Sendable {
  /// Entries of `contents.keyring`: paths relative to the recipe's folder, or https URLs. The last component of either
  /// is the key's name.
  public var recipe: [Located<String>]
  /// Absolute.
  public var recipeFolder: String
  /// Where the host's keys are; nil to leave them unread.
  public var hostFolder: String?

  /// A key of the recipe that has to be fetched.
  struct Remote: Sendable, Equatable {
    let name: String
    let url: ResourceURL
    let location: SourceLocation
  }

  /// No key's file is larger. In bytes.
  static let limit: Int64 = 64 << 10

  public init(
    recipe: [Located<String>], recipeFolder: String, hostFolder: String? = "/etc/apk/keys"
  ) {
    self.recipe = recipe
    self.recipeFolder = recipeFolder
    self.hostFolder = hostFolder
  }

  /// The keys at hand without a transfer: the recipe's files, the host's, and those that are built in.
  ///
  /// Throws ``ComposeError``: `unverified` for a file that is no key, `notFound` or `inputUnreadable` for a file of the
  /// recipe that cannot be read.
  public func local() throws(ComposeError) -> AlpineKeys {
    var keys = AlpineKeys()
    for entry in recipe where !Self.isRemote(entry.value) {
      let path = try entry.pathOfKeyring(in: recipeFolder)
      do throws(ComposeError) {
        try keys.add(Self.lastComponent(path), pem: Self.read(path), origin: path)
      } catch {
        throw error.ofKeyring(at: entry.location)
      }
    }
    for path in hostPaths() {
      let name = Self.lastComponent(path)
      try keys.add(name, pem: Self.read(path), origin: path)
    }
    for (name, pem) in AlpineKeys.shipped {
      try keys.add(name, pem: Array(pem.utf8), origin: "the built-in Alpine keys")
    }
    return keys
  }

  /// The recipe's keys that have to be fetched before signatures that name them can be judged.
  ///
  /// Their place is trusted as the recipe is: TLS vouches for the server. Throws ``ComposeError`` with the code
  /// `invalidRecipe` for a URL that is not https, whether it is named or not.
  func remote(named names: [String]) throws(ComposeError) -> [Remote] {
    var found = [Remote]()
    var files = Set<String>()
    for entry in recipe {
      guard Self.isRemote(entry.value) else {
        files.insert(Self.lastComponent(try entry.pathOfKeyring(in: recipeFolder)))
        continue
      }
      let url = try ResourceURL(entry.value)
      guard case .web(_, true) = url.place else {
        throw ComposeError(
          .invalidRecipe, entry.location.description,
          "keyring \(url.text): expected an https URL or a file; keys fetched over http could be anybody's"
        )
      }
      let name = Self.lastComponent(String(url.text.prefix { $0 != "?" }))
      guard names.contains(name), !files.contains(name), !found.contains(where: { $0.name == name })
      else { continue }
      found.append(Remote(name: name, url: url, location: entry.location))
    }
    return found
  }

  private static func isRemote(_ text: String) -> Bool {
    text.hasPrefix("http://") || text.hasPrefix("https://")
  }

  private static func lastComponent(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// The host's key files, sorted; none where it has no such folder.
  private func hostPaths() -> [String] {
    guard let hostFolder else { return [] }
    return (DirectoryListing.names(in: hostFolder) ?? []).filter { $0.hasSuffix(".rsa.pub") }
      .sorted().map { hostFolder + "/" + $0 }
  }

  private static func read(_ path: String) throws(ComposeError) -> [UInt8] {
    let sink = MemorySink(subject: path, limit: limit)
    _ = try LocalFile(path: path).copy(into: sink, cancellation: CancellationFlag())
    return sink.bytes
  }
}
