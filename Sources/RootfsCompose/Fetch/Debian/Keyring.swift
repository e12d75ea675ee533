import FoundationEssentials

/// OpenPGP public keys of one origin, as the programs that verify read them: packets, without armor.
struct Keyring: Sendable, Hashable {
  let packets: [UInt8]
  /// Path, URL or words, for messages.
  let origin: String

  /// Takes packets or armored text (RFC 9580 §6.2, one block or several).
  ///
  /// Only the container is read here; keys are judged by `gpgv` or `sqv`. Throws ``ComposeError`` with the code
  /// `unverified`.
  init(_ bytes: [UInt8], origin: String) throws(ComposeError) {
    self.origin = origin
    // A packet begins with its highest bit set, which no text does. Source: RFC 9580 §4.2.
    if let first = bytes.first, first & 0x80 != 0 {
      packets = bytes
      return
    }
    guard let packets = Self.dearmored(bytes), !packets.isEmpty else {
      throw ComposeError(
        .unverified, origin, "holds no OpenPGP public key; expected a keyring, armored or not")
    }
    self.packets = packets
  }

  private static func dearmored(_ bytes: [UInt8]) -> [UInt8]? {
    enum Part { case outside, headers, data, checksum }
    var part = Part.outside
    var packets = [UInt8]()
    var encoded = ""
    for line in String(decoding: bytes, as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    {
      let line = line.trimmingBlanks()
      switch part {
      case .outside:
        if line == "-----BEGIN PGP PUBLIC KEY BLOCK-----" { part = .headers }
      case .headers:
        if line.isEmpty { part = .data } else if !line.contains(":") { return nil }
      case .data where line.hasPrefix("="):
        // The CRC of old armor guards against line noise only: RFC 9580 §6.1 has readers pass it over.
        part = .checksum
      case .data, .checksum:
        if line == "-----END PGP PUBLIC KEY BLOCK-----" {
          guard let data = Data(base64Encoded: encoded) else { return nil }
          packets += data
          encoded = ""
          part = .outside
        } else if part == .data {
          encoded += line
        } else {
          return nil
        }
      }
    }
    return part == .outside ? packets : nil
  }
}

/// Finds the keys that may sign a source.
public struct KeyringSearch: Sendable {
  /// Entries of `contents.keyring`: paths relative to the recipe's folder, or https URLs.
  public var recipe: [Located<String>]
  /// Absolute.
  public var recipeFolder: String
  /// Where the host's archive keyrings are.
  public var hostFolder: String
  /// Stands before every path of the host's.
  var hostRoot = ""

  public init(
    recipe: [Located<String>], recipeFolder: String, hostFolder: String = "/usr/share/keyrings"
  ) {
    self.recipe = recipe
    self.recipeFolder = recipeFolder
    self.hostFolder = hostFolder
  }

  static let limit: Int64 = 4 << 20

  /// The keys at hand without a transfer: the recipe's files, the files of `signed-by` that the host has, and for
  /// the distribution's own suites the host's archive keyring, else the copy that is built in.
  func local(for source: DebianSource, distribution: Distribution) throws -> [Keyring] {
    var keyrings = [Keyring]()
    for entry in recipe where !Self.isRemote(entry.value) {
      keyrings.append(try file(entry))
    }
    for path in source.signedBy where path.hasPrefix("/") {
      if let keyring = try hostFile(path) { keyrings.append(keyring) }
    }
    if source.trustsArchiveKeys {
      keyrings += try archive(distribution)
    }
    return keyrings
  }

  /// The recipe's keyrings that have to be fetched. Their place is trusted as the recipe is: TLS vouches for the server.
  func remote() throws(ComposeError) -> [(url: ResourceURL, location: SourceLocation)] {
    var found = [(url: ResourceURL, location: SourceLocation)]()
    for entry in recipe where Self.isRemote(entry.value) {
      let url = try ResourceURL(entry.value)
      guard case .web(_, true) = url.place else {
        throw ComposeError(
          .invalidRecipe, entry.location.description,
          "keyring \(url.text): expected an https URL or a file; keys fetched over http could be anybody's"
        )
      }
      found.append((url, entry.location))
    }
    return found
  }

  private static func isRemote(_ text: String) -> Bool {
    text.hasPrefix("http://") || text.hasPrefix("https://")
  }

  private func file(_ entry: Located<String>) throws(ComposeError) -> Keyring {
    let path = try entry.pathOfKeyring(in: recipeFolder)
    do throws(ComposeError) {
      return try Keyring(Self.read(path), origin: path)
    } catch {
      throw error.ofKeyring(at: entry.location)
    }
  }

  private func archive(_ distribution: Distribution) throws(ComposeError) -> [Keyring] {
    for name in distribution.keyringFiles.prefix(2) {
      if let keyring = try hostFile(hostFolder + "/" + name) { return [keyring] }
    }
    var keyrings = [Keyring]()
    for name in distribution.keyringFiles.dropFirst(2) {
      if let keyring = try hostFile(hostFolder + "/" + name) { keyrings.append(keyring) }
    }
    if !keyrings.isEmpty { return keyrings }
    for text in DebianArchiveKeys.armored {
      keyrings.append(try Keyring(Array(text.utf8), origin: "built-in Debian archive keys"))
    }
    return keyrings
  }

  private func hostFile(_ path: String) throws(ComposeError) -> Keyring? {
    // What stands in the host's place is not left.
    if !hostRoot.isEmpty, path.split(separator: "/").contains("..") { return nil }
    do throws(ComposeError) {
      return try Keyring(Self.read(hostRoot + path), origin: path)
    } catch  where error.code == .notFound {
      return nil
    }
  }

  private static func read(_ path: String) throws(ComposeError) -> [UInt8] {
    let sink = MemorySink(subject: path, limit: limit)
    _ = try LocalFile(path: path).copy(into: sink, cancellation: CancellationFlag())
    return sink.bytes
  }
}

extension ComposeError {
  /// The error of a key's file, at the place in the recipe that names it.
  func ofKeyring(at location: SourceLocation) -> ComposeError {
    guard code == .notFound else {
      return ComposeError(code, location.description, "keyring \(self)", underlying: self)
    }
    return ComposeError(
      .inputUnreadable, location.description,
      "keyring \(self); check the path, which is relative to the recipe", underlying: self)
  }
}

extension Located<String> {
  /// The path of a key's file, which a recipe names relative to its folder. Throws ``ComposeError`` with the code
  /// `invalidRecipe`.
  func pathOfKeyring(in recipeFolder: String) throws(ComposeError) -> String {
    let url =
      value.hasPrefix("/") || value.hasPrefix("file:")
      ? try ResourceURL(value) : ResourceURL(path: recipeFolder + "/" + value)
    guard case .file(let path) = url.place else {
      throw ComposeError(.invalidRecipe, location.description, "expected a file or a URL")
    }
    return path
  }
}
