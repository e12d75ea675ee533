import OCIImage

/// Reads Alpine's binary packages of version 2.
///
/// Nothing of a package is parsed before what vouches for it was compared: the control member's checksum is the
/// index's, the data member's hash is in the control member. Nothing is written but to the spool, and nothing of a
/// package is executed. Calls on different threads may share one spool. Source of the format: apk-v2(5).
public struct ApkArchive {
  /// What a package says it is.
  public struct Identity: Sendable, Equatable {
    public let name: String
    public let version: String
    /// `x86_64`, `noarch`.
    public let architecture: String
    /// When it was built, in seconds since 1970.
    public let buildDate: Int64
  }

  let members: ApkMembers
  let subject: String
  let limits: UnpackLimits

  /// Unpacks the package at `path`.
  ///
  /// `subject` is what messages call it, `busybox-1.36.1-r15.apk`. `expecting` is the index's `C:`; where it is nil, a
  /// signature by one of `keys` must vouch for the package. A signature by one of them must fit in any case.
  /// `isCancelled` is asked at every block. Throws ``ComposeError``: `invalidArchive` where the package breaks its
  /// format, `digestMismatch` where a checksum differs, `unverified`, `unsafePath` where a path or link leaves the tree,
  /// `limitExceeded`, `missingTool` where libcrypto offers no SHA-1, `storeUnreadable`, `storeUnwritable`, `cancelled`.
  public static func unpack(
    path: String, subject: String, expecting: String?, keys: AlpineKeys, spool: ContentSpool,
    limits: UnpackLimits = .standard, isCancelled: @escaping () -> Bool = { false }
  ) throws(ComposeError) -> UnpackedPackage {
    try unpack(
      path: path, subject: subject, expecting: expecting, keys: keys, sink: ContentSink(spool),
      limits: limits, isCancelled: isCancelled)
  }

  static func unpack(
    path: String, subject: String, expecting: String?, keys: AlpineKeys, sink: ContentSink,
    limits: UnpackLimits = .standard, isCancelled: @escaping () -> Bool
  ) throws(ComposeError) -> UnpackedPackage {
    let members = try GzipMembers(path: path, subject: subject, isCancelled: isCancelled)
    return try ApkArchive(members, limits: limits).unpack(
      expecting: expecting, keys: keys, sink: sink)
  }

  /// Unpacks the package that `members` are, from its start.
  func unpack(
    expecting: String?, keys: AlpineKeys, sink: ContentSink
  ) throws(ComposeError) -> UnpackedPackage {
    try CharacterLocale.withUTF8 { () throws(ComposeError) in
      let (control, checksum) = try readControl(expecting: expecting, keys: keys)
      let start = members.members.offset
      try checkDataHash(control)
      let size = members.members.offset
      members.members.rewind(to: start)
      let (entries, checksums, owners) = try unpackData(control, sink: sink)
      return UnpackedPackage(
        name: control.name, version: control.version, architecture: control.architecture,
        metadata: .alpine(
          ApkMetadata(
            fields: control.fields, checksum: checksum, size: size, checksums: checksums,
            owners: owners)),
        scripts: control.scripts, timestamp: control.buildDate, entries: entries)
    }
  }

  /// What the package at `path` is, its two members compared with `checksum`, the index's `C:`, and with its own hash;
  /// nothing is unpacked. A signature by one of `keys` must fit.
  ///
  /// Throws ``ComposeError`` as ``unpack(path:subject:expecting:keys:spool:limits:isCancelled:)``.
  public static func identify(
    path: String, subject: String, checksum: String, keys: AlpineKeys = AlpineKeys(),
    isCancelled: @escaping () -> Bool = { false }
  ) throws(ComposeError) -> Identity {
    let members = try GzipMembers(path: path, subject: subject, isCancelled: isCancelled)
    let archive = ApkArchive(members, limits: .standard)
    return try CharacterLocale.withUTF8 { () throws(ComposeError) in
      let (control, _) = try archive.readControl(expecting: checksum, keys: keys)
      try archive.checkDataHash(control)
      return Identity(
        name: control.name, version: control.version, architecture: control.architecture,
        buildDate: control.buildDate)
    }
  }

