import COpenSSL

/// Digests for fixtures.
public enum TestDigest {
  public static func sha1(_ bytes: [UInt8]) -> [UInt8] { digest(bytes, EVP_sha1()) }

  public static func sha256(_ bytes: [UInt8]) -> [UInt8] { digest(bytes, EVP_sha256()) }

  private static func digest(_ bytes: [UInt8], _ function: OpaquePointer?) -> [UInt8] {
    var count: UInt32 = 0
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    let done = EVP_Digest(bytes, bytes.count, &digest, &count, function, nil)
    precondition(done == 1, "libcrypto cannot digest")
    return Array(digest.prefix(Int(count)))
  }
}

extension [UInt8] {
  /// Two lower-case hexadecimal digits a byte.
  public var hexadecimal: String {
    map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
