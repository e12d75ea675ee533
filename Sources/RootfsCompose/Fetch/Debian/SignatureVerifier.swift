/// Verifies clear-signed documents with the host's `gpgv` or `sqv`.
///
/// Nothing of OpenPGP is judged here but the frame around the text (RFC 9580 §7); what comes back is the text that
/// the program itself wrote out as signed.
struct SignatureVerifier: Sendable {
  let store: Store
  /// Where to find the programs: the value of PATH.
  let searchPath: String

  struct Verified: Sendable, Equatable {
    let text: [UInt8]
    /// Fingerprint of the key that signed it, upper-case hexadecimal digits.
    let signer: String
  }

  /// The signed text of `document`.
  ///
  /// Throws ``ComposeError`` with the code `unverified` where no key of `keyrings` made a good signature, and
  /// `missingTool` where the host has neither program.
  func verify(
    _ document: [UInt8], keyrings: [Keyring], subject: String
  ) throws(ComposeError) -> Verified {
    try checkFrame(document, subject: subject)
    guard !keyrings.isEmpty else {
      throw ComposeError(
        .unverified, subject,
        "no key is known that may sign it; name its keyring in contents.keyring or with signed-by=")
    }
    let directory = try store.privateDirectory()
    // The directory goes with the value: it must not go before the signed text is read.
    defer { withExtendedLifetime(directory) {} }
    let work = directory.path
    var paths = [String]()
    for (index, keyring) in keyrings.enumerated() {
      paths.append(work + "/keyring\(index).gpg")
      try write(keyring.packets, to: paths[index])
    }
    try write(document, to: work + "/signed")
    let origins = keyrings.map(\.origin).reduce(into: [String]()) { list, origin in
      if !list.contains(origin) { list.append(origin) }
    }
    let known = origins.joined(separator: ", ")
    let signer = try run(in: work, keyrings: paths, subject: subject, known: known)
    let sink = MemorySink(subject: subject, limit: Int64(document.count))
    _ = try LocalFile(path: work + "/text").copy(into: sink, cancellation: CancellationFlag())
    return Verified(text: sink.bytes, signer: signer)
  }

  private func run(
    in work: String, keyrings: [String], subject: String, known: String
  ) throws(ComposeError) -> String {
    let environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": work, "GNUPGHOME": work]
    if let program = ChildProcess.find("gpgv", searchPath: searchPath) {
      let arguments =
        ["--homedir", work, "--status-fd", "1", "--output", work + "/text"]
        + keyrings.flatMap { ["--keyring", $0] } + ["--", work + "/signed"]
      let result = try ChildProcess(
        executable: program, arguments: arguments, environment: environment
      ).run(in: work)
      return try GPGStatus(result.output).signer(subject: subject, known: known)
    }
    guard let program = ChildProcess.find("sqv", searchPath: searchPath) else {
      throw Self.missing(subject, "neither gpgv nor sqv is installed")
    }
    let help = try ChildProcess(
      executable: program, arguments: ["--help"], environment: environment
    ).run(in: work)
    let offers = String(decoding: help.output, as: UTF8.self)
    // Before version 1.2, sqv reads detached signatures only.
    guard offers.contains("--cleartext"), offers.contains("--output") else {
      throw Self.missing(subject, "gpgv is not installed, and this sqv is too old for signed text")
    }
    let arguments =
      keyrings.flatMap { ["--keyring", $0] }
      + ["--output", work + "/text", "--cleartext", work + "/signed"]
    let result = try ChildProcess(
      executable: program, arguments: arguments, environment: environment
    ).run(in: work)
    return try Self.signer(ofSqv: result, subject: subject, known: known)
  }

  /// `sqv` prints the fingerprint of each good signature's certificate, a line each.
  private static func signer(
    ofSqv result: ChildProcess.Result, subject: String, known: String
  ) throws(ComposeError) -> String {
    let first = String(decoding: result.output, as: UTF8.self).split(whereSeparator: \.isNewline)
      .first.map(String.init)
    guard result.status == 0, let first, first.utf8.count >= 40, first.allSatisfy(\.isHexDigit)
    else {
      throw ComposeError(
        .unverified, subject,
        "sqv finds no good signature by a key of \(known) (\(result.errors.oneLine(limit: 300))); "
          + "do not use this mirror, or name the right keyring")
    }
    return first.uppercased()
  }

  private static func missing(_ subject: String, _ what: String) -> ComposeError {
    ComposeError(
      .missingTool, subject,
      "cannot be verified: \(what); install the package gpgv, or sqv from Debian 13 on")
  }

  private func write(_ bytes: [UInt8], to path: String) throws(ComposeError) {
    try store.replace(path, with: bytes)
  }

  /// One signed text and nothing around it: no byte that a reader could take for signed.
  private func checkFrame(_ document: [UInt8], subject: String) throws(ComposeError) {
    let lines = document.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
    func matches(_ line: ArraySlice<UInt8>, _ text: String) -> Bool {
      var line = line
      while let last = line.last, last == 0x20 || last == 0x09 || last == 0x0d { line.removeLast() }
      return line.elementsEqual(text.utf8)
    }
    let begin = "-----BEGIN PGP SIGNED MESSAGE-----"
    let signature = "-----BEGIN PGP SIGNATURE-----"
    let end = "-----END PGP SIGNATURE-----"
    guard let first = lines.first, matches(first, begin) else {
      throw ComposeError(
        .unverified, subject, "is not signed; expected it to begin with \"\(begin)\"")
    }
    let frames = lines.count { $0.starts(with: "-----".utf8) }
    let signatures = lines.count { matches($0, signature) }
    guard frames == 3, signatures == 1, let last = lines.last, matches(last, end) else {
      throw ComposeError(
        .unverified, subject,
        "expected one signed text with its signature and nothing beside; "
          + "the download may be cut short, or the mirror serves something else")
    }
  }
}

extension String {
  /// Its words in one line, cut to `limit` characters.
  fileprivate func oneLine(limit: Int) -> String {
    let text = split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return text.count > limit ? text.prefix(limit) + "…" : text
  }
}
