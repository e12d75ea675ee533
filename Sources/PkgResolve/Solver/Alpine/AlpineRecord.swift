/// What choosing needs of one package of an Alpine index; texts are as the index has them.
///
/// Source: apk-package(5), apk-v2(5).
struct AlpineRecord: Sendable {
  var name: String
  var version: String
  var architecture: String
  /// The field `C:`, by which apk knows that two indexes have the same package.
  var digest: String
  var depends: String
  var provides: String
  var installIf: String
  var providerPriority: Int
  /// Of the package file, in bytes.
  var size: Int64
  /// Of the files once unpacked, in bytes.
  var installedSize: Int64
  var origin: PackageOrigin
  var line: Int
}
