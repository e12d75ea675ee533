import FoundationEssentials

extension Lockfile {
  /// The longest lock that is read, in bytes.
  public static let sizeLimit = 64 << 20

  /// The one canonical encoding: JSON in UTF-8, keys sorted by their bytes, two spaces of indent, slashes not escaped,
  /// one final newline.
  public func encoded() throws -> [UInt8] {
    let compact = try JSONEncoder().encode(self)
    var bytes = [UInt8]()
    try JSONDecoder().decode(CanonicalJSON.self, from: compact).write(to: &bytes)
    bytes.append(UInt8(ascii: "\n"))
    return bytes
  }

  /// Reads a lock; `name` is what errors call it.
  ///
  /// Throws ``ResolveError`` with code `invalidLock` where it is no lock, is of a schema that this version does not
  /// know, or holds a value that cannot be right.
  public init(decoding bytes: [UInt8], name: String) throws(ResolveError) {
    func fault(_ message: String, _ underlying: (any Error)? = nil) -> ResolveError {
      ResolveError(.invalidLock, name, message, underlying: underlying)
    }
    guard bytes.count <= Self.sizeLimit else {
      throw fault("is over \(Self.sizeLimit >> 20) MiB; expected a lock")
    }
    struct Head: Decodable { let schema: Int? }
    let data = Data(bytes)
    let remedy = "; make it anew with \"dhi-compose lock\""
    if let lock = try? JSONDecoder().decode(Lockfile.self, from: data),
      lock.schema == Self.currentSchema
    {
      self = lock
      if let message = firstFault { throw fault(message + remedy) }
      return
    }
    // What is wrong with it: first of all the schema, which says what the rest should look like.
    do {
      guard let schema = try JSONDecoder().decode(Head.self, from: data).schema else {
        throw fault("is no lock: it names no schema; expected what \"dhi-compose lock\" writes")
      }
      guard schema <= Self.currentSchema else {
        throw fault(
          "has schema \(schema), made by a newer version; this one knows up to \(Self.currentSchema): "
            + "use that version, or make the lock anew")
      }
      guard schema == Self.currentSchema else {
        throw fault("has schema \(schema); expected \(Self.currentSchema)\(remedy)")
      }
      self = try JSONDecoder().decode(Lockfile.self, from: data)
    } catch let error as ResolveError {
      throw error
    } catch let error as DecodingError {
      throw fault(Self.text(of: error) + remedy, error)
    } catch {
      throw fault("is no JSON: \(error)\(remedy)", error)
    }
    if let message = firstFault { throw fault(message + remedy) }
  }

  private static func text(of error: DecodingError) -> String {
    func path(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
      let keys = context.codingPath + (key.map { [$0] } ?? [])
      return keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context): return "\(path(context, key)) is missing"
    case .typeMismatch(_, let context) where context.codingPath.isEmpty:
      return "is no lock: it is no JSON object"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      return "\(path(context)) is not of the type \(type)"
    case .dataCorrupted(let context): return "is no JSON: \(context.debugDescription)"
    @unknown default: return "is no lock"
    }
  }

  /// What is wrong with the first value that cannot be right.
  private var firstFault: String? {
    if epoch < 0 { return "epoch \(epoch) is negative" }
    var digests = [("recipe", recipe), ("request", request)]
    for index in indexes {
      digests.append(("index \(index.url)", index.digest))
      digests += index.packages.sorted { $0.key < $1.key }.map {
        ("\(index.url) \($0.key)", $0.value)
      }
    }
    for file in files {
      if file.size < 0 { return "file \(file.source): size \(file.size) is negative" }
      digests.append(("file \(file.source)", file.digest))
    }
    if let image {
      if let index = image.index { digests.append(("image index", index)) }
      for (platform, manifest) in image.manifests.sorted(by: { $0.key < $1.key }) {
        digests.append(("manifest of \(platform)", manifest.manifest))
        digests.append(("config of \(platform)", manifest.config))
        digests += manifest.diffIDs.map { ("layer of \(platform)", $0) }
      }
    }
    for (what, digest) in digests where !Self.isDigest(digest) {
      return
        "\(what): \"\(digest.prefix(80))\" is no digest; expected sha256: and 64 hexadecimal digits"
    }
    for (platform, lock) in platforms.sorted(by: { $0.key < $1.key }) {
      if lock.epoch < 0 { return "epoch \(lock.epoch) of \(platform) is negative" }
      if let fault = Self.firstFault(platform, lock.packages) { return fault }
    }
    return nil
  }

  private static func firstFault(_ platform: String, _ packages: [Package]) -> String? {
    let parts = platform.split(separator: "/", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else {
      return "platform \"\(platform)\": expected os/architecture"
    }
    var last: Package?
    for package in packages {
      let subject = "\(platform): package \"\(package.name.prefix(80))\""
      guard let first = package.name.utf8.first,
        isLetter(first) || isDigit(first) || first == UInt8(ascii: "_"),
        package.name.utf8.allSatisfy(isNameByte)
      else { return "\(subject): expected a package name" }
      if package.size < 0 { return "\(subject): size \(package.size) is negative" }
      if package.version.isEmpty || package.architecture.isEmpty || package.url.isEmpty {
        return "\(subject): version, architecture or url is empty"
      }
      if !isDigest(package.digest) {
        return
          "\(subject): \"\(package.digest.prefix(80))\" is no digest; expected sha256: and 64 hexadecimal digits"
      }
      if let checksum = package.checksum, !isChecksum(checksum) {
        return
          "\(subject): \"\(checksum.prefix(80))\" is no checksum; expected Q1 or Q2 and a digest in base64"
      }
      if let last, (last.name, last.architecture) >= (package.name, package.architecture) {
        return
          "\(subject) stands after \"\(last.name)\"; expected packages sorted by name, each once"
      }
      last = package
    }
    return nil
  }

  /// Source: apk-tools, the field `C:` of an index.
  private static func isChecksum(_ text: String) -> Bool {
    // SHA-1 has 20 bytes and SHA-256 has 32: 27 and 43 digits of base64, then one "=".
    let count = text.hasPrefix("Q1") ? 27 : text.hasPrefix("Q2") ? 43 : nil
    let digits = text.utf8.dropFirst(2).dropLast()
    return digits.count == count && text.hasSuffix("=")
      && digits.allSatisfy {
        isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "/")
      }
  }

  private static func isDigest(_ text: String) -> Bool {
    let prefix = "sha256:"
    guard text.hasPrefix(prefix) else { return false }
    let digits = text.utf8.dropFirst(prefix.utf8.count)
    return digits.count == 64
      && digits.allSatisfy {
        isHexadecimal($0) && !(UInt8(ascii: "A")...UInt8(ascii: "F")).contains($0)
      }
  }
}
