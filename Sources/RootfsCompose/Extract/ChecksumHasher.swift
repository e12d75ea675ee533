import COpenSSL

/// Digests bytes with one of the functions that Alpine's checksums use, over libcrypto.
struct ChecksumHasher: ~Copyable {
  enum Function: Sendable {
    /// Of `Q1` checksums and those of single files.
    case sha1
    /// Of `Q2` checksums and `datahash`.
    case sha256
  }

  private let context: OpaquePointer
  private let function: Function

  /// nil where libcrypto does not offer the function: a host's policy may forbid SHA-1.
  init?(_ function: Function) {
    guard let context = EVP_MD_CTX_new() else { return nil }
    guard Self.start(context, function) else {
      EVP_MD_CTX_free(context)
      return nil
    }
    self.context = context
    self.function = function
  }

  deinit { EVP_MD_CTX_free(context) }

  borrowing func update(_ bytes: UnsafeRawBufferPointer) {
    guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else {
      preconditionFailure("libcrypto cannot continue a digest")
    }
  }

  /// The digest of the bytes since the start, or since the last call.
  borrowing func finish() -> [UInt8] {
    var count: UInt32 = 0
    let digest = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(EVP_MAX_MD_SIZE)) {
      guard EVP_DigestFinal_ex(context, $0.baseAddress, &count) == 1,
        Self.start(context, function)
      else {
        preconditionFailure("libcrypto cannot finish a digest")
      }
      return Array($0.prefix(Int(count)))
    }
    return digest
  }

  private static func start(_ context: OpaquePointer, _ function: Function) -> Bool {
    EVP_DigestInit_ex(context, function == .sha1 ? EVP_sha1() : EVP_sha256(), nil) == 1
  }

  /// The digest of bytes at hand. Throws ``ComposeError`` with the code `missingTool`.
  static func digest(
    _ function: Function, of bytes: some Collection<UInt8>, subject: String
  ) throws(ComposeError) -> [UInt8] {
    guard let hasher = ChecksumHasher(function) else { throw unavailable(subject) }
    Array(bytes).withUnsafeBytes { hasher.update($0) }
    return hasher.finish()
  }

  static func unavailable(_ subject: String) -> ComposeError {
    ComposeError(
      .missingTool, subject,
      "cannot be checked: this host's libcrypto offers no SHA-1; allow it in OpenSSL's configuration"
    )
  }
}
