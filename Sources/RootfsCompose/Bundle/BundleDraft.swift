import OCIImage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A bundle that is ready to be written: the same recipes, locks and files always give the same bytes.
///
/// The form is a plain tar archive: the manifest first, then the members sorted by their paths, each owned by root, of
/// 1970, in mode 0644 or 0755.
public struct BundleDraft: Sendable {
  /// Where a member's bytes are.
  enum Source: Sendable {
    case bytes([UInt8])
    case file(StoredFile)
  }

  let manifest: BundleManifest
  private let sources: [String: Source]

  /// How many files and folders the bundle holds, the manifest left out.
  public var memberCount: Int { manifest.members.count }
  /// What the files hold together, in bytes.
  public var contentSize: Int64 { manifest.members.map(\.size).saturatingSum }
  /// The name of the first member. It holds the digest that all other bytes follow from.
  public var identity: String {
    get throws(OCIError) { BundleManifest.memberName(of: try manifest.encoded()) }
  }

  init(images: [BundleManifest.Image], members: [(BundleManifest.Member, Source?)]) {
    manifest = BundleManifest(
      images: images,
      members: members.map(\.0).sorted {
        $0.path.utf8.lexicographicallyPrecedes($1.path.utf8)
      })
    sources = Dictionary(members.compactMap { member, source in source.map { (member.path, $0) } })
    {
      first, _ in first
    }
  }

  /// Writes the archive. `name` is what errors call it.
  ///
  /// Throws ``ComposeError``: `outputUnwritable`, `inputUnreadable` for a local file that changes meanwhile,
  /// `storeUnreadable`, `limitExceeded`, `unsafePath`, `cancelled`.
  public func write(
    to descriptor: Int32, name: String, isCancelled: @Sendable () -> Bool = { false }
  ) throws(ComposeError) {
    guard manifest.members.count <= BundleManifest.mostMembers else {
      throw ComposeError(
        .limitExceeded, name,
        "would hold \(manifest.members.count) files; expected at most \(BundleManifest.mostMembers)"
      )
    }
    let bytes = try Self.unwrap(name) { () throws(OCIError) in try manifest.encoded() }
    guard bytes.count <= CanonicalJSON.maximumSize else {
      throw ComposeError(
        .limitExceeded, name,
        "would have a manifest of \(bytes.count) bytes; expected at most \(CanonicalJSON.maximumSize): "
          + "put fewer recipes into one bundle")
    }
    var output = BundleOutput(descriptor: descriptor, name: name)
    let first = BundleManifest.memberName(of: bytes)
    try output.begin(BundleManifest.entry(name: first, size: Int64(bytes.count)))
    try output.put(bytes)
    try output.end()
    for member in manifest.members {
      guard !isCancelled() else { throw ComposeError(.cancelled, name, "cancelled") }
      try output.begin(member.entry)
      switch sources[member.path] {
      case .bytes(let bytes):
        try output.put(bytes)
      case .file(let file): try copy(file, member, to: &output)
      case nil: break
      }
      try output.end()
    }
    try output.put(TarArchive.end)
  }

  private func copy(
    _ file: StoredFile, _ member: BundleManifest.Member, to output: inout BundleOutput
  ) throws(ComposeError) {
    let input = try file.openForReading()
    defer { close(input) }
    var hasher = SHA256Hasher()
    var count: Int64 = 0
    try readAll(input, path: file.path, cancellation: nil) { bytes throws(ComposeError) in
      count += Int64(bytes.count)
      guard count <= member.size else { return }
      hasher.update(bytes)
      try output.put(bytes)
    }
    guard count == member.size, hasher.finish() == member.content else {
      throw ComposeError(
        member.kind.isStored ? .storeUnreadable : .inputUnreadable, file.path,
        "changed while it was in use; run the command again")
    }
  }

  fileprivate static func unwrap<Value>(
    _ name: String, _ body: () throws(OCIError) -> Value
  ) throws(ComposeError) -> Value {
    do throws(OCIError) {
      return try body()
    } catch {
      throw ComposeError(
        .unsafePath, name, "cannot hold \(error.subject): \(error.message)", underlying: error)
    }
  }
}

/// Puts members into an archive one after the other.
private struct BundleOutput {
  let descriptor: Int32
  let name: String
  private var size: Int64 = 0

  init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  mutating func begin(_ entry: TarEntry) throws(ComposeError) {
    size = entry.size
    let header = try BundleDraft.unwrap(name) { () throws(OCIError) in
      try TarArchive.header(of: entry)
    }
    try put(header)
  }

  func end() throws(ComposeError) {
    let padding = [UInt8](repeating: 0, count: TarArchive.padding(after: size))
    try put(padding)
  }

  func put(_ bytes: [UInt8]) throws(ComposeError) {
    let written = bytes.withUnsafeBytes { bytes in
      Result { () throws(ComposeError) in try put(bytes) }
    }
    try written.get()
  }

  func put(_ bytes: UnsafeRawBufferPointer) throws(ComposeError) {
    var rest = bytes
    while let start = rest.baseAddress, !rest.isEmpty {
      let count = write(descriptor, start, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw ComposeError(.outputUnwritable, name, "cannot be written: \(errnoText())")
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }
}
