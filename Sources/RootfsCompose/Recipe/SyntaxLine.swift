/// The comment at a recipe's head that names the builder of a published definition, and by it the distribution:
/// `# syntax=dhi.io/build:2-debian13`.
struct SyntaxLine {
  let mark: RecipeNode.Mark
  /// What stands after `syntax=`.
  let value: String

  /// Looks in the comments before the first line of YAML.
  static func find(in text: String) -> SyntaxLine? {
    var number = 0
    for line in RecipeText.lines(of: text) {
      number += 1
      let body = line.drop { $0 == " " }
      if body.isEmpty { continue }
      guard body.hasPrefix("#") else { return nil }
      var rest = body.dropFirst().drop { $0 == " " || $0 == "\t" }
      guard rest.lowercased().hasPrefix("syntax") else { continue }
      rest = rest.dropFirst(6).drop { $0 == " " }
      guard rest.hasPrefix("=") else { continue }
      rest = rest.dropFirst().drop { $0 == " " }
      let column = line.unicodeScalars.count - rest.unicodeScalars.count + 1
      var value = rest
      while value.last == " " || value.last == "\t" { value = value.dropLast() }
      return SyntaxLine(
        mark: RecipeNode.Mark(line: number, column: column), value: String(value))
    }
    return nil
  }

  /// `debian-13` for `dhi.io/build:2-debian13`, nil where it names no distribution.
  var distribution: String? {
    let image = value.prefix { $0 != "@" }
    let prefix = "dhi.io/build:2-"
    guard image.hasPrefix(prefix) else { return nil }
    let tag = image.dropFirst(prefix.utf8.count)
    let name = tag.prefix { $0.isLetter }
    let distribution = "\(name)-\(tag.dropFirst(name.count))"
    return TextForm.isDistribution(distribution) ? distribution : nil
  }
}
