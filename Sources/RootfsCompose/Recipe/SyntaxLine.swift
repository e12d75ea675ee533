import PkgResolve

/// The comment at a recipe's head that names the builder of a published definition, and by it the distribution:
/// `# syntax=dhi.io/build:2-debian13`.
struct SyntaxLine {
  private static let prefix = "dhi.io/build:2-"

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
    guard image.hasPrefix(Self.prefix) else { return nil }
    let tag = image.dropFirst(Self.prefix.utf8.count)
    let name = tag.prefix { $0.isLetter }
    let distribution = "\(name)-\(tag.dropFirst(name.count))"
    return TextForm.isDistribution(distribution) ? distribution : nil
  }

  /// What to do about a line that names no distribution.
  var remedy: String {
    let image = value.prefix { $0 != "@" }
    if image.hasPrefix("dhi.io/build:"), image.hasSuffix("edge") {
      return "Alpine's edge is no release: name a release, and edge as a repository with a tag "
        + "(\"@edge URL\")"
    }
    return nearForm.map { "did you mean \($0)?" }
      ?? "remove the line or set compose.distribution instead"
  }

  /// The line's value as it was likely meant: a distribution's name misspelt, or a sign too many before its version.
  private var nearForm: String? {
    let image = value.prefix { $0 != "@" }
    guard image.hasPrefix(Self.prefix) else { return nil }
    let tag = image.dropFirst(Self.prefix.utf8.count)
    let name = tag.prefix { !$0.isNumber }
    let word = name.filter(\.isLetter).lowercased()
    let near = ["alpine", "debian"].first {
      editDistance(Array($0.utf8), Array(word.utf8.prefix(16))) <= 2
    }
    guard let near, TextForm.isDistribution("\(near)-\(tag.dropFirst(name.count))") else {
      return nil
    }
    return Self.prefix + near + tag.dropFirst(name.count)
  }
}
