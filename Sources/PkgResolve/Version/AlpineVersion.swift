/// A version of an Alpine package: `number{.number}…{letter}{_suffix{number}}…{~hash}{-r#}`.
///
/// Two versions are equal where apk calls them so: `01_p1` and `1_p01` are one version, `1.0` and `1.00` are not.
/// Source: apk-package(5), "version".
public struct AlpineVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// As written.
  public let description: String

  /// Longer texts are refused; the longest version in Alpine's own indexes has some 40 bytes.
  static let lengthLimit = 1024

  /// Throws ``ResolveError`` with code `invalidVersion` for every form that apk-package(5) does not allow.
  public init(parsing text: String) throws(ResolveError) {
    guard text.utf8.count <= Self.lengthLimit else {
      throw Self.fault(String(text.prefix(40)) + "…", "it is over \(Self.lengthLimit) bytes")
    }
    if let reason = Self.reasonInvalid(text) {
      throw Self.fault(text.isEmpty ? "\"\"" : text, reason)
    }
    description = text
  }

  /// A version as an index gives it: apk takes it as it is, and so do we, for it is ordered all the same.
  package init(asWritten text: String) { description = text }

  /// Stands for the version of a name that is provided without one; apk takes it for older than all others.
  static let absent = AlpineVersion(asWritten: "")

  static let form = "number{.number}{letter}{_suffix{number}}{~hash}{-r#}"

  /// What is wrong with a version, or nil where it is valid.
  static func reasonInvalid(_ text: String) -> String? {
    var text = text
    return text.withUTF8 { bytes in
      var scanner = AlpineVersionScanner(bytes)
      while true {
        switch scanner.next() {
        case .end: return nil
        case .invalid(let reason): return reason
        case .part: continue
        }
      }
    }
  }

  private static func fault(_ subject: String, _ reason: String) -> ResolveError {
    ResolveError(
      .invalidVersion, subject,
      "is not an Alpine version: \(reason); expected \(form)")
  }

  public static func == (left: Self, right: Self) -> Bool {
    left.description == right.description
      || AlpineVersionOrder(left.description, right.description) == .equal
  }

  public static func < (left: Self, right: Self) -> Bool {
    AlpineVersionOrder(left.description, right.description) == .less
  }

  /// Whether this version is the one given or continues it, as `~` asks: `3.11.9-r0` continues `3.11`.
  public func continues(_ prefix: AlpineVersion) -> Bool {
    AlpineVersionOrder(description, prefix.description, isPrefix: true) == .equal
  }

  /// As written, up to the package's revision: `1.36.1` of `1.36.1-r15`.
  var withoutRevision: String {
    guard let dash = description.lastIndex(of: "-") else { return description }
    let revision = description.utf8[description.index(after: dash)...]
    let isRevision =
      revision.first == UInt8(ascii: "r") && revision.count > 1
      && revision.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    return isRevision ? String(description[..<dash]) : description
  }

  public func hash(into hasher: inout Hasher) {
    var text = description
    text.withUTF8 { bytes in
      var scanner = AlpineVersionScanner(bytes)
      while case .part(let part) = scanner.next() {
        hasher.combine(part.kind)
        hasher.combine(part.suffix)
        hasher.combine(bytes: UnsafeRawBufferPointer(part.meaning))
      }
    }
  }
}
