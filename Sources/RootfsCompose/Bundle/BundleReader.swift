import OCIImage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Reads a bundle from its beginning to its end, and believes nothing of it that is not checked.
///
/// The manifest comes first; what every further byte must be follows from it. A member's bytes go where they are meant
/// to be used only once they are found to have the digest that the manifest gives.
struct BundleReader {
  /// As it was named.
  let path: String
  let store: Store
  /// Where members lie that are not for the store.
  let folder: String
  let isCancelled: @Sendable () -> Bool
  private let input: BundleInput

  init(
    path: String, store: Store, folder: String,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(ComposeError) {
    self.path = path
    self.store = store
    self.folder = folder
    self.isCancelled = isCancelled
    input = try BundleInput(path: path)
  }

  /// Takes all members; returns the manifest.
  ///
  /// Throws ``ComposeError``: `invalidArchive` for what is no bundle or not of the one form, `digestMismatch` for a member
  /// with other bytes than the manifest promises, `inputUnreadable`, `storeUnwritable`, `cancelled`.
  func read() throws(ComposeError) -> BundleManifest {
    let manifest = try readManifest()
    for member in manifest.members { try take(member) }
    try expect(TarArchive.end, "the archive's end")
    guard try input.isAtEnd() else {
      throw ComposeError(.invalidArchive, path, "goes on after its end; \(Self.remedy)")
    }
    return manifest
  }

  private static let remedy = "it was damaged or changed: fetch it again, or make it anew"

  private func readManifest() throws(ComposeError) -> BundleManifest {
    let block = try input.bytes(512, ComposeError(.invalidArchive, path, Self.stranger))
    let name = String(decoding: block.prefix(100).prefix { $0 != 0 }, as: UTF8.self)
    let digits = String(decoding: block[124..<135], as: UTF8.self)
    guard name.hasPrefix("bundle-"), name.hasSuffix(".json"),
      let digest = Digest(name.dropFirst(7).dropLast(5)), let size = Int64(digits, radix: 8)
    else { throw ComposeError(.invalidArchive, path, Self.stranger) }
    guard size <= CanonicalJSON.maximumSize else {
      throw ComposeError(
        .limitExceeded, subject(name),
        "has \(size) bytes; expected at most \(CanonicalJSON.maximumSize)")
    }
    let entry = BundleManifest.entry(name: name, size: size)
    guard try header(of: entry) == block else { throw wrongHeader(name) }
    let bytes = try input.bytes(Int(size), truncated(name))
    guard Digest.sha256(of: bytes) == digest else {
      throw ComposeError(
        .digestMismatch, subject(name), "does not have the digest in its name; \(Self.remedy)")
    }
    try expectPadding(after: size, name)
    return try BundleManifest(bytes, subject: subject(name))
  }

  private static let stranger =
    "is no bundle; expected a file that \"dhi-compose bundle\" wrote, not compressed"

  private func take(_ member: BundleManifest.Member) throws(ComposeError) {
    let expected = try header(of: member.entry)
    guard try input.bytes(expected.count, truncated(member.path)) == expected else {
      throw wrongHeader(member.path)
    }
    guard let digest = member.content else {
      try Store.makeDirectory(folder + "/" + member.path)
      return
    }
    let entry = try store.workFile()
    let count = member.size
    let found = try copy(count, to: entry, member)
    guard found == digest else {
      throw ComposeError(
        .digestMismatch, subject(member.path),
        "expected \(digest), found \(found); \(Self.remedy)")
    }
    try expectPadding(after: count, member.path)
    fchmod(entry.descriptor, member.executable == true ? 0o755 : 0o644)
    if member.kind.isStored {
      let file = StoredFile(path: entry.path, digest: digest, size: count)
      _ = try store.admit(file)
    } else {
      try place(entry.path, member)
    }
    entry.disown()
  }

  /// Moves a file to its path in the folder, which nobody else may enter and which holds no link.
  private func place(
    _ file: String, _ member: BundleManifest.Member
  ) throws(ComposeError) {
    let target = folder + "/" + member.path
    try Store.makeDirectory(target.lastIndex(of: "/").map { String(target[..<$0]) } ?? folder)
    guard access(target, F_OK) != 0, rename(file, target) == 0 else {
      throw ComposeError(
        .invalidArchive, subject(member.path), "is a file and a folder; \(Self.remedy)")
    }
  }

  private func copy(
    _ size: Int64, to entry: WorkEntry, _ member: BundleManifest.Member
  ) throws(ComposeError) -> Digest {
    var hasher = SHA256Hasher()
    var left = size
    while left > 0 {
      guard !isCancelled() else { throw ComposeError(.cancelled, path, "cancelled") }
      let chunk = try input.bytes(Int(min(left, 256 << 10)), truncated(member.path))
      chunk.withUnsafeBytes { hasher.update($0) }
      let written = chunk.withUnsafeBytes { bytes in
        Result { () throws(ComposeError) in
          try Store.write(bytes, to: entry.descriptor, path: entry.path)
        }
      }
      try written.get()
      left -= Int64(chunk.count)
    }
    return hasher.finish()
  }

  private func header(of entry: TarEntry) throws(ComposeError) -> [UInt8] {
    do throws(OCIError) {
      return try TarArchive.header(of: entry)
    } catch {
      throw ComposeError(
        .invalidArchive, subject(String(decoding: entry.path, as: UTF8.self)), error.message,
        underlying: error)
    }
  }

  private func expectPadding(after size: Int64, _ name: String) throws(ComposeError) {
    let zeros = [UInt8](repeating: 0, count: TarArchive.padding(after: size))
    guard try input.bytes(zeros.count, truncated(name)) == zeros else {
      throw ComposeError(
        .invalidArchive, subject(name), "is followed by other bytes than zeros; \(Self.remedy)")
    }
  }

  private func expect(_ bytes: [UInt8], _ what: String) throws(ComposeError) {
    guard try input.bytes(bytes.count, truncated(what)) == bytes else {
      throw ComposeError(
        .invalidArchive, path,
        "holds something else in the place of \(what): a member that its manifest does not list, or "
          + "a damaged one; \(Self.remedy)")
    }
  }

  private func subject(_ member: String) -> String { "\(path): \(member)" }

  private func wrongHeader(_ name: String) -> ComposeError {
    ComposeError(
      .invalidArchive, subject(name),
      "its header is not the one that the manifest determines (a regular file or folder of root, "
        + "1970, in the manifest's order); \(Self.remedy)")
  }

  private func truncated(_ name: String) -> ComposeError {
    ComposeError(.invalidArchive, path, "ends within \(name); \(Self.remedy)")
  }
}

/// The bytes of a file or pipe, in order.
private final class BundleInput {
  private let path: String
  private let descriptor: Int32

