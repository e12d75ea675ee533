import ArgumentParser
import PkgResolve
import RootfsCompose

/// What is to be solved where indexes are given by hand.
extension PackageSourceOptions {
  func debianProblem(_ names: [String]) async throws -> ResolutionProblem {
    let request = ResolutionRequest(try names.map { .init(try PackageRequest(parsing: $0)) })
    let pins = try pins()
    let files = IndexFiles(packages, format: .debian, store: archives.storeLocation)
    let suites = Set(files.names.map(\.suite))
    if let unknown = pins.first(where: { !suites.contains($0.suite) }) {
      throw ValidationError(
        "--pin \(unknown.suite): no index is of that suite; there are "
          + suites.sorted().joined(separator: ", "))
    }
    let tables = try await files.tables()
    let pool = try PackagePool(
      architecture: try arch ?? Self.soleArchitecture(tables) { $0 != "all" } ?? "all",
      indexes: tables, pins: PackagePins(pins))
    return ResolutionProblem(request: request, pool: pool)
  }

  func alpineProblem(_ names: [String]) async throws -> ResolutionProblem {
    let standing = try world.map {
      AlpineRequest.Item(try AlpineDependencyParser.world($0), isStanding: true)
    }
    let added = try names.map { AlpineRequest.Item(try AlpineDependencyParser.world($0)) }
    let files = IndexFiles(apkindex, format: .alpine, store: archives.storeLocation)
    let tables = try await files.tables()
    let indexes = zip(tables, files.names).map { AlpinePool.Index($0, tag: $1.tag) }
    let pool = try AlpinePool(
      architecture: try arch
        ?? Self.soleArchitecture(tables, where: AlpinePool.architectures.contains) ?? "noarch",
      indexes: indexes)
    return ResolutionProblem(request: AlpineRequest(standing + added), pool: pool)
  }

  /// nil where no record is of an architecture that counts.
  private static func soleArchitecture(
    _ tables: [PackageTable], where counts: (String) -> Bool
  ) throws -> String? {
    var found = Set<String>()
    for table in tables { for record in table { found.insert(record.architecture) } }
    found = found.filter { !$0.isEmpty && counts($0) }
    guard found.count <= 1 else {
      throw ValidationError(
        "the indexes hold \(found.sorted().prefix(20).joined(separator: ", ")); "
          + "choose one with --arch")
    }
    return found.first
  }
}
