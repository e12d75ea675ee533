import OCIImage
import PkgResolve

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What a kept table was made from and how.
struct TableKey: Sendable {
  /// Of the index as it was fetched or given, compressed or not.
  let digest: Digest
  let format: IndexFormat
  let requiresPackageFiles: Bool

  /// Name of the table's file; the folder is that of the parser's version.
  fileprivate var fileName: String {
    let format =
      switch self.format {
      case .debian: "debian"
      case .alpine: "alpine"
      }
    return "\(digest.hex).\(format)\(requiresPackageFiles ? "" : ".loose")"
  }
}

/// Parsed indexes, in `indexes/<version of the parser>/`, in a form that is mapped and not parsed again.
///
/// They save time and nothing else: one that is damaged or missing is made again, and where none can be written, none
/// is kept.
extension Store {
  /// No kept table is larger. In bytes.
  private static let largestTable = 2 << 30

  private var tableFolder: String { "\(directory)/indexes/\(PackageTable.formatVersion)" }

  private func path(of key: TableKey) -> String { "\(tableFolder)/\(key.fileName)" }

  /// The table kept under a key; nil where there is none that holds together. One that does not is removed.
  func keptTable(_ key: TableKey, origin: PackageOrigin) -> PackageTable? {
    let path = path(of: key)
    guard let bytes = MappedFile.bytes(of: path, limit: Self.largestTable) else { return nil }
    if let table = try? PackageTable(kept: bytes, origin: origin), table.format == key.format,
      table.requiresPackageFiles == key.requiresPackageFiles
    {
      return table
    }
    Self.removeTree(path)
    return nil
  }

  /// Keeps a table for later runs, where the store can be written.
  func keep(_ table: PackageTable, as key: TableKey) {
    do throws(ComposeError) {
      try table.withKeptBytes { bytes throws(ComposeError) in
        try replace(path(of: key), withBytes: bytes)
      }
    } catch {
      // Without it, the next run takes a little longer.
    }
  }

  /// The digest that a file was found to have; nil where it was not read since it was last touched.
  func rememberedDigest(of identity: FileIdentity) -> Digest? {
    SmallFile.contents(of: path(of: identity), limit: 128)
      .flatMap { Digest(String(decoding: $0, as: UTF8.self)) }
  }

  func remember(_ digest: Digest, of identity: FileIdentity) {
    do throws(ComposeError) {
      try replace(path(of: identity), with: Array(digest.hex.utf8))
    } catch {
      // Without it, the next run reads the file again.
    }
  }

  private func path(of identity: FileIdentity) -> String {
    "\(tableFolder)/\(identity.digest.hex).file"
  }
}
