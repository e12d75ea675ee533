/// How a recipe keeps a path that a rule drops: the lines that it takes.
public struct KeptPath: Sendable, Equatable {
  /// Lines of YAML for the recipe, the outermost key first; empty where no line of a recipe keeps the path.
  public let recipeLines: [String]
  /// What else keeps it, or why nothing does.
  public let remarks: [String]

  /// - Parameter record: the deed that dropped `path`.
  public init(
    _ path: TreePath, droppedBy record: Ledger.Record, in composition: Composition,
    of definition: Definition
  ) {
    let chain = Self.chain(from: path, record, composition)
    let rules = LaterRules(composition, definition)
    let dropped = chain.flatMap { path, rule in
      [(path: path, rule: rule)] + rules.dropping(path, after: rule).map { (path, $0) }
    }
    var exceptions = [(rule: String, paths: [String])]()
    var includes = [String]()
    var remarks = [String]()
    for (path, rule) in dropped {
      let text = Self.pattern(path)
      switch Self.remedy(rule) {
      case .include: if !includes.contains(text) { includes.append(text) }
      case .exception:
        if let index = exceptions.firstIndex(where: { $0.rule == rule }) {
          exceptions[index].paths.append(text)
        } else {
          exceptions.append((rule, [text]))
        }
      case .none: remarks.append(Self.remark(path, rule, definition))
      }
    }
    if ["shells", "package-managers"].contains(record.rule), let package = record.package {
      remarks.append(
        "a recipe that names the package \(package) itself in contents.packages keeps it too")
    }
    var lines = [String]()
    if !includes.isEmpty {
      lines.append("  includes: [\(includes.joined(separator: ", "))]")
    }
    if !exceptions.isEmpty { lines.append("  exceptions:") }
    for (rule, paths) in exceptions {
      lines += [
        "    - rule: \(rule)", "      paths: [\(paths.joined(separator: ", "))]",
        "      reason: say here what needs it",
      ]
    }
    recipeLines = lines.isEmpty ? [] : ["compose:"] + lines
    self.remarks = remarks
  }

  private enum Remedy { case include, exception, none }

  /// What only tidies up passes over a recipe's includes; what guards the image wants an exception.
  private static func remedy(_ rule: String) -> Remedy {
    if rule == "excludes" { return .include }
    guard let known = HardeningRules.all.first(where: { $0.name == rule }) else { return .none }
    return known.bindsRecipe ? .exception : .include
  }

  private static func remark(
    _ path: TreePath, _ rule: String, _ definition: Definition
  ) -> String {
    if rule == PathsEffect.rule {
      let item = definition.paths.first { item in
        item.kind == .delete && TreePath(item.path).map(path.isWithin) == true
      }
      if let item { return "\(item.location): the recipe deletes \(item.path) itself" }
    }
    return "no line of a recipe keeps \(path) from \(rule), which is part of installing"
  }

  /// The path and, of a link that leads to what is dropped too, where it leads: a link alone would lead nowhere.
  private static func chain(
    from path: TreePath, _ record: Ledger.Record, _ composition: Composition
  ) -> [(path: TreePath, rule: String)] {
    var chain = [(path: path, rule: record.rule)]
    var seen: Set<TreePath> = [path]
    var place = path
    while let target = composition.shipped.entry(at: place)?.linkTarget,
      let landing = place.resolvingLink(target),
      let next = composition.shipped.resolve(landing), composition.tree[next] == nil,
      seen.insert(next).inserted,
      let deed = composition.ledger.records.last(where: {
        $0.action == .dropped && $0.path == next.description
      })
    {
      chain.append((next, deed.rule))
      place = next
    }
    // A link whose target goes is itself no offence of that rule.
    if chain.count > 1 { chain.removeAll { $0.rule == DanglingLinksRule().name } }
    return chain
  }

  /// A path as a pattern that matches it alone, in a YAML flow sequence.
  private static func pattern(_ path: TreePath) -> String {
    // A pattern's signs are bytes, and a letter may be followed by marks that join it.
    var text = "/"
    for scalar in scalars(path.bytes) {
      guard let scalar else {
        text += "?"
        continue
      }
      if "*?[\\".unicodeScalars.contains(scalar) { text += "\\" }
      text.unicodeScalars.append(scalar)
    }
    let isPlain = text.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
        || (0x61...0x7A).contains(byte) || "/._+-@~".utf8.contains(byte)
    }
    return isPlain ? text : quoted(text)
  }

  /// nil for each byte that is no text, which a pattern matches by its sign for any byte.
  private static func scalars(_ bytes: [UInt8]) -> [Unicode.Scalar?] {
    var result = [Unicode.Scalar?]()
    var decoder = Unicode.UTF8.ForwardParser()
    var input = bytes.makeIterator()
    while true {
      switch decoder.parseScalar(from: &input) {
      case .valid(let encoded): result.append(Unicode.UTF8.decode(encoded))
      case .error(let length): result += [Unicode.Scalar?](repeating: nil, count: length)
      case .emptyInput: return result
      }
    }
  }

  /// What a terminal or an editor would obey or hide is written as its number.
  ///
  /// Source: YAML 1.2, 5.7 "Escaped Characters".
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\" + String(scalar)
      default:
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
          result += numbered(scalar)
        default: result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }

  private static func numbered(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    let (sign, width) =
      switch scalar.value {
      case ..<0x100: ("x", 2)
      case ..<0x10000: ("u", 4)
      default: ("U", 8)
      }
    return "\\" + sign + String(repeating: "0", count: width - digits.count) + digits
  }
}
