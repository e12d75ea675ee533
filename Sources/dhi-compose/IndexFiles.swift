import FoundationEssentials
import Glibc
import OCIImage
import PkgResolve
import RootfsCompose

/// Indexes given by hand, read without a recipe, signatures or the network.
struct IndexFiles {
  let names: [IndexFileName]
  let format: IndexFormat
  let reader: IndexFileReader

  /// Parsed indexes are kept in `store`, where it can be written: that saves time and nothing else.
  init(_ texts: [String], format: IndexFormat, store: StoreLocation) {
    names = texts.map(IndexFileName.init)
    self.format = format
    let environment = ProcessInfo.processInfo.environment
    let folder = try? store.path(environment: environment)
    reader = IndexFileReader(store: folder.flatMap { try? Store(directory: $0) })
  }

  /// The table of each file, in their order.
  func tables() async throws -> [PackageTable] {
    // One after another: each is parsed on all processors.
    let pool = BlockingPool(threads: 1, name: "indexes")
    var tables = [PackageTable]()
    for name in names {
      tables.append(try await pool.run { flag in try table(name, flag) })
    }
    // A suite without updates has an empty index; nothing but empty ones is a mistake.
    if let first = tables.first, tables.allSatisfy(\.isEmpty) {
      throw ResolveError(
        .invalidIndex, first.origin.name,
        "holds no package; expected \(format == .debian ? "a Packages index" : "an APKINDEX")")
    }
    return tables
  }

  private func table(_ name: IndexFileName, _ flag: CancellationFlag) throws -> PackageTable {
    let subject = name.path == "-" ? "<stdin>" : name.path
    // Alpine's indexes all have one name; only the folder tells them apart.
    let isOneOfSeveral = format == .alpine && names.count > 1
    let suite = isOneOfSeveral ? name.label ?? name.path : name.suite
    let origin = PackageOrigin(name: subject, url: "", suite: suite, component: "")
    // A pipe is read once.
    let bytes =
      try LocalInput.isRegularFile(name.path) ? nil : LocalInput.contents(of: name.path, flag)
    func parse(_ format: IndexFormat, by reader: IndexFileReader) throws -> PackageTable {
      guard let bytes else {
        return try reader.packageTable(
          ofFile: name.path, format: format, origin: origin, cancellation: flag)
      }
      return try reader.packageTable(of: bytes, format: format, origin: origin, cancellation: flag)
    }
    do {
      return try parse(format, by: reader)
    } catch {
      let other: IndexFormat = format == .debian ? .alpine : .debian
      if let table = try? parse(other, by: IndexFileReader(store: nil)), !table.isEmpty {
        throw ResolveError(
          .invalidIndex, subject,
          format == .debian
            ? "is an Alpine index; use --apkindex" : "is a Debian index; use --packages")
      }
      throw Self.advised(error)
    }
  }

  /// With what to do about a file that no decompressor takes.
  private static func advised(_ error: any Error) -> any Error {
    guard let fault = error as? ComposeError, fault.code == .invalidArchive,
      fault.message.hasPrefix("cannot be decompressed")
    else { return error }
    return ComposeError(
      fault.code, fault.subject,
      fault.message + "; the file is cut short or damaged: fetch it again",
      underlying: fault.underlying)
  }
}
