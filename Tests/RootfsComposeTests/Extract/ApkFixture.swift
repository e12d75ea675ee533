import RootfsCompose
import TestSupport

/// Unpacks Alpine packages made in test code.
struct ApkFixture {
  let directory: TemporaryDirectory
  let spool: ContentSpool
  /// The tests' key is trusted.
  let keys: AlpineKeys

  init() throws {
    directory = try TemporaryDirectory()
    spool = try ContentSpool(directory: directory.path)
    let key = try AlpineSigningKey.shared()
    var keys = AlpineKeys()
    try keys.add(key.name, pem: key.publicKey, origin: "the test")
    self.keys = keys
  }

  /// Unpacks a package as its index would have it.
  func unpack(
    _ package: ApkBuilder, limits: UnpackLimits = .standard,
    isCancelled: @escaping () -> Bool = { false }
  ) throws -> UnpackedPackage {
    try unpack(
      try package.bytes(), name: package.fileName, expecting: try package.checksum(),
      limits: limits, isCancelled: isCancelled)
  }

  func unpack(
    _ bytes: [UInt8], name: String, expecting: String?, limits: UnpackLimits = .standard,
    isCancelled: @escaping () -> Bool = { false }
  ) throws -> UnpackedPackage {
    let path = try directory.write(bytes, to: name)
    return try ApkArchive.unpack(
      path: path, subject: name, expecting: expecting, keys: keys, spool: spool, limits: limits,
      isCancelled: isCancelled)
  }

  /// The error that unpacking ends with; nil where it does not.
  func failure(_ package: ApkBuilder, limits: UnpackLimits = .standard) throws -> ComposeError? {
    try failure(
      try package.bytes(), name: package.fileName, expecting: try package.checksum(),
      limits: limits)
  }

  func failure(
    _ bytes: [UInt8], name: String, expecting: String?, limits: UnpackLimits = .standard
  ) throws -> ComposeError? {
    do {
      _ = try unpack(bytes, name: name, expecting: expecting, limits: limits)
      return nil
    } catch let error as ComposeError {
      return error
    }
  }
}
