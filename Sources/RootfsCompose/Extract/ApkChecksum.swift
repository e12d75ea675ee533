import FoundationEssentials

/// What an index says of a package's control member, its `C:`.
///
/// Source: apk-package(5); apk's own index format: `Q1` and base64 of SHA-1, `Q2` of SHA-256.
struct ApkChecksum {
  let function: ChecksumHasher.Function
  let digest: [UInt8]

  /// nil for any other text.
  init?(_ text: String) {
    guard let data = Data(base64Encoded: String(text.dropFirst(2))) else { return nil }
    switch (text.prefix(2), data.count) {
    case ("Q1", 20): function = .sha1
    case ("Q2", 32): function = .sha256
    default: return nil
    }
    digest = Array(data)
  }

  /// The checksum of a compressed control member.
  init(
    _ function: ChecksumHasher.Function, of control: [UInt8], subject: String
  ) throws(ComposeError) {
    self.function = function
    digest = try ChecksumHasher.digest(function, of: control, subject: subject)
  }

  var text: String {
    (function == .sha1 ? "Q1" : "Q2") + Data(digest).base64EncodedString()
  }
}