  init(path: String) throws(ComposeError) {
    self.path = path
    descriptor = Store.open(path, O_RDONLY)
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR
    else {
      let reason = descriptor < 0 ? errnoText() : "it is a folder"
      if descriptor >= 0 { close(descriptor) }
      throw ComposeError(
        .inputUnreadable, path, "cannot be read: \(reason); name a bundle that is there")
    }
  }

  deinit { close(descriptor) }

  /// The next bytes, exactly `count`; throws `short` where there are fewer.
  func bytes(_ count: Int, _ short: @autoclosure () -> ComposeError) throws(ComposeError) -> [UInt8]
  {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = 0
      while filled < count, let start = buffer.baseAddress {
        let more = read(descriptor, start + filled, count - filled)
        if more < 0, errno == EINTR { continue }
        if more < 0 { failure = errno }
        guard more > 0 else { return }
        filled += more
      }
    }
    guard failure == 0 else {
      throw ComposeError(
        .inputUnreadable, path, "cannot be read: \(String(cString: strerror(failure)))")
    }
    guard bytes.count == count else { throw short() }
    return bytes
  }

  func isAtEnd() throws(ComposeError) -> Bool {
    do throws(ComposeError) {
      _ = try bytes(1, ComposeError(.notFound, path, "end"))
      return false
    } catch {
      if error.code == .notFound { return true }
      throw error
    }
  }
}
