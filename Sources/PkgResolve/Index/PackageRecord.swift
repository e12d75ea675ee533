/// One stanza of a `Packages` index.
///
/// What choosing needs is read when the index is; everything else stays a range of the index's bytes until it is
/// asked for, so that an index of 60,000 records stays cheap.
/// Source: Debian Policy §5.3, deb-control(5), Debian repository format "Packages indices".
public struct PackageRecord: Sendable, CustomStringConvertible {
  /// Whether packages of other architectures may use this one, or stand beside it. Source: deb-control(5).
  public enum MultiArch: Sendable { case no, same, foreign, allowed }

  /// Debian Policy §2.5; the most important first.
  public enum Priority: UInt8, Sendable, Comparable {
    case required, important, standard, optional, extra, unknown
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  public let name: String
  public let version: DebianVersion
  /// `amd64`, `all`.
  public let architecture: String
  public let multiArch: MultiArch
  public let priority: Priority
  public let isEssential: Bool
  /// Of the package file, in bytes.
  public let size: Int64
  /// Estimate of the unpacked size, in KiB; nil where the index gives none.
  public let installedSize: Int64?
  /// 64 lower-case hexadecimal digits.
  public var sha256: String { text(fields.sha256).lowercased() }
  /// Path of the package file relative to the origin's URL; never absolute, never with `..`.
  public var filename: String { text(fields.filename) }
  public var section: String { text(fields.section) }
  public var origin: PackageOrigin { source.origin }
  /// Line of the index that the stanza starts on, from 1.
  public let line: Int

  let source: IndexSource
  let fields: Fields

  /// Ranges of the values that are read on demand; empty where the field is missing.
  struct Fields: Sendable {
    var sha256 = Extent()
    var filename = Extent()
    var section = Extent()
    var source = Extent()
    var depends = Extent()
    var preDepends = Extent()
    var conflicts = Extent()
    var breaks = Extent()
    var provides = Extent()
    var replaces = Extent()
  }

  /// Name of the source package. Source: Debian Policy §5.6.1.
  public var sourceName: String { sourceParts.name }

  /// Version of the source package as written; the package's own where the field names none.
  public var sourceVersion: String { sourceParts.version ?? version.description }

  private var sourceParts: (name: String, version: String?) {
    let value = text(fields.source)
    guard !value.isEmpty else { return (name, nil) }
    guard let open = value.firstIndex(of: "("), let close = value.lastIndex(of: ")"), open < close
    else { return (value, nil) }
    let name = value[..<open].filter { $0 != " " }
    return (name, String(value[value.index(after: open)..<close]))
  }

  /// `name version`.
  public var description: String { "\(name) \(version)" }

  func text(_ extent: Extent) -> String {
    String(decoding: source.bytes[extent.range], as: UTF8.self)
  }
}

/// A range of an index's bytes, in half the memory of `Range<Int>`: an index is at most 1 GiB.
struct Extent: Sendable {
  var start: UInt32 = 0
  var count: UInt32 = 0
  var isEmpty: Bool { count == 0 }
  var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
}

/// The bytes of one index and where they came from, shared by all its records.
final class IndexSource: Sendable {
  let bytes: [UInt8]
  let origin: PackageOrigin

  init(bytes: [UInt8], origin: PackageOrigin) {
    self.bytes = bytes
    self.origin = origin
  }
}
