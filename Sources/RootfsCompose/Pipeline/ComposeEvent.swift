import OCIImage
import PkgResolve

/// What a ``Composer`` reports while it works. Events come from several threads, each whole.
public enum ComposeEvent: Sendable {
  /// A signed index was verified and read.
  case indexVerified(suite: String, url: String, date: String, signedBy: String?)
  /// A platform's packages are known.
  case resolved(platform: Platform, packages: Int, bytes: Int64)
  /// Bytes received so far, of all that must be fetched; both in bytes.
  case fetching(received: Int64, total: Int64)
  /// A package is in the store, verified.
  case fetched(package: String, bytes: Int64, fromStore: Bool)
  /// No mirror had a package or could give it, and it came from the snapshot service.
  case fellBack(package: String, url: String)
  /// A package's members are decoded.
  case unpacked(platform: Platform, package: String, done: Int, total: Int)
  /// Rules and handlers ran over the tree.
  case hardened(platform: Platform, dropped: Int, changed: Int)
  /// A layer is written. Sizes in bytes.
  case layered(platform: Platform, digest: Digest, compressedSize: Int64, size: Int64)
  /// Something the user should know that stops nothing, such as a maintainer script that no handler re-enacts.
  case warning(String)
}

extension ComposeEvent: CustomStringConvertible {
  public var description: String {
    switch self {
    case .indexVerified(let suite, let url, let date, let key):
      "verified \(suite) of \(date) from \(url)" + (key.map { ", signed by \($0)" } ?? "")
    case .resolved(let platform, let packages, let bytes):
      "resolved \(platform): \(packages) packages, \(byteText(bytes)) packed"
    case .fetching(let received, let total):
      "fetching: \(byteText(received)) of \(byteText(total))"
    case .fetched(let package, let bytes, let fromStore):
      (fromStore ? "in the store: " : "fetched ") + "\(package), \(byteText(bytes))"
    case .fellBack(let package, let url):
      "no mirror could give \(package); the snapshot service has it: \(url)"
    case .unpacked(let platform, let package, let done, let total):
      "unpacked \(platform) \(done)/\(total): \(package)"
    case .hardened(let platform, let dropped, let changed):
      "hardened \(platform): \(dropped) paths dropped, \(changed) changed"
    case .layered(let platform, let digest, let compressed, let size):
      "layer of \(platform): \(digest), \(byteText(compressed)) (\(byteText(size)) unpacked)"
    case .warning(let text):
      "warning: " + text
    }
  }
}
