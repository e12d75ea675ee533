/// Reads a Debian `Packages` index.
///
/// Source: Debian repository format "Packages indices", deb822(5).
public enum PackageIndex {
  /// The longest index that is read, in bytes.
  public static let sizeLimit = 1 << 30

  /// The records of an index, in its order.
  ///
  /// `requirePackageFiles`: whether a record without Filename, Size or SHA256 is refused. The index is parsed on up to
  /// `threads` threads; the result does not depend on their number.
  ///
  /// Throws ``ResolveError`` with code `invalidIndex` and `origin.name:line` where a stanza is malformed, lacks a field
  /// that is needed (Package, Version, Architecture), or holds a value that cannot be right, and with code
  /// `invalidRelation` where Provides is malformed. The other relationship fields are read later, with the records that
  /// are considered.
  public static func parse(
    _ bytes: Span<UInt8>, origin: PackageOrigin, requirePackageFiles: Bool = true, threads: Int = 1
  ) throws(ResolveError) -> PackageTable {
    try IndexText.parse(
      bytes, threads: threads, format: .debian, requiresPackageFiles: requirePackageFiles,
      origin: origin
    ) { part throws(ResolveError) in
      try PackagesParser(part, requiresPackageFiles: requirePackageFiles).parse()
    }
  }

  /// The same, of an array.
  public static func parse(
    _ bytes: [UInt8], origin: PackageOrigin, requirePackageFiles: Bool = true, threads: Int = 1
  ) throws(ResolveError) -> PackageTable {
    try parse(
      bytes.span, origin: origin, requirePackageFiles: requirePackageFiles, threads: threads)
  }
}

/// Reads the text of an Alpine `APKINDEX`.
///
/// Source: Alpine's "Apk spec", "APKINDEX Format"; apk-package(5).
public enum AlpineIndex {
  /// The records of an index, in its order.
  ///
  /// `requirePackageFiles`: whether a record without `C:` or `S:` is refused. The index is parsed on up to `threads`
  /// threads; the result does not depend on their number.
  ///
  /// Throws ``ResolveError`` with code `invalidIndex` and `origin.name:line` where a record is malformed, lacks `P:` or
  /// `V:`, or holds a value that cannot be right. Dependencies and versions are read later, with the records that are
  /// considered.
  public static func parse(
    _ bytes: Span<UInt8>, origin: PackageOrigin, requirePackageFiles: Bool = true, threads: Int = 1
  ) throws(ResolveError) -> PackageTable {
    try IndexText.parse(
      bytes, threads: threads, format: .alpine, requiresPackageFiles: requirePackageFiles,
      origin: origin
    ) { part throws(ResolveError) in
      try AlpineIndexParser(part, requiresPackageFiles: requirePackageFiles).parse()
    }
  }

  /// The same, of an array.
  public static func parse(
    _ bytes: [UInt8], origin: PackageOrigin, requirePackageFiles: Bool = true, threads: Int = 1
  ) throws(ResolveError) -> PackageTable {
    try parse(
      bytes.span, origin: origin, requirePackageFiles: requirePackageFiles, threads: threads)
  }
}
