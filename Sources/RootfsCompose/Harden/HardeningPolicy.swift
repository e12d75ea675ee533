/// What a recipe says about hardening.
public struct HardeningPolicy: Sendable {
  public var variant: Definition.Variant
  public var exceptions: [HardeningException]
  /// Path patterns that rules which only tidy up leave alone.
  public var includes: [Located<String>]
  /// The packages that the recipe names itself, without version and architecture.
  public var requestedPackages: Set<String>

  public init(
    variant: Definition.Variant = .runtime, exceptions: [HardeningException] = [],
    includes: [Located<String>] = [], requestedPackages: Set<String> = []
  ) {
    self.variant = variant
    self.exceptions = exceptions
    self.includes = includes
    self.requestedPackages = requestedPackages
  }

  public init(_ definition: Definition) {
    self.init(
      variant: definition.variant, exceptions: definition.compose.exceptions,
      includes: definition.compose.includes,
      requestedPackages: Self.requestedPackages(definition.contents.packages.map(\.value)))
  }

  /// The names in `name`, `name=version`, `name:architecture` and `name/suite`, and in Alpine's `name@tag` and
  /// `name>version` with whatever sign; `!name` asks for nothing.
  public static func requestedPackages(_ entries: [String]) -> Set<String> {
    var names = Set<String>()
    for entry in entries where !entry.hasPrefix("!") {
      // Alpine's packages provide paths too.
      let ends = entry.hasPrefix("/") ? "=:@<>~ " : "=:@<>~/ "
      names.insert(String(entry.prefix { !ends.contains($0) }))
    }
    return names
  }
}

/// The policy made ready for the rules.
public struct HardeningContext: Sendable {
  struct Exception: Sendable {
    let rule: String
    /// All paths where empty.
    let patterns: PathPatternSet
    let reason: String?
    let location: SourceLocation

    func covers(_ path: TreePath) -> Bool {
      patterns.patterns.isEmpty || patterns.covers(path)
    }
  }

  public let variant: Definition.Variant
  public let requestedPackages: Set<String>
  /// Where the recipe places or changes a path itself.
  public internal(set) var placed: [TreePath: SourceLocation] = [:]
  let exceptions: [Exception]
  let includes: PathPatternSet

  /// Checks the policy for a tree, whose links its paths follow. Throws ``ComposeError`` at the exception that names an unknown rule or has a bad pattern.
  public init(
    _ policy: HardeningPolicy, tree: FileTree = FileTree()
  ) throws(ComposeError) {
    var exceptions = [Exception]()
    for each in policy.exceptions {
      let known = HardeningRules.all.map(\.name)
      guard known.contains(each.rule) else {
        let near = nearNames(to: each.rule, in: known)
        let hint =
          near.isEmpty
          ? "expected one of \(known.joined(separator: ", "))"
          : "did you mean \(near.map { "\"\($0)\"" }.joined(separator: " or "))?"
        throw ComposeError(
          .invalidRecipe, each.location.description,
          "unknown hardening rule \"\(each.rule)\"; \(hint)")
      }
      let paths = each.paths.map { Located($0, at: each.location) }
      exceptions.append(
        Exception(
          rule: each.rule, patterns: try PathPatternSet(paths, in: tree), reason: each.reason,
          location: each.location))
    }
    self.exceptions = exceptions
    includes = try PathPatternSet(policy.includes, in: tree)
    variant = policy.variant
    requestedPackages = policy.requestedPackages
  }

  /// Why a path may break a rule; nil where it may not.
  func permission(for rule: some HardeningRule, at path: TreePath) -> String? {
    if let exception = exceptions.first(where: { $0.rule == rule.name && $0.covers(path) }) {
      return exception.reason ?? "the recipe excepts it at \(exception.location)"
    }
    guard !rule.bindsRecipe else { return nil }
    if let location = placed[path] { return "the recipe places it at \(location)" }
    return includes.covers(path) ? "the recipe includes it" : nil
  }
}
