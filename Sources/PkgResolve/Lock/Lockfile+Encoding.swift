import FoundationEssentials

extension Lockfile {
  /// The largest lock read, in bytes.
  public static let maximumSize = 64 << 20

  /// The canonical bytes: keys sorted, packages sorted, two spaces of indent, one final newline.
  ///
  /// Throws ``ResolveError`` (`invalidLock`).
  public func encoded() throws(ResolveError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    } catch {
      throw ResolveError(.invalidLock, "lock", "cannot be encoded", underlying: error)
    }
  }

  /// Reads a lock and checks what its types cannot: schema, digests, sizes, URLs.
  ///
  /// Throws ``ResolveError`` (`invalidLock`) with `name` as subject.
  public init(decoding bytes: [UInt8], name: String) throws(ResolveError) {
    guard bytes.count <= Self.maximumSize else {
      throw ResolveError(.invalidLock, name, "is over 64 MiB; expected a lock")
    }
    let data = Data(bytes)
    let decoder = JSONDecoder()
    if let head = try? decoder.decode(SchemaOnly.self, from: data),
      head.schema != Self.currentSchema
    {
      throw ResolveError(
        .invalidLock, name,
        "has schema \(head.schema), made by another version of the program; expected \(Self.currentSchema); make it anew with `dhi-compose lock`"
      )
    }
    do {
      self = try decoder.decode(Lockfile.self, from: data)
    } catch {
      throw ResolveError(
        .invalidLock, name,
        "is no lock: \(Self.text(of: error)); make it anew with `dhi-compose lock`",
        underlying: error)
    }
    try validate(name)
  }

  private struct SchemaOnly: Decodable { let schema: Int }

  private static func text(of error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    switch error {
    case .keyNotFound(let key, let context):
      return "\(path(context)) has no \"\(key.stringValue)\""
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "\(path(context)) has a value of another type"
    case .dataCorrupted(let context): return "\(path(context)): \(context.debugDescription)"
    @unknown default: return "\(error)"
    }
  }

  private static func path(_ context: DecodingError.Context) -> String {
    let keys = context.codingPath.map(\.stringValue).joined(separator: ".")
    return keys.isEmpty ? "the document" : keys
  }

  private func validate(_ name: String) throws(ResolveError) {
    func refuse(_ what: String) -> ResolveError {
      ResolveError(.invalidLock, name, what + "; make it anew with `dhi-compose lock`")
    }
    for (platform, locked) in platforms {
      for package in locked.packages {
        let label = "\(platform) \(package.name)"
        guard Self.isDigest(package.digest) else { throw refuse("\(label) has no sha256 digest") }
        guard package.size > 0 else { throw refuse("\(label) has the size \(package.size)") }
        guard !package.name.isEmpty, !package.name.contains("/") else {
          throw refuse("\(label) is no package name")
        }
      }
    }
    for file in files where !Self.isDigest(file.digest) || file.size < 0 {
      throw refuse("the file \(file.source) has no sha256 digest or no size")
    }
  }

  private static func isDigest(_ text: String) -> Bool {
    let digits = text.utf8.dropFirst(7)
    return text.hasPrefix("sha256:") && digits.count == 64
      && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
