/// Holds a recipe's tree against the schema: collects every error and fills in the variables.
struct RecipeValidator {
  /// In bytes: what variables may add to one recipe.
  static let maximumSubstitution = 8 << 20
  /// Errors of one file past which no more are collected.
  static let maximumProblems = 100

  let file: String
  let variables: RecipeVariables
  private(set) var problems: [ComposeError] = []
  /// Uses of names that only a build from source has a value for.
  private(set) var buildOnly: [ComposeError] = []
  private var budget = RecipeValidator.maximumSubstitution

  init(file: String, variables: RecipeVariables) {
    self.file = file
    self.variables = variables
  }

  /// The tree with variables filled in; what is wrong with it goes to ``problems``.
  mutating func validate(_ root: RecipeNode) -> RecipeNode {
    guard case .mapping = root.value else {
      report(root.mark, "", "expected a mapping of keys, found \(root.found)")
      return root
    }
    return object(root, RecipeSchema.root, "")
  }

  private mutating func report(
    _ mark: RecipeNode.Mark, _ path: String, _ message: String,
    _ code: ComposeError.Code = .invalidRecipe
  ) {
    guard problems.count < Self.maximumProblems else { return }
    let prefix = path.isEmpty ? "" : path + ": "
    problems.append(ComposeError(code, "\(file):\(mark.line):\(mark.column)", prefix + message))
  }

  private mutating func check(
    _ node: RecipeNode, _ schema: SchemaNode, _ path: String
  ) -> RecipeNode {
    switch schema {
    case .text(let form): return text(node, form, path)
    case .integer(let range): integer(node, range, path)
    case .boolean:
      if node.boolean == nil { mismatch(node, "true or false", path) }
    case .list(let item, let limit): return list(node, item, limit, path)
    case .map(let value, let names): return map(node, value, names, path)
    case .object(let schema): return object(node, schema, path)
    case .free:
      guard case .mapping = node.value else { return mismatch(node, "a mapping", path) }
    case .chosen(let key, let forms): return chosen(node, key, forms, path)
    case .either(let form, let list):
      if case .list = node.value { return check(node, list, path) }
      guard case .text = node.value else { return mismatch(node, "text or a list", path) }
      return text(node, form, path)
    }
    return node
  }

  @discardableResult
  private mutating func mismatch(
    _ node: RecipeNode, _ expected: String, _ path: String, advice: String? = nil
  ) -> RecipeNode {
    report(
      node.mark, path,
      "expected \(expected), found \(node.found)" + (advice.map { "; " + $0 } ?? ""))
    return node
  }

  private mutating func integer(_ node: RecipeNode, _ range: ClosedRange<Int64>, _ path: String) {
    let isAny = range == Int64.min...Int64.max
    let expected =
      isAny ? "an integer" : "an integer from \(range.lowerBound) to \(range.upperBound)"
    guard let value = node.integer else {
      var advice: String?
      if let text = node.text, Int64(text) != nil { advice = "remove the quotes" }
      mismatch(node, expected, path, advice: advice)
      return
    }
    if !range.contains(value) { mismatch(node, expected, path) }
  }

  private mutating func list(
    _ node: RecipeNode, _ item: SchemaNode, _ limit: SchemaLimit, _ path: String
  ) -> RecipeNode {
    guard case .list(let items) = node.value else {
      var advice: String?
      if case .text(let text) = node.value, !text.contains("\n"), text.utf8.count < 80 {
        advice = "write it as \"- \(text)\" on a line of its own"
      }
      return mismatch(node, "a list", path, advice: advice)
    }
    if limit == .distinct {
      if items.isEmpty { report(node.mark, path, "expected at least one item, found none") }
      var seen = Set<String>()
      for item in items {
        if let text = item.text, !seen.insert(text).inserted {
          report(item.mark, path, "\(RecipeText.quoted(text)) stands twice; remove one")
        }
      }
    }
    var result = node
    result.value = .list(
      items.enumerated().map { index, node in check(node, item, "\(path)[\(index)]") })
    return result
  }

  private mutating func map(
    _ node: RecipeNode, _ value: SchemaNode, _ names: TextForm, _ path: String
  ) -> RecipeNode {
    guard case .mapping(let entries) = node.value else { return mismatch(node, "a mapping", path) }
    var result = node
    result.value = .mapping(
      entries.map { entry in
        if let complaint = names.check(entry.key) {
          report(entry.keyMark, path, Self.sentence(complaint, about: entry.key))
        }
        var checked = entry
        checked.value = check(entry.value, value, "\(path).\(entry.key)")
        return checked
      })
    return result
  }

  private mutating func chosen(
    _ node: RecipeNode, _ key: String, _ forms: [(values: [String], object: SchemaObject)],
    _ path: String
  ) -> RecipeNode {
    guard case .mapping = node.value else { return mismatch(node, "a mapping", path) }
    guard let choice = node[key] else {
      report(node.mark, path, "the key \"\(key)\" is missing; add it")
      return node
    }
    let values = forms.flatMap(\.values)
    guard let value = choice.text, let form = forms.first(where: { $0.values.contains(value) })
    else {
      _ = text(choice, .oneOf(values), "\(path).\(key)")
      return node
    }
    return object(node, form.object, path)
  }

