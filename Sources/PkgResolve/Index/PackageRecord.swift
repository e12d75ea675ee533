/// One package of an index: a row of a ``PackageTable``. Cheap to copy; each value is read when it is asked for.
///
/// Source: Debian Policy §5.3, deb-control(5), Debian repository format "Packages indices"; Alpine's "Apk spec",
/// "APKINDEX Format".
public struct PackageRecord: Sendable, CustomStringConvertible {
  let table: PackageTable
  /// Position in the index, from 0.
  public let row: Int

  public var name: String { table.string(.name, row: row) }
  /// As written in the index.
  public var version: String { table.string(.version, row: row) }
  /// `amd64`, `all`; `x86_64`, `noarch`, or empty where an Alpine index does not say.
  public var architecture: String { table.string(.architecture, row: row) }

  /// Of the package file, in bytes; 0 where an index given by hand does not say.
  public var size: Int64 { Int64(clamping: long(TableLayout.Row.size)) }

  /// Of what it unpacks to, in bytes, as estimated by who built it; nil where the index gives none.
  public var installedSize: Int64? { Int64(exactly: long(TableLayout.Row.installedSize)) }

  /// Of the package file: `sha256:` and 64 lower-case hexadecimal digits (Debian); the `C:` field as written, `Q1…`
  /// (Alpine); nil where an index given by hand has none.
  public var digest: String? {
    if table.format == .alpine {
      let text = table.string(.checksum, row: row)
      return text.isEmpty ? nil : text
    }
    guard flags & TableLayout.Flags.hasDigest != 0 else { return nil }
    let start = table.rowOffset(row) + TableLayout.Row.digest
    let digits = Array("0123456789abcdef".utf8)
    var text = Array("sha256:".utf8)
    text.reserveCapacity(71)
    for byte in UnsafeRawBufferPointer(start: table.base + start, count: 32) {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Path of the package file relative to the origin's URL; never absolute, never with `..`. `NAME-VERSION.apk` for
  /// Alpine; empty where a Debian index given by hand has none.
  public var filename: String {
    if table.format == .alpine { return "\(name)-\(version).apk" }
    let text = table.string(.filename, row: row)
    guard flags & TableLayout.Flags.hasUsualFilename != 0 else { return text }
    let version = self.version.split(separator: ":", maxSplits: 1).last ?? ""
    return (text.isEmpty ? "" : text + "/") + "\(name)_\(version)_\(architecture).deb"
  }

  /// Name of what it was built from. Source: Debian Policy §5.6.1; Alpine's `o:`.
  public var sourceName: String { sourceParts.name }

  /// Version of the source package as written; the package's own where the field names none.
  public var sourceVersion: String { sourceParts.version ?? version }

  public var origin: PackageOrigin { table.origin }
  /// Line of the index that the stanza starts on, from 1.
  public var line: Int { Int(table.word(table.rowOffset(row) + TableLayout.Row.line)) }

  /// `name version`.
  public var description: String { "\(name) \(version)" }

  var flags: UInt32 { table.word(table.rowOffset(row) + TableLayout.Row.flags) }

  private func long(_ offset: Int) -> UInt64 { table.longWord(table.rowOffset(row) + offset) }

  private var sourceParts: (name: String, version: String?) {
    let value = table.string(.source, row: row)
    guard !value.isEmpty else { return (name, nil) }
    guard let open = value.firstIndex(of: "("), let close = value.lastIndex(of: ")"), open < close
    else { return (value, nil) }
    let name = value[..<open].filter { $0 != " " }
    return (name, String(value[value.index(after: open)..<close]))
  }
}
