import OCIImage
import PkgResolve

/// What is asked for and what there is to choose from, for one platform: all that a solver needs.
public struct ResolutionProblem: Sendable {
  /// By whose rules packages are chosen.
  public enum Choice: Sendable {
    case debian(ResolutionRequest, PackagePool)
    case alpine(AlpineRequest, AlpinePool)
  }

  /// nil where the indexes belong to no recipe.
  public let platform: Platform?
  public let choice: Choice
  /// Asked while it is solved; once true, ``solve(adding:)`` throws.
  public var isCancelled: @Sendable () -> Bool = { false }

  public init(platform: Platform? = nil, request: ResolutionRequest, pool: PackagePool) {
    self.platform = platform
    choice = .debian(request, pool)
  }

  public init(platform: Platform? = nil, request: AlpineRequest, pool: AlpinePool) {
    self.platform = platform
    choice = .alpine(request, pool)
  }

  /// The distribution's name of the architecture: `amd64`, `x86_64`.
  public var architecture: String {
    switch choice {
    case .debian(_, let pool): pool.architecture
    case .alpine(_, let pool): pool.architecture
    }
  }

  /// Solves it, with more requests after its own.
  ///
  /// Blocks, and may use a thread's whole stack. Throws what the distribution's solver does, and `invalidRequest` where
  /// one of `more` is no request.
  public func solve(adding more: [String] = []) throws(ResolveError) -> Resolution {
    switch choice {
    case .debian(var request, let pool):
      for text in more { request.items.append(.init(try PackageRequest(parsing: text))) }
      return try ConflictDrivenSolver(isCancelled: isCancelled).solve(request, in: pool)
    case .alpine(var request, let pool):
      for text in more { request.items.append(.init(try AlpineDependencyParser.world(text))) }
      return try AlpineSolver(isCancelled: isCancelled).solve(request, in: pool)
    }
  }

  /// The same, ended by a flag.
  public func cancelled(by flag: CancellationFlag) -> ResolutionProblem {
    var problem = self
    problem.isCancelled = { flag.isCancelled }
    return problem
  }

  /// Whether there is a package of that name to choose.
  public func hasPackage(named name: String) -> Bool {
    switch choice {
    case .debian(_, let pool): !pool.candidates(named: name).isEmpty
    case .alpine(_, let pool): pool.indexes.contains { !$0.table.rows(named: name).isEmpty }
    }
  }

  /// The entries that keep the package of a request out, each with its place: `python.yaml:14:7: !debconf`.
  ///
  /// None for Alpine, where `!name` is a constraint like others and excludes what needs the package.
  public func exclusions(of text: String) -> [String] {
    guard case .debian(let request, _) = choice,
      let name = (try? PackageRequest(parsing: text))?.name
    else { return [] }
    return request.items.filter { $0.request.isExclusion && $0.request.name == name }.map { item in
      (item.location.map { $0 + ": " } ?? "") + item.request.description
    }
  }
}
