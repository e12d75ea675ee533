import COpenSSL
import OCIImage

/// What OpenSSL finds a certificate by: the hash of its subject.
struct CertificateSubject {
  let hash: UInt32
  /// Of the whole certificate, in DER.
  let fingerprint: Digest

  /// Reads PEM text with exactly one certificate; nil for none, several, or what libcrypto does not accept.
  init?(onlyCertificateOf pem: [UInt8]) {
    guard let length = Int32(exactly: pem.count), length > 0 else { return nil }
    let found = pem.withUnsafeBytes { bytes -> (UInt32, [UInt8])? in
      guard let input = BIO_new_mem_buf(bytes.baseAddress, length) else { return nil }
      defer {
        BIO_free(input)
        ERR_clear_error()
      }
      guard let certificate = Self.next(input) else { return nil }
      defer { X509_free(certificate) }
      if let second = Self.next(input) {
        X509_free(second)
        return nil
      }
      var encoded: UnsafeMutablePointer<UInt8>?
      let size = i2d_X509(certificate, &encoded)
      guard size > 0, let encoded else { return nil }
      // OPENSSL_free is a macro.
      defer { CRYPTO_free(encoded, nil, 0) }
      let der = Array(UnsafeBufferPointer(start: encoded, count: Int(size)))
      return (UInt32(truncatingIfNeeded: X509_subject_name_hash(certificate)), der)
    }
    guard let found else { return nil }
    hash = found.0
    fingerprint = .sha256(of: found.1)
  }

  /// With an empty passphrase, for without one libcrypto asks the terminal where the PEM text says it is encrypted.
  private static func next(_ input: OpaquePointer) -> OpaquePointer? {
    "".withCString { passphrase in
      PEM_read_bio_X509_AUX(input, nil, nil, UnsafeMutableRawPointer(mutating: passphrase))
    }
  }
}
