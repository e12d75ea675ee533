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
      for text in more { try add(text, to: &request) }
      // What is asked for is not kept out any more.
      let excluded = request.excludedNames
      let pool =
        excluded == pool.excluded
        ? pool
        : try AlpinePool(
          architecture: pool.architecture, indexes: pool.indexes, excluding: excluded)
      return try AlpineSolver(isCancelled: isCancelled).solve(request, in: pool)
    }
  }

  /// A recipe's entries are read as recipes are, names beside indexes given by hand as apk reads them.
  private func add(_ text: String, to request: inout AlpineRequest) throws(ResolveError) {
    if platform == nil {
      request.items.append(.init(try AlpineDependencyParser.world(text)))
    } else {
      try request.add(entry: text, location: nil)
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

  /// The entries of a recipe that keep the package of a request out, each with its place:
  /// `python.yaml:14:7: !debconf`.
  ///
  /// The `!name` of apk's world is none of them: it is a constraint like others and excludes what needs the package.
  public func exclusions(of text: String) -> [String] {
    let found: [(location: String?, entry: String)]
    switch choice {
    case .debian(let request, _):
      guard let name = (try? PackageRequest(parsing: text))?.name else { return [] }
      found = request.items.filter { $0.request.isExclusion && $0.request.name == name }
        .map { ($0.location, $0.request.description) }
    case .alpine(let request, _):
      guard let name = (try? AlpineDependencyParser.request(text))?.name else { return [] }
      found = request.exclusions.filter { $0.name == name }.map { ($0.location, "!" + $0.name) }
    }
    return found.map { ($0.location.map { $0 + ": " } ?? "") + $0.entry }
  }
}
