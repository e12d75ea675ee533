import OCIImage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The bytes of a decoded package's files, one after the other.
struct ExpandedContents {
  fileprivate let file: ContentFile
  fileprivate let size: Int64

  /// A range of them; nil where it is none of theirs.
  func content(at offset: Int64, count: UInt64, checksum: UInt32) -> Content? {
    guard offset >= 0, offset <= size, count <= UInt64(size - offset) else { return nil }
    return Content(file: file, offset: offset, count: Int(count), checksum: checksum)
  }
}

/// Decoded packages, in `expanded/<version of the form>/ab/<hex>`, named for the packages' digests.
///
/// They save time and nothing else: one that is damaged or missing is made again. A table is checked when it is opened,
/// contents when they are read.
extension Store {
  /// What is read of a kept package's end at first: the whole table of most.
  private static let tailSize = 64 << 10

  private func expandedFolder(of digest: Digest) -> String {
    "\(directory)/expanded/\(ExpandedForm.version)/\(digest.hex.prefix(2))"
  }

  private func expandedPath(of digest: Digest) -> String {
    "\(expandedFolder(of: digest))/\(digest.hex)"
  }

  /// The package kept under its digest; nil where there is none that holds together and was vouched for by the same
  /// checksum. One that does not hold together is removed.
  func expandedPackage(_ digest: Digest, checksum: String?) -> UnpackedPackage? {
    let path = expandedPath(of: digest)
    let descriptor = Self.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    let file = ContentFile(owning: descriptor, path: path)
    defer { withExtendedLifetime(file) {} }
    let key = ExpandedKey(digest: digest.hex, checksum: checksum)
    do throws(ExpandedDamage) {
      let package = try Self.expandedPackage(file, descriptor, key: key)
      if package != nil {
        Self.noteUse(descriptor)
        file.allowClosing()
      }
      return package
    } catch {
      unlink(path)
      return nil
    }
  }

  /// The contents alone of the package kept under its digest, for who knows where in them each file lies; nil where there
  /// is none.
  func expandedContents(_ digest: String) -> ExpandedContents? {
    guard let digest = Digest("sha256:" + digest) else { return nil }
    let path = expandedPath(of: digest)
    let descriptor = Self.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    let file = ContentFile(owning: descriptor, path: path)
    defer { withExtendedLifetime(file) {} }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    Self.noteUse(descriptor)
    file.allowClosing()
    return ExpandedContents(file: file, size: Int64(status.st_size))
  }

  /// nil where the package was kept under another key.
  private static func expandedPackage(
    _ file: ContentFile, _ descriptor: Int32, key: ExpandedKey
  ) throws(ExpandedDamage) -> UnpackedPackage? {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let size = Int64(status.st_size)
    var tail = try end(of: file, size: size, count: min(Int64(tailSize), size))
    let footer = tail.withUnsafeBytes {
      ExpandedForm.Footer(.init(rebasing: $0.suffix(ExpandedForm.Footer.size)), fileSize: size)
    }
    guard let footer else { throw ExpandedDamage() }
    let count = Int64(footer.table) + Int64(ExpandedForm.Footer.size)
    if count > tail.count { tail = try end(of: file, size: size, count: count) }
    // What `withUnsafeBytes` rethrows has lost its type.
    let read = tail.withUnsafeBytes { bytes in
      let table = UnsafeRawBufferPointer(
        rebasing: bytes.suffix(Int(count)).dropLast(ExpandedForm.Footer.size))
      return Result { () throws(ExpandedDamage) -> UnpackedPackage? in
        guard footer.vouches(for: table), let found = ExpandedTableReader.key(table),
          found.digest == key.digest
        else { throw ExpandedDamage() }
        guard found == key else { return nil }
        return try ExpandedTableReader.package(table, contents: footer.contents, file: file)
      }
    }
    return try read.get()
  }

  private static func end(
    of file: ContentFile, size: Int64, count: Int64
  ) throws(ExpandedDamage) -> [UInt8] {
    do throws(ComposeError) {
      return try file.read(offset: size - count, count: Int(count))
    } catch {
      throw ExpandedDamage()
    }
  }

  /// Keeps a package whose contents `unpack` puts into the sink it is given, and returns it.
  ///
  /// Where `unpack` throws, nothing is kept. Where only the table cannot be written, the package serves this run.
  func keepingExpanded(
    _ digest: Digest, checksum: String?,
    _ unpack: (ContentSink) throws(ComposeError) -> UnpackedPackage
  ) throws(ComposeError) -> UnpackedPackage {
    let path = expandedPath(of: digest)
    let entry = try workFile()
    // Its own: the contents outlive the entry.
    let descriptor = fcntl(entry.descriptor, F_DUPFD_CLOEXEC, 0)
    guard descriptor >= 0 else { throw Self.unwritable(entry.path, "cannot be opened") }
    let file = ContentFile(owning: descriptor, path: path)
    defer { withExtendedLifetime(file) {} }
    let sink = ContentSink(file)
    let package = try unpack(sink)
    let key = ExpandedKey(digest: digest.hex, checksum: checksum)
    guard let table = ExpandedTableWriter(package, key: key)?.bytes else { return package }
    do throws(ComposeError) {
      try Self.writeTable(table, behind: sink)
      try Self.makeDirectory(expandedFolder(of: digest))
      _ = fchmod(descriptor, 0o644)
      // Without a sync: what a crash of the machine spoils is found by its checksums.
      if rename(entry.path, path) == 0 {
        entry.disown()
        flock(descriptor, LOCK_UN)
        file.allowClosing()
      }
    } catch {
      // Without it, the next run decodes the package again.
    }
    return package
  }

  private static func writeTable(
    _ table: [UInt8], behind sink: ContentSink
  ) throws(ComposeError) {
    let written = table.withUnsafeBytes { table in
      let contents = sink.end
      let footer = ExpandedForm.Footer(contents: contents, table: table).bytes
      return footer.withUnsafeBytes { footer in
        Result { () throws(ComposeError) in try sink.file.write(table, footer, at: contents) }
      }
    }
    try written.get()
  }
}
