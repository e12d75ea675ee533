/// An `APKINDEX.tar.gz` of version 2, verified.
///
/// Source of the format: apk-v2(5); apk-index(5).
public struct AlpineSignedIndex: Sendable {
  /// The member APKINDEX.
  public let text: [UInt8]
  /// The name of the key that signed it.
  public let signer: String
  /// When APKINDEX was written, in seconds since 1970, as its tar header says: signed, too.
  public let date: Int64
  /// The text of DESCRIPTION, `v3.19.1-123-gabcdef`; empty where there is none.
  public let description: String

  /// In bytes.
  private static let descriptionLimit = 64 << 10

  /// The names of the keys that have signed an index, without a judgement of the signatures.
  ///
  /// Throws ``ComposeError`` as ``open(_:keys:subject:isCancelled:)``.
  public static func signers(
    of file: [UInt8], subject: String
  ) throws(ComposeError) -> [String] {
    let members = try members(file, subject: subject, isCancelled: { false })
    var names = [String]()
    for signature in try signatures(members) ?? [] where !names.contains(signature.keyName) {
      names.append(signature.keyName)
    }
    return names
  }

  /// Verifies an index and reads it.
  ///
  /// The signatures are judged over the bytes after them, before any of these is decompressed. Throws
  /// ``ComposeError``: `unverified`; `invalidArchive` where it is of version 3 or breaks its format; `limitExceeded`,
  /// `cancelled`.
  public static func open(
    _ file: [UInt8], keys: AlpineKeys, subject: String,
    isCancelled: @escaping () -> Bool = { false }
  ) throws(ComposeError) -> AlpineSignedIndex {
    try CharacterLocale.withUTF8 { () throws(ComposeError) in
      let members = try members(file, subject: subject, isCancelled: isCancelled)
      let signer = try verify(members, file: file, keys: keys)
      return try read(members, signer: signer)
    }
  }

  private static func members(
    _ file: [UInt8], subject: String, isCancelled: @escaping () -> Bool
  ) throws(ComposeError) -> ApkMembers {
    let source = try GzipMembers(file, subject: subject, isCancelled: isCancelled)
    let members = ApkMembers(members: source, noun: .index)
    try members.checkFormat()
    return members
  }

  /// Reads the next member; nil where it holds no signatures.
  private static func signatures(
    _ members: ApkMembers
  ) throws(ComposeError) -> [AlpineSignature]? {
    try members.begin("signature member")
    let start = try members.start()
    guard try members.isSignature(start) else { return nil }
    return try members.signatures(
      try members.rest(after: start, part: "signature member", limit: ApkMembers.signatureLimit))
  }

  /// Moves behind the signatures and verifies them; the signer.
  private static func verify(
    _ members: ApkMembers, file: [UInt8], keys: AlpineKeys
  ) throws(ComposeError) -> String {
    var all = try signatures(members) ?? []
    for _ in 0..<ApkMembers.signaturesLimit {
      let end = members.members.offset
      do throws(ComposeError) {
        return try keys.verify(
          all, over: file[min(Int(clamping: end), file.count)...], subject: members.members.subject)
      } catch {
        // Signatures may lie in several members; what follows is looked at only now that it does not fit as it is.
        guard !all.isEmpty, let more = try? signatures(members) else { throw error }
        all += more
      }
    }
    throw ComposeError(
      .limitExceeded, members.members.subject,
      "has over \(ApkMembers.signaturesLimit) signature members")
  }

  private static func read(
    _ members: ApkMembers, signer: String
  ) throws(ComposeError) -> AlpineSignedIndex {
    let subject = members.members.subject
    try members.begin("index member")
    let feed = TarFeed(members.members)
    var text: [UInt8]?
    var date: Int64 = 0
    var description: [UInt8]?
    try ArchiveReader.readTar(feed, part: "index member", subject: subject) {
      (tar) throws(ComposeError) in
      while let entry = try tar.next() {
        let name = String(decoding: (entry.name ?? []).prefix(300), as: UTF8.self)
        switch (name, entry.kind) {
        case ("APKINDEX", .regular) where text == nil:
          date = entry.mtime
          text = try tar.contents(of: name, limit: Int(IndexDecompressor.limit))
        case ("DESCRIPTION", .regular) where description == nil:
          description = try tar.contents(of: name, limit: descriptionLimit)
        default:
          throw ComposeError(
            .invalidArchive, subject,
            "has the member \"\(name)\" or has it twice; expected the files DESCRIPTION and APKINDEX"
          )
        }
      }
    }
    guard let text else {
      throw ComposeError(
        .invalidArchive, subject, "has no member APKINDEX; expected an index of packages")
    }
    try members.checkEnd(after: "index member")
    return AlpineSignedIndex(
      text: text, signer: signer, date: date,
      description: String(decoding: description ?? [], as: UTF8.self))
  }
}
