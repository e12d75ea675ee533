/// What tells one recipe from another, as they are written: variables are not filled in, comments and layout are not
/// looked at.
public struct RecipeDifference: Sendable, Encodable {
  public enum Change: String, Sendable, Encodable { case added, removed, changed, reordered }

  /// A key, or an item of a list, that the two do not have alike.
  public struct Entry: Sendable, Encodable, Equatable {
    /// `contents.packages`, `accounts.users[nonroot].uid`
    public let key: String
    public let change: Change
    /// As JSON, text without quotes; nil where the recipe has none.
    public let before: String?
    public let after: String?
    /// Counted from 1.
    public let lineBefore: Int?
    public let lineAfter: Int?
  }

  /// Keys in the order of the first recipe, then those that only the second one has.
  public private(set) var entries: [Entry] = []

  public var isEmpty: Bool { entries.isEmpty }

  /// Compares two files. Throws ``ComposeError`` where one cannot be read, or is no YAML that a recipe could be.
  public init(from before: String, to after: String) throws(ComposeError) {
    let (old, new) = (try Self.read(before), try Self.read(after))
    if old.syntax?.value != new.syntax?.value {
      entries.append(
        Entry(
          key: "syntax",
          change: old.syntax == nil ? .added : new.syntax == nil ? .removed : .changed,
          before: old.syntax?.value, after: new.syntax?.value, lineBefore: old.syntax?.mark.line,
          lineAfter: new.syntax?.mark.line))
    }
    compare(old.root, new.root, at: "")
  }

  private static func read(
    _ path: String
  ) throws(ComposeError) -> (syntax: SyntaxLine?, root: RecipeNode) {
    let text = try RecipeFile.decode(RecipeFile.read(path), file: path)
    var parser = RecipeParser(file: path)
    let root = parser.parse(text)
    guard let root, parser.problems.isEmpty else {
      throw ComposeError.joining(parser.problems, path: path)
    }
    guard case .mapping = root.value else {
      throw ComposeError(
        .invalidRecipe, "\(path):\(root.mark.line):\(root.mark.column)",
        "expected a mapping of keys, found \(root.found)")
    }
    return (SyntaxLine.find(in: text), root)
  }

  private mutating func compare(_ before: RecipeNode, _ after: RecipeNode, at key: String) {
    switch (before.value, after.value) {
    case (.mapping(let old), .mapping(let new)): compare(old, new, at: key)
    case (.list(let old), .list(let new)): compare(old, new, at: key, before, after)
    default:
      if Self.text(before) != Self.text(after) { add(key, .changed, before, after) }
    }
  }

  private mutating func compare(
    _ old: [RecipeNode.Entry], _ new: [RecipeNode.Entry], at key: String
  ) {
    let after = Dictionary(new.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    let before = Set(old.map(\.key))
    func name(_ entry: RecipeNode.Entry) -> String {
      key.isEmpty ? entry.key : key + "." + entry.key
    }
    for entry in old {
      if let other = after[entry.key] {
        compare(entry.value, other.value, at: name(entry))
      } else {
        add(name(entry), .removed, entry.value, nil, line: entry.keyMark.line)
      }
    }
    for entry in new where !before.contains(entry.key) {
      add(name(entry), .added, nil, entry.value, line: entry.keyMark.line)
    }
  }

  private mutating func compare(
    _ old: [RecipeNode], _ new: [RecipeNode], at key: String, _ before: RecipeNode,
    _ after: RecipeNode
  ) {
    let (left, right) = (Self.labels(old), Self.labels(new))
    let places = Dictionary(
      zip(right, new).map { ($0, $1) }, uniquingKeysWith: { first, _ in first })
    let known = Set(left)
    var differs = false
    for (label, item) in zip(left, old) {
      if let other = places[label] {
        if case .mapping = item.value, case .mapping = other.value {
          compare(item, other, at: "\(key)[\(label)]")
        }
      } else {
        differs = true
        add(key, .removed, item, nil)
      }
    }
    for (label, item) in zip(right, new) where !known.contains(label) {
      differs = true
      add(key, .added, nil, item)
    }
    if !differs, left != right { add(key, .reordered, before, after) }
  }

  /// What an item is known by: a mapping by its name or place, anything else by what it says. Equal ones are numbered.
  private static func labels(_ items: [RecipeNode]) -> [String] {
    var count = [String: Int]()
    return items.map { item in
      var label = text(item)
      if case .mapping = item.value {
        let names = ["name", "path", "url", "suite", "rule"]
        label = names.lazy.compactMap { item[$0] }.first.map(text) ?? label
      }
      let number = (count[label] ?? 0) + 1
      count[label] = number
      return number > 1 ? "\(label) (\(number))" : label
    }
  }

  private static func text(_ node: RecipeNode) -> String {
    if let text = node.text { return text }
    return String(decoding: CanonicalRecipe.encode(CanonicalRecipe.value(node)), as: UTF8.self)
  }

  private mutating func add(
    _ key: String, _ change: Change, _ before: RecipeNode?, _ after: RecipeNode?, line: Int? = nil
  ) {
    entries.append(
      Entry(
        key: key, change: change, before: before.map(Self.text), after: after.map(Self.text),
        lineBefore: before.map { line ?? $0.mark.line },
        lineAfter: after.map { line ?? $0.mark.line }))
  }
}
