/// What `compose.distributions` holds: one recipe's words for each of several distributions.
///
/// An entry says what differs: packages, where they come from, and variables. To pick one is to write its words where a
/// recipe for that distribution alone has them, so that all that comes after knows of one distribution only, and so
/// that neither digest depends on what the others say.
struct DistributionEntries {
  /// More than any recipe needs; each costs a pass over the whole file.
  static let maximum = 16
  static let key = "distributions"
  static let path = "compose.distributions"

  /// Keys whose items stand after those of `contents`.
  private static let lists = ["repositories", "keyring", "packages"]
  /// Keys that a recipe for one distribution has right below `compose`.
  static let sources = ["snapshot", "mirror", "security-mirror", "pins"]

  let root: RecipeNode
  let entries: [RecipeNode.Entry]

  /// nil where the recipe has no such key, or a value there that is no mapping.
  init?(_ root: RecipeNode) {
    guard let value = root["compose"]?[Self.key], case .mapping(let entries) = value.value else {
      return nil
    }
    self.root = root
    self.entries = entries
  }

  var names: [String] { entries.map(\.key) }

  /// The recipe as it is written, without the entries of the others.
  func keeping(_ name: String) -> RecipeNode {
    root.updating("compose") { compose in
      compose = compose.updating(Self.key) { list in
        list.value = .mapping(list.entries.filter { $0.key == name })
      }
    }
  }

  /// The recipe's variables, those of the entry in place of the recipe's own of the same name.
  static func variables(of root: RecipeNode, _ name: String) -> RecipeNode {
    merging(root, variablesOf: root["compose"]?[key]?[name])
  }

  /// The recipe for one distribution alone.
  static func picking(_ name: String, from root: RecipeNode) -> RecipeNode {
    guard let entry = root["compose"]?[key]?.entry(name) else { return root }
    var result = merging(root, variablesOf: entry.value)
    for list in lists {
      guard let own = entry.value.entry(list) else { continue }
      result = result.updating("contents", addedAt: own.keyMark) { contents in
        contents = contents.updating(list, addedAt: own.keyMark) { value in
          value.value = .list(value.items + own.value.items)
        }
      }
    }
    result = result.updating("compose") { compose in
      compose = compose.removing(key)
      for source in sources {
        guard let own = entry.value.entry(source) else { continue }
        compose = compose.updating(source, addedAt: own.keyMark) { $0 = own.value }
      }
    }
    return result["compose"]?.entries.isEmpty == true ? result.removing("compose") : result
  }

  private static func merging(_ root: RecipeNode, variablesOf entry: RecipeNode?) -> RecipeNode {
    guard let own = entry?.entry("vars"), !own.value.entries.isEmpty else { return root }
    return root.updating("vars", addedAt: own.keyMark) { vars in
      for variable in own.value.entries {
        vars = vars.updating(variable.key, addedAt: variable.keyMark) { $0 = variable.value }
      }
    }
  }
}

extension RecipeNode {
  /// With one value changed; where there is none and `mark` is given, added there from an empty mapping.
  fileprivate func updating(
    _ key: String, addedAt mark: Mark? = nil, _ change: (inout RecipeNode) -> Void
  ) -> RecipeNode {
    var entries = entries
    if let index = entries.firstIndex(where: { $0.key == key }) {
      change(&entries[index].value)
    } else if let mark {
      var value = RecipeNode(value: .mapping([]), mark: mark)
      change(&value)
      entries.append(Entry(key: key, keyMark: mark, value: value))
    } else {
      return self
    }
    var result = self
    result.value = .mapping(entries)
    return result
  }

  fileprivate func removing(_ key: String) -> RecipeNode {
    var result = self
    result.value = .mapping(entries.filter { $0.key != key })
    return result
  }
}
