import OCIImage
import PkgResolve

extension Composer {
  /// What each platform of a recipe asks for, and the packages of the archives as they are now (or at the recipe's
  /// snapshot), in the order of `platforms`.
  ///
  /// Indexes are verified before they are read. No package is fetched. Throws ``ComposeError`` or `ResolveError`.
  public func problems(
    of recipe: Recipe, for platforms: [Platform], observe: @escaping Observer = { _ in }
  ) async throws -> [ResolutionProblem] {
    try refuseUnsupported(recipe)
    let session = try ComposerSession(self)
    defer { session.close() }
    return try await ResolutionSession(session: session, recipe: recipe, observe: observe)
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
          return (platform, try await pool.run { try problem.cancelled(by: $0).solve() })
        }
      }
      return try await group.reduce(into: [:]) { found, each in
        if let (platform, resolution) = each { found[platform] = resolution }
      }
    }
  }
}
