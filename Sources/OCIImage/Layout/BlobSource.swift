/// Where the blobs of an image are.
enum BlobSource: Sendable {
  /// A directory that holds `blobs/sha256`: a store or a layout. `code` is what an unreadable blob throws.
  case directory(String, code: OCIError.Code)
  /// Blobs that this process made.
  case staging(StagingDirectory)
  /// An uncompressed tar archive of a layout.
  case archive(ArchiveIndex)

  static func blobDirectory(in directory: String) -> String { directory + "/blobs/sha256" }

  static func path(of digest: Digest, in directory: String) -> String {
    blobDirectory(in: directory) + "/" + digest.hex
  }

  /// Hands a blob's bytes to `body`, and throws ``OCIError`` where they have another size or digest. The digest of a blob
  /// that never left this process's hands is not worked out again.
  func read(
    _ descriptor: Descriptor, _ body: (UnsafeRawBufferPointer) throws(OCIError) -> Void
  ) throws(OCIError) {
    switch self {
    case .staging(let staging):
      let path = staging.path(of: descriptor.digest)
      let file = try InputFile(path, code: .storeUnreadable)
      try Self.check(size: file.size, descriptor, path)
      if staging.isShared(descriptor.digest, inode: file.inode) {
        try Self.read(file, at: 0, descriptor, path, body)
      } else {
        try file.forEachChunk(at: 0, count: file.size, body)
      }
    case .directory(let directory, let code):
      let path = Self.path(of: descriptor.digest, in: directory)
      let file = try InputFile(path, code: code)
      try Self.check(size: file.size, descriptor, path)
      try Self.read(file, at: 0, descriptor, path, body)
    case .archive(let archive):
      let member = "blobs/sha256/" + descriptor.digest.hex
      let subject = archive.path + ": " + member
      guard let range = archive.members[member] else {
        throw OCIError(.notFound, subject, "the archive has no such blob; copy the image again")
      }
      try Self.check(size: range.size, descriptor, subject)
      let file = try InputFile(archive.path, code: .inputUnreadable)
      try Self.read(file, at: range.offset, descriptor, subject, body)
    }
  }

  /// Hands the blob at `offset` to `body` and checks its digest on the way.
  private static func read(
    _ file: borrowing InputFile, at offset: Int64, _ descriptor: Descriptor, _ subject: String,
    _ body: (UnsafeRawBufferPointer) throws(OCIError) -> Void
  ) throws(OCIError) {
    var hasher = SHA256Hasher()
    try file.forEachChunk(at: offset, count: descriptor.size) { (bytes) throws(OCIError) in
      hasher.update(bytes)
      try body(bytes)
    }
    let digest = hasher.finish()
    guard digest == descriptor.digest else {
      throw OCIError(
        .digestMismatch, subject,
        "damaged: expected \(descriptor.digest), found \(digest); delete it and make it again")
    }
  }

  /// A whole document. Throws ``OCIError`` (`limitExceeded`) before it reads one that is too large.
  func document(_ descriptor: Descriptor) throws(OCIError) -> [UInt8] {
    guard descriptor.size <= CanonicalJSON.maximumSize else {
      throw OCIError(
        .limitExceeded, descriptor.digest.description,
        "a document of \(descriptor.size) bytes; at most \(CanonicalJSON.maximumSize) are read")
    }
    var bytes = [UInt8]()
    bytes.reserveCapacity(Int(descriptor.size))
    try read(descriptor) { bytes.append(contentsOf: $0) }
    return bytes
  }

  /// Makes a blob of the right size a file at `path` without a copy; false where that is not possible.
  func link(_ descriptor: Descriptor, to path: String) -> Bool {
    guard case .staging(let staging) = self else { return false }
    return staging.link(descriptor.digest, size: descriptor.size, to: path)
  }

  private static func check(
    size: Int64, _ descriptor: Descriptor, _ subject: String
  ) throws(OCIError) {
    guard size == descriptor.size else {
      throw OCIError(
        .digestMismatch, subject,
        "damaged: expected \(descriptor.size) bytes, found \(size); delete it and make it again")
    }
  }
}
