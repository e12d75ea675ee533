import OCIImage
import PkgResolve
import RootfsCompose

/// Indexes given by hand, read without a recipe, signatures or the network.
struct IndexFiles {
  let names: [IndexFileName]

  init(_ texts: [String]) { names = texts.map(IndexFileName.init) }

  /// The records of each file. Records of a suite in `priorities` get that priority.
  func debianRecords(priorities: [String: Int]) async throws -> [PackageTable] {
    let pool = BlockingPool(threads: min(names.count, 4), name: "indexes")
    return try await withThrowingTaskGroup(of: (Int, PackageTable).self) { group in
      for (position, name) in names.enumerated() {
        let origin = PackageOrigin(
          name: name.path, url: "", suite: name.suite, component: "",
          priority: priorities[name.suite] ?? 500)
        group.addTask {
          let records = try await pool.run { flag in
            try PackageIndex.parse(
              Self.bytes(name.path, flag), origin: origin, requirePackageFiles: false)
          }
          return (position, records)
        }
      }
      var tables = [PackageTable?](repeating: nil, count: names.count)
      for try await (position, found) in group { tables[position] = found }
      return tables.compactMap { $0 }
    }
  }

  /// The decompressed bytes of a file; of standard input for `-`.
  private static func bytes(_ path: String, _ flag: CancellationFlag) throws -> [UInt8] {
    try LocalInput.checkReadable(path)
    return try IndexDecompressor(subject: path).decompress(
      path: path == "-" ? "/dev/stdin" : path, limit: IndexDecompressor.limit, cancellation: flag)
  }
}
