import COpenSSL
import OCIImage

/// What OpenSSL finds a certificate by: the hash of its subject.
struct CertificateSubject {
  let hash: UInt32
  /// Of the whole certificate, in DER.
  let fingerprint: Digest
}

/// Reads certificates without their keys.
///
/// libcrypto looks for a decoder of each certificate's public key as it reads it, which takes five times as long as all
/// the rest, and goes on where it finds none. Nothing here uses a key, so that the library context given to it has no
/// decoders. Source: provider(7), OSSL_PROVIDER-null(7).
struct CertificateReader: ~Copyable {
  private let context: OpaquePointer?
  private let provider: OpaquePointer?

  init() {
    context = OSSL_LIB_CTX_new()
    // An empty context would load the default provider by itself.
    provider = context.flatMap { OSSL_PROVIDER_load($0, "null") }
  }

  deinit {
    if let provider { OSSL_PROVIDER_unload(provider) }
    OSSL_LIB_CTX_free(context)
  }

  /// Reads PEM text with exactly one certificate; nil for none, several, or what libcrypto does not accept.
  func subject(ofOnlyCertificateIn pem: [UInt8]) -> CertificateSubject? {
    guard let length = Int32(exactly: pem.count), length > 0 else { return nil }
    let found = pem.withUnsafeBytes { bytes -> (UInt32, [UInt8])? in
      guard let input = BIO_new_mem_buf(bytes.baseAddress, length) else { return nil }
      defer {
        BIO_free(input)
        ERR_clear_error()
      }
      guard let certificate = next(input) else { return nil }
      defer { X509_free(certificate) }
      if let second = next(input) {
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
    return CertificateSubject(hash: found.0, fingerprint: .sha256(of: found.1))
  }

  /// The next certificate, plain or with OpenSSL's notes on whom to trust behind it.
  private func next(_ input: OpaquePointer) -> OpaquePointer? {
    var block: UnsafeMutablePointer<UInt8>?
    var size = 0
    // With an empty passphrase, for without one libcrypto asks the terminal where the PEM text says it is encrypted.
    let isRead = "".withCString { passphrase in
      PEM_bytes_read_bio(
        &block, &size, nil, PEM_STRING_X509_TRUSTED, input, nil,
        UnsafeMutableRawPointer(mutating: passphrase))
    }
    guard isRead == 1, let block else { return nil }
    defer { CRYPTO_free(block, nil, 0) }
    var rest: UnsafePointer<UInt8>? = UnsafePointer(block)
    guard let certificate = ASN1_item_d2i_ex(nil, &rest, size, X509_it(), context, nil) else {
      return nil
    }
    let left = rest.map { size - (UnsafePointer(block).distance(to: $0)) } ?? 0
    guard left > 0 else { return certificate }
    guard let notes = d2i_X509_CERT_AUX(nil, &rest, left) else {
      X509_free(certificate)
      return nil
    }
    X509_CERT_AUX_free(notes)
    return certificate
  }
}
