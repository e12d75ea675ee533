import COpenSSL

/// RSA public keys that may sign Alpine's packages and indexes, by file name.
///
/// A signature names its key by the name of a file in /etc/apk/keys. Source: apk-keys(5), apk-v2(5).
public struct AlpineKeys: Sendable {
  /// One key, its PEM text accepted by libcrypto.
  struct Key: Sendable {
    let pem: [UInt8]
    /// Path, URL or words, for messages.
    let origin: String
  }

  private var keys = [String: Key]()

  /// No key at all.
  public init() {}

  /// The names of all keys, sorted.
  public var names: [String] { keys.keys.sorted() }

  public func contains(_ name: String) -> Bool { keys[name] != nil }

  subscript(name: String) -> Key? { keys[name] }

  /// Adds a key. One of the same name that is there already stays, unless `replacing` is true.
  ///
  /// `pem` is a public key in PEM text (RFC 7468 §13), `origin` what messages call its place. Throws ``ComposeError``
  /// with the code `unverified`, its subject `origin`, for text that is no RSA public key.
  public mutating func add(
    _ name: String, pem: [UInt8], origin: String, replacing: Bool = false
  ) throws(ComposeError) {
    let size = Self.withKey(pem) { EVP_PKEY_is_a($0, "RSA") == 1 ? EVP_PKEY_get_bits($0) : 0 }
    guard let size, size > 0 else {
      throw ComposeError(
        .unverified, origin,
        "holds no RSA public key; expected one key in PEM, \"-----BEGIN PUBLIC KEY-----\"")
    }
    // NIST SP 800-131A has allowed no shorter keys since 2014, and Alpine has made none.
    guard size >= 2048, size <= 16_384 else {
      throw ComposeError(
        .unverified, origin, "holds an RSA key of \(size) bits; expected 2048 to 16384")
    }
    if replacing || keys[name] == nil { keys[name] = Key(pem: pem, origin: origin) }
  }

  /// Hands the key of PEM text to `body`; nil where the text is not exactly one public key.
  static func withKey<Result>(_ pem: [UInt8], _ body: (OpaquePointer) -> Result) -> Result? {
    guard let length = Int32(exactly: pem.count), length > 0 else { return nil }
    return pem.withUnsafeBytes { bytes -> Result? in
      guard let input = BIO_new_mem_buf(bytes.baseAddress, length) else { return nil }
      defer {
        BIO_free(input)
        ERR_clear_error()
      }
      guard let key = next(input) else { return nil }
      defer { EVP_PKEY_free(key) }
      if let second = next(input) {
        EVP_PKEY_free(second)
        return nil
      }
      return body(key)
    }
  }

  /// With an empty passphrase, for without one libcrypto asks the terminal where the PEM text says it is encrypted.
  private static func next(_ input: OpaquePointer) -> OpaquePointer? {
    "".withCString { passphrase in
      PEM_read_bio_PUBKEY(input, nil, nil, UnsafeMutableRawPointer(mutating: passphrase))
    }
  }
}
