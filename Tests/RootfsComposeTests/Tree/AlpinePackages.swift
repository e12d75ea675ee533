import RootfsCompose

/// Alpine packages made in code, as they are once unpacked.
enum AlpinePackages {
  /// A package that ships entries. Its checksum begins with its name, and each file's is 20 times its own number.
  static func package(
    _ name: String, version: String = "1.0-r0", fields: [(String, String)] = [],
    scripts: [String: String] = [:], _ entries: KeyValuePairs<TreePath, FileEntry> = [:]
  ) -> UnpackedPackage {
    var checksums = [TreePath: [UInt8]]()
    for (number, entry) in entries.enumerated() where !entry.value.isDirectory {
      checksums[entry.key] = [UInt8](repeating: UInt8(number), count: 20)
    }
    let metadata = ApkMetadata(
      fields: fields.map { ApkMetadata.Field($0.0, $0.1) }, checksum: "Q1\(name)=", size: 1000,
      checksums: checksums)
    return UnpackedPackage(
      name: name, version: version, architecture: "x86_64", metadata: .alpine(metadata),
      scripts: scripts.mapValues { Array($0.utf8) }, timestamp: 1_700_000_000,
      entries: entries.map { ($0.key, $0.value) })
  }

  static func merge(_ packages: UnpackedPackage...) throws -> ComposedTree {
    try ComposedTree.merge(packages, policy: AlpineMergePolicy())
  }
}
