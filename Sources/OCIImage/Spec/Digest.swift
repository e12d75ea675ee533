import COpenSSL

/// A SHA-256 content digest, `sha256:` and 64 lower-case hexadecimal digits.
///
/// Source: OCI image-spec, descriptor.md, "Digests".
public struct Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The 64 hexadecimal digits, without the algorithm.
  public let hex: String

  /// Reads `sha256:<64 hex digits>`, or the bare 64 digits; nil for anything else.
  public init?(_ text: some StringProtocol) {
    let prefix = "sha256:"
    let digits = text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : String(text)
    let valid =
      digits.utf8.count == 64
      && digits.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
      }
    guard valid else { return nil }
    hex = digits
  }

  init(bytes: some Sequence<UInt8>) {
    var digits = [UInt8]()
    let alphabet = Array("0123456789abcdef".utf8)
    for byte in bytes {
      digits.append(alphabet[Int(byte >> 4)])
      digits.append(alphabet[Int(byte & 15)])
    }
    hex = String(decoding: digits, as: UTF8.self)
  }

  public var description: String { "sha256:" + hex }

  public static func < (left: Digest, right: Digest) -> Bool { left.hex < right.hex }

  /// The digest of bytes already in memory.
  public static func sha256(of bytes: [UInt8]) -> Digest {
    bytes.withUnsafeBytes { sha256(of: $0) }
  }

  /// As the other one.
  public static func sha256(of bytes: UnsafeRawBufferPointer) -> Digest {
    var hasher = SHA256Hasher()
    hasher.update(bytes)
    return hasher.finish()
  }
}

extension Digest: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard text.hasPrefix("sha256:"), let digest = Digest(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\"\(text)\" is not a sha256 digest")
    }
    self = digest
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// Incremental SHA-256 over libcrypto.
public struct SHA256Hasher: ~Copyable {
  private let context: OpaquePointer

  public init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("libcrypto cannot start SHA-256")
    }
    self.context = context
  }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else {
      preconditionFailure("libcrypto cannot continue SHA-256")
    }
  }

  /// The digest of all bytes given so far. The hasher is used up.
  public consuming func finish() -> Digest {
    let digest = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { buffer in
      guard EVP_DigestFinal_ex(context, buffer.baseAddress, nil) == 1 else {
        preconditionFailure("libcrypto cannot finish SHA-256")
      }
      return Digest(bytes: buffer)
    }
    return digest
  }

  deinit { EVP_MD_CTX_free(context) }
}
