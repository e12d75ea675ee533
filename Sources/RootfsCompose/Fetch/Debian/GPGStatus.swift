/// What `gpgv` reports on its status descriptor.
///
/// Source: GnuPG, doc/DETAILS, "Format of the --status-fd output". The exit status does not serve: a document signed
/// by two keys of which the host has one makes gpgv fail although one signature is good.
struct GPGStatus {
  private var good: [String] = []
  private var unknown: [String] = []
  private var problems: [String] = []
  private var isForged = false
  private var texts = 0

  init(_ output: [UInt8]) {
    var isGood = false
    for line in String(decoding: output, as: UTF8.self).split(whereSeparator: \.isNewline) {
      let words = line.split(separator: " ").map(String.init)
      guard words.count >= 2, words[0] == "[GNUPG:]" else { continue }
      let key = words.count > 2 ? words[2] : ""
      switch words[1] {
      case "NEWSIG": isGood = false
      case "PLAINTEXT": texts += 1
      case "GOODSIG": isGood = true
      case "VALIDSIG":
        if isGood { takeValid(words) }
        isGood = false
      case "BADSIG":
        isForged = true
      case "NO_PUBKEY": unknown.append(key)
      case "EXPKEYSIG": problems.append("the key \(key) has expired")
      case "EXPSIG": problems.append("the signature by \(key) has expired")
      case "REVKEYSIG": problems.append("the key \(key) was revoked")
      case "NODATA", "UNEXPECTED", "FAILURE": problems.append("gpgv reports \(words[1])")
      default: break
      }
    }
  }

  /// `VALIDSIG fingerprint date time expiry version reserved algorithm hash class primary-fingerprint`
  private mutating func takeValid(_ words: [String]) {
    guard words.count >= 10, words[2].utf8.count >= 40 else { return }
    // MD5, SHA-1 and RIPEMD-160 can be forged. Source: RFC 9580 §9.5 for the numbers.
    guard !["1", "2", "3"].contains(words[9]) else {
      problems.append("the signature by \(words[2]) uses a broken hash")
      return
    }
    good.append(words.count > 11 ? words[11] : words[2])
  }

  /// The fingerprint of the first good signature's key.
  func signer(subject: String, known: String) throws(ComposeError) -> String {
    let advice = "do not use this mirror, or name the right keyring"
    if isForged {
      throw ComposeError(
        .unverified, subject,
        "the signature does not fit the text: it was changed after it was signed; \(advice)")
    }
    guard let signer = good.first, texts == 1 else {
      var reasons = problems
      if !unknown.isEmpty {
        let keys = unknown.joined(separator: ", ")
        reasons.append("it is signed by \(keys), which \(known) does not have")
      }
      let why = reasons.isEmpty ? "gpgv finds no signature" : reasons.joined(separator: "; ")
      throw ComposeError(
        .unverified, subject, "no good signature by a known key: \(why); \(advice)")
    }
    return signer
  }
}
