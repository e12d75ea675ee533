/// What a value of a recipe must be. The tables made of these say what the schema says, once: validation, suggestions
/// and the printed reference are all read from them.
indirect enum SchemaNode: Sendable {
  case text(TextForm)
  case integer(ClosedRange<Int64>)
  case boolean
  case list(SchemaNode, SchemaLimit = .any)
  /// A mapping of free names to values.
  case map(SchemaNode, names: TextForm)
  case object(SchemaObject)
  /// A mapping of anything.
  case free
  /// One form out of several, chosen by the value of one key.
  case chosen(by: String, [(values: [String], object: SchemaObject)])
  case either(text: TextForm, list: SchemaNode)

  static let string = SchemaNode.text(.any)
  static let strings = SchemaNode.list(.string)
  static let anyInteger = SchemaNode.integer(Int64.min...Int64.max)
}

enum SchemaLimit: Sendable {
  case any
  /// At least one item, and none twice.
  case distinct
}

struct SchemaObject: Sendable {
  let keys: [SchemaKey]
  /// Whether keys that are not listed may stand here.
  var isOpen = false

  init(isOpen: Bool = false, _ keys: [SchemaKey]) {
    self.keys = keys
    self.isOpen = isOpen
  }

  func key(_ name: String) -> SchemaKey? { keys.first { $0.name == name } }
}

struct SchemaKey: Sendable {
  let name: String
  let node: SchemaNode
  let isRequired: Bool
  /// What the key does when an image is composed.
  let effect: String

  init(_ name: String, _ node: SchemaNode, required: Bool = false, _ effect: String = "") {
    self.name = name
    self.node = node
    self.isRequired = required
    self.effect = effect
  }
}

/// What a text must look like.
struct TextForm: Sendable {
  enum Complaint: Sendable, Equatable {
    /// Ends `found "…"` and the advice.
    case expected(String, advice: String? = nil)
    /// Stands after the text itself: `"…" leaves the tree; …`.
    case sentence(String)
  }

  /// What it is, for `expected …, found a list`.
  let expected: String
  var variables = RecipeVariables.Policy.strict
  /// The words it may be, where they are few.
  var words: [String] = []
  let check: @Sendable (String) -> Complaint?

  init(
    _ expected: String, variables: RecipeVariables.Policy = .strict, words: [String] = [],
    check: @escaping @Sendable (String) -> Complaint? = { _ in nil }
  ) {
    self.expected = expected
    self.variables = variables
    self.words = words
    self.check = check
  }

  static let any = TextForm("text") { text in
    text.utf8.contains(0) ? .sentence("holds a NUL; remove it") : nil
  }

  /// Text of programs, in which `${…}` that is no variable stays.
  static let program = TextForm("text", variables: .kept) { any.check($0) }

  static func oneOf(_ words: [String]) -> TextForm {
    TextForm("one of " + words.joined(separator: ", "), words: words) { text in
      if words.contains(text) { return nil }
      let near = Spelling.nearest(to: text, among: words)
      return .expected(
        "one of " + words.joined(separator: ", "),
        advice: near.map { "did you mean \(RecipeText.quoted($0))?" })
    }
  }

  /// A form that is a yes or no.
  static func matching(
    _ expected: String, advice: String? = nil, _ test: @escaping @Sendable (String) -> Bool
  ) -> TextForm {
    TextForm(expected) { test($0) ? nil : .expected(expected, advice: advice) }
  }
}