  private mutating func object(
    _ node: RecipeNode, _ schema: SchemaObject, _ path: String
  ) -> RecipeNode {
    guard case .mapping(let entries) = node.value else { return mismatch(node, "a mapping", path) }
    var result = node
    result.value = .mapping(
      entries.map { entry in
        guard let key = schema.key(entry.key) else {
          if !schema.isOpen { unknown(entry, schema, path) }
          return entry
        }
        var checked = entry
        checked.value = check(
          entry.value, key.node, path.isEmpty ? entry.key : "\(path).\(entry.key)")
        return checked
      })
    for key in schema.keys where key.isRequired && node[key.name] == nil {
      report(node.mark, path, "the key \"\(key.name)\" is missing; add it")
    }
    return result
  }

  private mutating func unknown(_ entry: RecipeNode.Entry, _ schema: SchemaObject, _ path: String) {
    let names = schema.keys.map(\.name)
    var message = "unknown key \(RecipeText.quoted(entry.key))"
    let isEntry =
      path.hasPrefix(DistributionEntries.path + ".") && schema.key("keyring") != nil
    if isEntry, RecipeSchema.root.key(entry.key) != nil {
      message += "; it is the same for all: write it at the top, with ${NAME} where words differ"
    } else if let place = RecipeSchema.place(of: entry.key), !names.contains(entry.key) {
      message += "; did you mean \"\(place)\"?"
    } else if let near = Spelling.nearest(to: entry.key, among: names) {
      message += "; did you mean \"\(near)\"?"
    } else if let near = Spelling.nearest(to: entry.key, among: RecipeSchema.placedKeys),
      let place = RecipeSchema.place(of: near), path.isEmpty || path == "contents"
    {
      message += "; did you mean \"\(place)\"?"
    } else if names.count <= 12 {
      message += "; known here: " + names.joined(separator: ", ")
    } else {
      message += "; remove it"
    }
    report(entry.keyMark, path, message)
  }

  private mutating func text(
    _ node: RecipeNode, _ form: TextForm, _ path: String
  ) -> RecipeNode {
    guard let raw = node.text else {
      let isScalar = !node.source.isEmpty && node.items.isEmpty
      let advice = isScalar ? "quote it: \"\(node.source)\"" : nil
      return mismatch(node, form.expected, path, advice: advice)
    }
    var references = [RecipeVariables.Reference]()
    let filled = variables.substitute(
      raw, form.variables, budget: &budget, references: &references)
    for reference in references { refer(reference, node.mark, path) }
    var result = node
    result.value = .text(filled)
    guard references.isEmpty else { return result }
    guard form.variables == .strict else {
      complain(form.check(filled), about: filled, node, path)
      return result
    }
    guard let expansions = variables.expansions(of: filled, budget: &budget) else {
      refer(.excess, node.mark, path)
      return result
    }
    for expansion in expansions {
      if let complaint = form.check(expansion) {
        complain(complaint, about: expansion, node, path)
        break
      }
    }
    return result
  }

  private mutating func complain(
    _ complaint: TextForm.Complaint?, about text: String, _ node: RecipeNode, _ path: String
  ) {
    if let complaint { report(node.mark, path, Self.sentence(complaint, about: text)) }
  }

  private mutating func refer(
    _ reference: RecipeVariables.Reference, _ mark: RecipeNode.Mark, _ path: String
  ) {
    switch reference {
    case .undefined(let name):
      let near = Spelling.nearest(to: name, among: variables.names + RecipeTarget.names)
      let advice = near.map { "did you mean \"\($0)\"?" } ?? "define it under \"vars\""
      report(mark, path, "unknown variable \(RecipeText.quoted(name)); \(advice)")
    case .malformed(let inside):
      report(
        mark, path,
        "expected a variable's name in ${…}, found \(RecipeText.quoted(inside)); write ${NAME}")
    case .buildOnly(let source):
      buildOnly.append(
        ComposeError(
          .unsupportedRecipe, "\(file):\(mark.line):\(mark.column)",
          "\(path): \(RecipeText.quoted(source)) has no value; only builds from source have one"))
    case .excess:
      guard !problems.contains(where: { $0.code == .limitExceeded }) else { return }
      report(
        mark, path,
        "expected variables to add at most \(Self.maximumSubstitution) bytes; shorten them",
        .limitExceeded)
    }
  }

  private static func sentence(_ complaint: TextForm.Complaint, about text: String) -> String {
    switch complaint {
    case .expected(let expected, let advice):
      "expected \(expected), found \(RecipeText.quoted(text))" + (advice.map { "; " + $0 } ?? "")
    case .sentence(let sentence): "\(RecipeText.quoted(text)) \(sentence)"
    }
  }
}

extension RecipeSchema {
  static let placedKeys = (root.keys + contents.keys + compose.keys).map(\.name)

  /// The full path of a key that stands at the top or right below it; nil where it is none.
  static func place(of key: String) -> String? {
    if root.key(key) != nil { return key }
    for (parent, object) in [("contents", contents), ("compose", compose)] {
      if object.key(key) != nil { return "\(parent).\(key)" }
    }
    return nil
  }
}
