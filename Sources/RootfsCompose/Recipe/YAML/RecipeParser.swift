import Yams

/// Reads a recipe's YAML into a tree of located values, refusing what a recipe never needs: aliases, tags, several
/// documents, deep nesting.
struct RecipeParser {
  /// The published schema nests 11 deep.
  static let maximumDepth = 64
  /// With this many uses of aliases no document can unfold beyond a few hundred times its size.
  static let maximumAliases = 16

  let file: String
  private(set) var problems: [ComposeError] = []
  private var anchored: Set<RecipeNode.Mark> = []

  init(file: String) { self.file = file }

  /// The root of the only document, nil where there is none or it is not YAML. What is wrong goes to ``problems``.
  mutating func parse(_ text: String) -> RecipeNode? {
    if let mark = AliasCount.excess(in: text, over: Self.maximumAliases) {
      report(.limitExceeded, mark, Self.aliasMessage)
      return nil
    }
    // Yams keeps a pointer into the string's storage, which a string of under 16 bytes does not have.
    let padded = text.utf8.count < 16 ? text + String(repeating: "\n", count: 16) : text
    do {
      // The encoding is named because Yams' default looks at the process's environment.
      let parser = try Parser(yaml: padded, encoding: .utf8)
      guard let root = try parser.singleRoot() else {
        report(.invalidRecipe, .start, "expected a mapping of keys, found an empty file")
        return nil
      }
      return convert(root, depth: 0)
    } catch let error as YamlError {
      problems.append(YAMLProblem(file: file, text: padded).error(for: error))
    } catch {
      problems.append(ComposeError(.invalidRecipe, file, "not valid YAML", underlying: error))
    }
    return nil
  }

  static let aliasMessage = "anchors and aliases are not supported; write the value out"

  private mutating func report(
    _ code: ComposeError.Code, _ mark: RecipeNode.Mark, _ message: String
  ) {
    problems.append(ComposeError(code, "\(file):\(mark.line):\(mark.column)", message))
  }

  private mutating func convert(_ node: Node, depth: Int, isKey: Bool = false) -> RecipeNode {
    let mark = node.mark.map { RecipeNode.Mark(line: $0.line, column: $0.column) } ?? .start
    if node.anchor != nil {
      // An alias stands here as a copy of its anchor, so it is told once, where the anchor is.
      if anchored.insert(mark).inserted { report(.invalidRecipe, mark, Self.aliasMessage) }
      return RecipeNode(value: .null, mark: mark)
    }
    guard depth < Self.maximumDepth else {
      report(.limitExceeded, mark, "expected at most \(Self.maximumDepth) levels of nesting")
      return RecipeNode(value: .null, mark: mark)
    }
    switch node {
    case .scalar(let scalar): return convert(scalar, mark, isKey: isKey)
    case .sequence(let sequence):
      if !["", "tag:yaml.org,2002:seq"].contains(sequence.tag.description) { refuseTag(mark) }
      return RecipeNode(value: .list(sequence.map { convert($0, depth: depth + 1) }), mark: mark)
    case .mapping(let mapping):
      if !["", "tag:yaml.org,2002:map"].contains(mapping.tag.description) { refuseTag(mark) }
      return RecipeNode(value: .mapping(entries(of: mapping, depth: depth + 1)), mark: mark)
    case .alias:
      report(.invalidRecipe, mark, Self.aliasMessage)
      return RecipeNode(value: .null, mark: mark)
    }
  }

  private mutating func convert(
    _ scalar: Node.Scalar, _ mark: RecipeNode.Mark, isKey: Bool
  ) -> RecipeNode {
    // In its search for equal keys Yams has put YAML 1.1's types into the tags of keys.
    let tag = scalar.tag.description
    let isResolved = isKey && tag.hasPrefix("tag:yaml.org,2002:")
    switch tag {
    case _ where scalar.style == .plain && (tag.isEmpty || isResolved):
      return RecipeNode(
        value: CoreScalar.value(of: scalar.string), mark: mark, source: scalar.string)
    case "", "!", "tag:yaml.org,2002:str": break
    default: refuseTag(mark)
    }
    return RecipeNode(value: .text(scalar.string), mark: mark)
  }

  private mutating func refuseTag(_ mark: RecipeNode.Mark) {
    report(
      .invalidRecipe, mark,
      "YAML tags (!…) are not supported; quote the value if it begins with \"!\"")
  }

  private mutating func entries(of mapping: Node.Mapping, depth: Int) -> [RecipeNode.Entry] {
    var entries = [RecipeNode.Entry]()
    var first = [String: RecipeNode.Mark]()
    for (keyNode, valueNode) in mapping {
      let key = convert(keyNode, depth: depth, isKey: true)
      let value = convert(valueNode, depth: depth)
      guard let name = name(of: key) else { continue }
      if let earlier = first[name] {
        report(.invalidRecipe, key.mark, Self.duplicate(name, file: file, first: earlier))
        continue
      }
      first[name] = key.mark
      entries.append(RecipeNode.Entry(key: name, keyMark: key.mark, value: value))
    }
    return entries
  }

  static func duplicate(_ key: String, file: String, first: RecipeNode.Mark) -> String {
    "the key \(RecipeText.quoted(key)) stands twice, first at \(file):\(first.line):\(first.column); remove one"
  }

  private mutating func name(of key: RecipeNode) -> String? {
    switch key.value {
    case .text(let text): return text
    case .boolean, .integer, .number:
      report(
        .invalidRecipe, key.mark,
        "expected a key that is text, found \(key.found); quote it: \"\(key.source)\"")
    default:
      report(.invalidRecipe, key.mark, "expected a key that is text, found \(key.found)")
    }
    return nil
  }
}

extension RecipeNode.Mark {
  static let start = RecipeNode.Mark(line: 1, column: 1)
}
