/// What only an Alpine index says, as written; empty where the record lacks the field.
///
/// Source: Alpine's "Apk spec", "APKINDEX Format"; apk-package(5).
extension PackageRecord {
  /// `D:`: what the package depends on and conflicts with.
  public var dependsText: String { table.string(.depends, row: row) }
  /// `p:`: names that it provides.
  public var providesText: String { table.string(.provides, row: row) }
  /// `i:`: what makes it come in by itself.
  public var installIfText: String { table.string(.installIf, row: row) }
  /// `r:`: packages whose files it may overwrite.
  public var replacesText: String { table.string(.replaces, row: row) }

  /// `k:`: among providers of one name, the highest is preferred; 0 where none is given.
  public var providerPriority: Int {
    Int(table.word(table.rowOffset(row) + TableLayout.Row.providerPriority))
  }

  /// `q:`: among packages that replace each other's files, the highest wins; 0 where none is given.
  public var replacesPriority: Int {
    Int(table.word(table.rowOffset(row) + TableLayout.Row.replacesPriority))
  }

  /// Whether the record has an upper-case field that is not known: one that apk says a program must understand before
  /// it installs the package.
  public var hasUnknownField: Bool { flags & TableLayout.Flags.hasUnknownField != 0 }
}
