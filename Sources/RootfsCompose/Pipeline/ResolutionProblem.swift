import OCIImage
import PkgResolve

/// What is asked for and what there is to choose from, for one platform: all that a solver needs.
public struct ResolutionProblem: Sendable {
  /// nil where the indexes belong to no recipe.
  public let platform: Platform?
  public let request: ResolutionRequest
  public let pool: PackagePool

  public init(platform: Platform? = nil, request: ResolutionRequest, pool: PackagePool) {
    self.platform = platform
    self.request = request
    self.pool = pool
  }

  /// The distribution's name of the architecture: `amd64`.
  public var architecture: String { pool.architecture }

  /// Solves it, with more requests after its own.
  ///
  /// Blocks, and may use a thread's whole stack. Throws what `DependencySolver.solve` does, and `invalidRequest` where
  /// one of `more` is no request.
  public func solve(adding more: [String] = []) throws(ResolveError) -> Resolution {
    var items = request.items
    for text in more { items.append(.init(try PackageRequest(parsing: text))) }
    return try ConflictDrivenSolver().solve(ResolutionRequest(items), in: pool)
  }

  /// Whether there is a package of that name to choose.
  public func hasPackage(named name: String) -> Bool { !pool.candidates(named: name).isEmpty }

  /// The entries that keep the package of a request out, each with its place: `python.yaml:14:7: !debconf`.
  public func exclusions(of text: String) -> [String] {
    guard let name = (try? PackageRequest(parsing: text))?.name else { return [] }
    return request.items.filter { $0.request.isExclusion && $0.request.name == name }.map { item in
      (item.location.map { $0 + ": " } ?? "") + item.request.description
    }
  }
}

extension Composer {
  /// What each platform of a recipe asks for, and the packages of the archives as they are now (or at the recipe's
  /// snapshot), in the order of `platforms`.
  ///
  /// Indexes are verified before they are read. No package is fetched. Throws ``ComposeError`` or `ResolveError`.
  public func problems(
    of recipe: Recipe, for platforms: [Platform], observe: @escaping Observer = { _ in }
  ) async throws -> [ResolutionProblem] {
    try refuseUnsupported(recipe)
    return try await ResolutionSession(composer: self, recipe: recipe, observe: observe)
      .problems(platforms)
  }

  /// The packages that each platform of a recipe would hold, with their dependencies. As ``problems(of:for:observe:)``,
  /// and solved.
  public func resolutions(
    of recipe: Recipe, for platforms: [Platform], observe: @escaping Observer = { _ in }
  ) async throws -> [Platform: Resolution] {
    let problems = try await problems(of: recipe, for: platforms, observe: observe)
    let pool = BlockingPool(threads: limits.decoders, name: "solve")
    return try await withThrowingTaskGroup(of: (Platform, Resolution)?.self) { group in
      for problem in problems {
        group.addTask {
          guard let platform = problem.platform else { return nil }
          return (platform, try await pool.run { _ in try problem.solve() })
        }
      }
      return try await group.reduce(into: [:]) { found, each in
        if let (platform, resolution) = each { found[platform] = resolution }
      }
    }
  }
}
