/// One signature of an Alpine package or index.
struct AlpineSignature: Sendable, Equatable {
  /// How the signed bytes are digested. Source: apk-v2(5), "The signatures".
  enum Algorithm: String, Sendable, CaseIterable {
    case sha1 = "RSA"
    case sha256 = "RSA256"
    case sha512 = "RSA512"
  }

  /// The key's file name: `alpine-devel@lists.alpinelinux.org-6165ee59.rsa.pub`.
  let keyName: String
  let algorithm: Algorithm
  let bytes: [UInt8]
}

/// Reads the gzip members that Alpine's version 2 packages and indexes are made of, up to their contents.
///
/// Source of the format: apk-v2(5).
struct ApkMembers {
  /// What messages call the file.
  enum Noun: String {
    case package, index
  }

  let members: GzipMembers
  let noun: Noun

  /// Bytes of one signature member, decompressed. A signature of a key of 16,384 bits has 2 KiB.
  static let signatureLimit = 64 << 10
  /// Signature members of one file, and signatures of one member.
  static let signaturesLimit = 16

  private var subject: String { members.subject }

  /// Throws ``ComposeError`` with the code `invalidArchive` where the file is of version 3, or no gzip file at all.
  func checkFormat() throws(ComposeError) {
    let head = try members.peek(4)
    // Source: apk-v3(5); the files begin with "ADB", then with the compression: "." none, "d" deflate, "c" others.
    if head.starts(with: "ADB".utf8), let form = head.dropFirst(3).first, ".dc".utf8.contains(form)
    {
      throw ComposeError(
        .invalidArchive, subject,
        "is a version 3 (ADB) \(noun); expected version 2, as Alpine's repositories serve it")
    }
    guard head.starts(with: [0x1f, 0x8b]) else {
      throw ComposeError(
        .invalidArchive, subject,
        "does not begin as a gzip file; expected an Alpine \(noun) of version 2")
    }
  }

  /// Begins the next member. Throws ``ComposeError`` with the code `invalidArchive` where there is none.
  func begin(_ part: String) throws(ComposeError) {
    switch try members.begin(part) {
    case .member: return
    case .end:
      throw ComposeError(
        .invalidArchive, subject,
        "ends before its \(part); expected a whole \(noun); fetch it again")
    case .other:
      throw ComposeError(
        .invalidArchive, subject,
        "has bytes that are no gzip member where its \(part) is expected; fetch it again")
    }
  }

  /// Throws ``ComposeError`` with the code `invalidArchive` where anything follows the member `part`.
  func checkEnd(after part: String) throws(ComposeError) {
    switch try members.begin("further member") {
    case .end: return
    case .member:
      throw ComposeError(
        .invalidArchive, subject,
        "has a further gzip member after its \(part); expected nothing after it; "
          + "do not use this \(noun)")
    case .other:
      throw ComposeError(
        .invalidArchive, subject,
        "has bytes after its \(part) that belong to nothing; expected nothing after it; "
          + "do not use this \(noun)")
    }
  }

  /// What the current member begins with, decompressed: all of a small member, and of any other the first 4 KiB or so.
  func start() throws(ComposeError) -> [UInt8] {
    var bytes = [UInt8]()
    while bytes.count < 4096, let piece = try members.next() { bytes += piece }
    return bytes
  }

  /// What is left of the current member, decompressed, behind the bytes `start`.
  func rest(after start: [UInt8], part: String, limit: Int) throws(ComposeError) -> [UInt8] {
    var bytes = start
    while let piece = try members.next() {
      guard bytes.count + piece.count <= limit else {
        throw ComposeError(
          .limitExceeded, subject, "its \(part) is over \(limit) bytes; expected less")
      }
      bytes += piece
    }
    return bytes
  }

  /// Whether a member that begins so holds signatures.
  func isSignature(_ start: [UInt8]) throws(ComposeError) -> Bool {
    try ArchiveReader.readTar(start, part: "first member", subject: subject) {
      (tar) throws(ComposeError) in
      try tar.next()?.name?.starts(with: ".SIGN.".utf8) ?? false
    }
  }

  /// The signatures of a signature member. Those of other kinds (DSA) are left out: no trusted key can have made them.
  func signatures(_ member: [UInt8]) throws(ComposeError) -> [AlpineSignature] {
    try ArchiveReader.readTar(member, part: "signature member", subject: subject) {
      (tar) throws(ComposeError) in
      var found = [AlpineSignature]()
      var count = 0
      while let entry = try tar.next() {
        count += 1
        let name = entry.name ?? []
        guard name.starts(with: ".SIGN.".utf8), entry.kind == .regular,
          name.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "/") }),
          name.count <= 255, count <= Self.signaturesLimit
        else {
          throw ComposeError(
            .invalidArchive, subject,
            "has something other than signatures in its signature member; expected up to "
              + "\(Self.signaturesLimit) files called .SIGN.RSA.KEY or .SIGN.RSA256.KEY")
        }
        let bytes = try tar.contents(of: "signature", limit: Self.signatureLimit)
        let parts = String(decoding: name.dropFirst(6), as: UTF8.self)
          .split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, let algorithm = AlpineSignature.Algorithm(rawValue: parts[0]) else {
          continue
        }
        found.append(.init(keyName: parts[1], algorithm: algorithm, bytes: bytes))
      }
      return found
    }
  }
}
