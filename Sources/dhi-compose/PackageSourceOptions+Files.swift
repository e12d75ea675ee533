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
      architecture: try architecture(of: tables) { $0 != "all" } ?? "all",
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
      architecture: try architecture(
        of: tables, where: AlpinePool.architectures.contains) ?? "noarch",
      indexes: indexes)
    return ResolutionProblem(request: AlpineRequest(standing + added), pool: pool)
  }

  /// The one that was chosen, else the only one there is; nil where no record is of an architecture that counts.
  private func architecture(
    of tables: [PackageTable], where counts: (String) -> Bool
  ) throws -> String? {
    if let arch, tables.contains(where: { $0.contains { $0.architecture == arch } }) { return arch }
    var found = Set<String>()
    for table in tables { for record in table { found.insert(record.architecture) } }
    found = found.filter { !$0.isEmpty && counts($0) }
    guard found.isEmpty || arch == nil && found.count == 1 else {
      let names = found.sorted().prefix(20).joined(separator: ", ")
      throw ValidationError(
        (arch.map { "--arch \($0): " } ?? "") + "the indexes hold \(names)"
          + (found.count == 1 ? " only; choose it with --arch" : "; choose one with --arch"))
    }
    return arch ?? found.first
  }
}
