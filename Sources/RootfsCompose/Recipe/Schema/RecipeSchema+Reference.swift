extension Recipe {
  /// Every key of a recipe on a line of its own: its path, what it must be, and what it does.
  public static let reference: String = RecipeSchema.lines(of: RecipeSchema.root, below: "")
    .joined(separator: "\n")
}

extension RecipeSchema {
  fileprivate static func lines(of object: SchemaObject, below path: String) -> [String] {
    object.keys.flatMap { key in
      let own = path.isEmpty ? key.name : "\(path).\(key.name)"
      let kind = kind(of: key.node) + (key.isRequired ? ", required" : "")
      let line = "\(own): \(kind)" + (key.effect.isEmpty ? "" : ". \(key.effect)")
      return [line] + lines(of: key.node, below: own)
    }
  }

  private static func lines(of node: SchemaNode, below path: String) -> [String] {
    switch node {
    case .object(let object): lines(of: object, below: path)
    case .list(let item, _), .either(_, let item): lines(of: item, below: path + "[]")
    case .chosen(let key, let forms):
      forms.flatMap { form in
        lines(of: form.object, below: "\(path)(\(key): \(form.values.joined(separator: " or ")))")
      }
    case .map(let value, _): lines(of: value, below: path + ".NAME")
    case .text, .integer, .boolean, .free: []
    }
  }

  private static func kind(of node: SchemaNode) -> String {
    switch node {
    case .text(let form): form.expected
    case .integer: "an integer"
    case .boolean: "true or false"
    case .list(let item, _): "a list, each " + kind(of: item)
    case .either(let form, let list): form.expected + " or " + kind(of: list)
    case .map(let value, _): "a mapping of names to " + kind(of: value)
    case .object, .free, .chosen: "a mapping"
    }
  }
}
