/// A value of a recipe's YAML with its place, typed by the core schema.
struct RecipeNode: Sendable {
  struct Mark: Sendable, Hashable {
    /// Counted from 1.
    var line: Int
    /// Counted from 1, in Unicode scalars.
    var column: Int
  }

  struct Entry: Sendable {
    var key: String
    var keyMark: Mark
    var value: RecipeNode
  }

  enum Value: Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    /// A number that is no 64-bit integer, as written.
    case number(String)
    case text(String)
    case list([RecipeNode])
    case mapping([Entry])
  }

  var value: Value
  var mark: Mark
  /// A plain scalar as written; empty for anything else.
  var source = ""

  func entry(_ key: String) -> Entry? {
    guard case .mapping(let entries) = value else { return nil }
    return entries.first { $0.key == key }
  }

  subscript(key: String) -> RecipeNode? { entry(key)?.value }

  /// Its items where it is a list, else nothing.
  var items: [RecipeNode] {
    if case .list(let items) = value { return items }
    return []
  }

  /// Its entries where it is a mapping, else nothing.
  var entries: [Entry] {
    if case .mapping(let entries) = value { return entries }
    return []
  }

  var text: String? {
    if case .text(let text) = value { return text }
    return nil
  }

  var integer: Int64? {
    if case .integer(let integer) = value { return integer }
    return nil
  }

  var boolean: Bool? {
    if case .boolean(let boolean) = value { return boolean }
    return nil
  }
}

extension RecipeNode {
  /// What a message says was found here.
  var found: String {
    switch value {
    case .null: "nothing"
    case .boolean: source
    case .integer, .number: "the number \(source)"
    case .text(let text): RecipeText.quoted(text)
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }
}
