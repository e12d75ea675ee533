import COpenSSL

extension AlpineKeys {
  /// Verifies the signatures of `bytes`; the name of the first trusted key.
  ///
  /// At least one signature must be by a key of the set, and every one that is must fit. Throws ``ComposeError`` with
  /// the code `unverified`.
  func verify(
    _ signatures: [AlpineSignature], over bytes: ArraySlice<UInt8>, subject: String
  ) throws(ComposeError) -> String {
    guard !signatures.isEmpty else {
      throw ComposeError(
        .unverified, subject,
        "is not signed; expected a signature (.SIGN.RSA or .SIGN.RSA256) by a trusted key; "
          + "use a repository that is signed")
    }
    var signer: String?
    for signature in signatures {
      guard let key = self[signature.keyName] else { continue }
      try Self.check(signature, key: key, over: bytes, subject: subject)
      signer = signer ?? signature.keyName
    }
    guard let signer else {
      var names = [String]()
      for signature in signatures where !names.contains(signature.keyName) {
        names.append(signature.keyName)
      }
      throw ComposeError(
        .unverified, subject,
        "is signed by no trusted key, only by \(names.joined(separator: ", ")); "
          + "if you trust that key, add its file to contents.keyring")
    }
    return signer
  }

  private static func check(
    _ signature: AlpineSignature, key: Key, over bytes: ArraySlice<UInt8>, subject: String
  ) throws(ComposeError) {
    let function =
      switch signature.algorithm {
      case .sha1: EVP_sha1()
      case .sha256: EVP_sha256()
      case .sha512: EVP_sha512()
      }
    let result = withKey(key.pem) { handle -> Int32? in
      guard let context = EVP_MD_CTX_new() else { return nil }
      defer { EVP_MD_CTX_free(context) }
      guard EVP_DigestVerifyInit(context, nil, function, nil, handle) == 1 else { return nil }
      return bytes.withUnsafeBytes { data in
        signature.bytes.withUnsafeBufferPointer { signed in
          EVP_DigestVerify(
            context, signed.baseAddress, signed.count,
            data.assumingMemoryBound(to: UInt8.self).baseAddress, data.count)
        }
      }
    }
    guard let code = result ?? nil else {
      throw ComposeError(
        .unverified, subject,
        "cannot be verified: this host's libcrypto does not offer \(signature.algorithm.rawValue) "
          + "signatures; allow them in OpenSSL's configuration")
    }
    guard code == 1 else {
      throw ComposeError(
        .unverified, subject,
        "its \(signature.algorithm.rawValue) signature by \(signature.keyName) (the key of "
          + "\(key.origin)) does not fit; it was changed after it was signed, or the signature is "
          + "another file's: use another mirror")
    }
  }
}