  init(_ members: GzipMembers, limits: UnpackLimits) {
    self.members = ApkMembers(members: members, noun: .package)
    subject = members.subject
    self.limits = limits
  }

  /// Reads up to the control member's end; the control member and its `Q1` checksum.
  private func readControl(
    expecting: String?, keys: AlpineKeys
  ) throws(ComposeError) -> (ApkControl, checksum: String) {
    try members.checkFormat()
    var signatures = [AlpineSignature]()
    var packed = [UInt8]()
    var tar = [UInt8]()
    for count in 0... {
      guard count <= ApkMembers.signaturesLimit else {
        throw ComposeError(
          .limitExceeded, subject, "has over \(ApkMembers.signaturesLimit) signature members")
      }
      packed = []
      members.members.onPacked = { (bytes) throws(ComposeError) in
        guard packed.count + bytes.count <= limits.controlBytes else {
          throw ComposeError(
            .limitExceeded, subject,
            "its control member is over \(limits.controlBytes) bytes; expected less")
        }
        packed += bytes
      }
      defer { members.members.onPacked = nil }
      // Only its content tells whether the first one holds signatures.
      try members.begin(count == 0 ? "first member" : "control member")
      let start = try members.start()
      if try members.isSignature(start) {
        signatures += try members.signatures(
          try members.rest(
            after: start, part: "signature member", limit: ApkMembers.signatureLimit))
      } else {
        tar = try members.rest(after: start, part: "control member", limit: limits.controlBytes)
        break
      }
    }
    let checksum = try verify(packed, signatures: signatures, expecting: expecting, keys: keys)
    return (try ApkControl(tar: tar, subject: subject, limits: limits), checksum)
  }

  /// Compares the compressed control member with what vouches for it; its `Q1` checksum.
  private func verify(
    _ control: [UInt8], signatures: [AlpineSignature], expecting: String?, keys: AlpineKeys
  ) throws(ComposeError) -> String {
    let identity = try ApkChecksum(.sha1, of: control, subject: subject)
    if let expecting {
      guard let expected = ApkChecksum(expecting) else {
        throw ComposeError(
          .invalidArchive, subject,
          "its index gives it the checksum \"\(expecting.prefix(100))\"; expected Q1 or Q2 and base64"
        )
      }
      let found = try ApkChecksum(expected.function, of: control, subject: subject)
      guard found.digest == expected.digest else {
        throw ComposeError(
          .digestMismatch, subject,
          "its control member has the checksum \(found.text), the index says \(expected.text); "
            + "the file is damaged or another package: fetch it again, or use another mirror")
      }
    }
    if expecting == nil || signatures.contains(where: { keys.contains($0.keyName) }) {
      _ = try keys.verify(signatures, over: control[...], subject: subject)
    }
    return identity.text
  }

  /// Compares the rest of the file with the hash in the control member.
  private func checkDataHash(_ control: ApkControl) throws(ComposeError) {
    let source = members.members
    let start = source.offset
    guard let hasher = ChecksumHasher(.sha256) else { throw ChecksumHasher.unavailable(subject) }
    try source.readRest { bytes throws(ComposeError) in hasher.update(bytes) }
    let found = hasher.finish()
    guard found != control.dataHash else { return }
    source.rewind(to: start)
    try explainDataHash(control)
    throw ComposeError(
      .digestMismatch, subject,
      "its data member has the SHA-256 \(hexadecimalText(found)), its datahash says "
        + "\(hexadecimalText(control.dataHash)); "
        + "the file is damaged: fetch it again, or use another mirror")
  }

  /// Throws where the data member itself has the right hash, and something comes after it.
  private func explainDataHash(_ control: ApkControl) throws(ComposeError) {
    guard let hasher = ChecksumHasher(.sha256), try members.members.begin("data member") == .member
    else { return }
    members.members.onPacked = { bytes throws(ComposeError) in hasher.update(bytes) }
    defer { members.members.onPacked = nil }
    do throws(ComposeError) {
      while try members.members.next() != nil {}
    } catch  where error.code == .invalidArchive {
      return
    }
    guard hasher.finish() == control.dataHash else { return }
    try members.checkEnd(after: "data member")
  }
}
