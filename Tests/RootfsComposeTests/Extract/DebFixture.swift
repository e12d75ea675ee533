import RootfsCompose
import TestSupport

/// Unpacks packages made in test code.
struct DebFixture {
  let directory: TemporaryDirectory
  let spool: ContentSpool

  init() throws {
    directory = try TemporaryDirectory()
    spool = try ContentSpool(directory: directory.path)
  }

  func unpack(
    _ package: DebBuilder, limits: UnpackLimits = .standard,
    isCancelled: @escaping () -> Bool = { false }
  ) throws -> UnpackedPackage {
    try unpack(
      try package.bytes(), name: package.fileName, limits: limits, isCancelled: isCancelled)
  }

  func unpack(
    _ bytes: [UInt8], name: String, limits: UnpackLimits = .standard,
    isCancelled: @escaping () -> Bool = { false }
  ) throws -> UnpackedPackage {
    let path = try directory.write(bytes, to: name)
    return try DebArchive.unpack(
      path: path, subject: name, spool: spool, limits: limits, isCancelled: isCancelled)
  }

  /// The error that unpacking ends with; nil where it does not.
  func failure(_ package: DebBuilder, limits: UnpackLimits = .standard) throws -> ComposeError? {
    try failure(try package.bytes(), name: package.fileName, limits: limits)
  }

  func failure(
    _ bytes: [UInt8], name: String, limits: UnpackLimits = .standard
  ) throws -> ComposeError? {
    do {
      _ = try unpack(bytes, name: name, limits: limits)
      return nil
    } catch let error as ComposeError {
      return error
    }
  }

  /// The dump of one package alone.
  static func dump(_ package: UnpackedPackage) throws -> [String: String] {
    var tree = FileTree()
    for (path, entry) in package.entries { try tree.insert(entry, at: path) }
    return RootfsDump.dump(tree)
  }
}
