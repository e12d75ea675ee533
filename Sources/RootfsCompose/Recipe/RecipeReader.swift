import OCIImage

/// The steps from text to a valid definition.
struct RecipeReader {
  struct Reading {
    var definition: Definition
    /// Variables filled in.
    var tree: RecipeNode
    var distribution: String?
    var unsupported: [ComposeError]
  }

  let file: String
  private(set) var problems: [ComposeError] = []
  /// What `compose.distributions` names, in its order; empty where there is no such key.
  private(set) var listed: [String] = []

  init(file: String) { self.file = file }

  /// One for each distribution that the recipe is for, in its order; none where anything is wrong: ``problems`` then
  /// says what.
  mutating func read(_ text: String) -> [Reading] {
    let readings = steps(text)
    problems = Self.inOrder(problems)
    return problems.isEmpty ? readings : []
  }

  private mutating func steps(_ text: String) -> [Reading] {
    var parser = RecipeParser(file: file)
    let root = parser.parse(text)
    problems += parser.problems
    let syntax = SyntaxLine.find(in: text)
    if let syntax, syntax.distribution == nil {
      report(
        syntax.mark,
        "syntax: expected dhi.io/build:2-debian13, dhi.io/build:2-alpine3.22 or the like, found "
          + "\(RecipeText.quoted(syntax.value)); \(syntax.remedy)")
    }
    guard let root, parser.problems.isEmpty else { return [] }
    guard let entries = DistributionEntries(root) else {
      return [pass(root, syntax)].compactMap { $0 }
    }
    listed = entries.names
    checkList(entries, syntax)
    return passes(entries)
  }

  /// For the one distribution that a recipe names.
  private mutating func pass(_ root: RecipeNode, _ syntax: SyntaxLine?) -> Reading? {
    let named = syntax.map(\.distribution) ?? root["compose"]?["distribution"]?.text
    let variables = variables(root, named.flatMap { TextForm.isDistribution($0) ? $0 : nil })
    var validator = RecipeValidator(file: file, variables: variables)
    let tree = validator.validate(root)
    problems += validator.problems
    let distribution = distribution(syntax, tree)
    guard problems.isEmpty else { return nil }
    return reading(tree, tree, distribution, validator)
  }

  /// For one of several. Its own words are checked where they stand, and then take the place they are for.
  mutating func pass(_ entries: DistributionEntries, _ name: String) -> Reading? {
    let root = entries.keeping(name)
    let variables = variables(DistributionEntries.variables(of: root, name), name)
    var validator = RecipeValidator(file: file, variables: variables)
    let tree = validator.validate(root)
    problems += validator.problems
    guard problems.isEmpty else { return nil }
    return reading(tree, DistributionEntries.picking(name, from: tree), name, validator)
  }

  private mutating func reading(
    _ written: RecipeNode, _ tree: RecipeNode, _ distribution: String?, _ validator: RecipeValidator
  ) -> Reading {
    var decoder = DefinitionDecoder(file: file)
    var definition = decoder.decode(tree, variables: validator.variables)
    definition.distribution = distribution
    problems += decoder.problems
    var refusal = RecipeRefusal(file: file)
    refusal.visit(written)
    return Reading(
      definition: definition, tree: tree, distribution: distribution,
      unsupported: Self.inOrder(refusal.errors + validator.buildOnly))
  }

  mutating func report(_ mark: RecipeNode.Mark, _ message: String) {
    problems.append(
      ComposeError(.invalidRecipe, "\(file):\(mark.line):\(mark.column)", message))
  }

  mutating func add(_ problem: ComposeError) { problems.append(problem) }

  /// By line and column, as the subjects hold them.
  private static func inOrder(_ errors: [ComposeError]) -> [ComposeError] {
    let placed = errors.enumerated().map { index, error in
      (error.subject.split(separator: ":").suffix(2).map { Int($0) ?? 0 } + [index], error)
    }
    return placed.sorted { $0.0.lexicographicallyPrecedes($1.0) }.map(\.1)
  }

  private mutating func variables(
    _ root: RecipeNode, _ distribution: String?
  ) -> RecipeVariables {
    var raw = [String: String]()
    for entry in root["vars"]?.entries ?? [] { raw[entry.key] = entry.value.text }
    let targets = RecipeTarget.architectures.map { architecture in
      RecipeTarget(
        architecture: architecture, isDevelopment: root["variant"]?.text == "dev",
        isFIPS: root["fips-compliant"]?.boolean ?? false, flavor: root["flavor"]?.text ?? "",
        distribution: distribution)
    }
    do throws(RecipeVariables.Problem) {
      return try RecipeVariables(raw, targets: targets)
    } catch {
      explain(error, root)
      // Without values every name is known but has none, so that no error follows from this one.
      return RecipeVariables(unresolved: raw.keys, targets: targets)
    }
  }

  private mutating func explain(_ problem: RecipeVariables.Problem, _ root: RecipeNode) {
    let vars = root["vars"] ?? root
    switch problem {
    case .cycle(let names):
      let mark = vars.entry(names.first ?? "")?.keyMark ?? vars.mark
      report(
        mark,
        "vars.\(names.first ?? ""): uses itself: \(names.joined(separator: " → ")); "
          + "break the circle")
    case .tooLong(let name):
      report(
        vars.entry(name)?.keyMark ?? vars.mark,
        "vars.\(name): expected at most \(RecipeVariables.maximumLength) bytes after substitution")
    case .tooMuch:
      report(
        vars.mark,
        "vars: expected at most \(RecipeVariables.maximumTotal) bytes after substitution")
    }
  }

  private mutating func distribution(_ syntax: SyntaxLine?, _ tree: RecipeNode) -> String? {
    let option = tree["compose"]?["distribution"]
    if let syntax {
      guard let named = syntax.distribution else { return nil }
      if let option, let text = option.text, text != named {
        report(
          option.mark,
          "compose.distribution: expected \(RecipeText.quoted(named)) as line \(syntax.mark.line) "
            + "says, found \(RecipeText.quoted(text)); remove one")
      }
      return named
    }
    if let text = option?.text { return text }
    // A mapping that is none, or an option of a wrong type, has been told already.
    let isListed = tree["compose"]?[DistributionEntries.key] != nil
    if case .mapping = tree.value, option == nil, !isListed {
      report(
        .start,
        "no distribution: begin the file with `# syntax=dhi.io/build:2-debian13` "
          + "or set compose.distribution")
    }
    return nil
  }
}
