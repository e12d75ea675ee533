/// Counts what may be aliases before a parser sees the text.
///
/// Yams unfolds aliases as it reads and hashes mapping keys unfolded, so a document of a few lines could keep it
/// busy for years. What is counted: `*name` at the start of a token where `&name` stands somewhere. Shell text
/// in a recipe has both forms, but hardly ever with one name.
enum AliasCount {
  /// Where the use over the limit stands; nil if there is none.
  static func excess(in text: String, over limit: Int) -> RecipeNode.Mark? {
    let anchors = Set(tokens("&", in: text).map(\.name))
    guard !anchors.isEmpty else { return nil }
    let uses = tokens("*", in: text).filter { anchors.contains($0.name) }
    return uses.count > limit ? uses[limit].mark : nil
  }

  private static func tokens(
    _ indicator: Unicode.Scalar, in text: String
  ) -> [(name: String, mark: RecipeNode.Mark)] {
    var found = [(name: String, mark: RecipeNode.Mark)]()
    var name = ""
    var start: RecipeNode.Mark?
    var mark = RecipeNode.Mark.start
    for scalar in text.unicodeScalars {
      let isName =
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_"
        || scalar == "-"
      if let from = start {
        if isName {
          name.unicodeScalars.append(scalar)
        } else {
          if !name.isEmpty { found.append((name, from)) }
          start = nil
        }
      }
      if scalar == indicator {
        start = mark
        name = ""
      }
      if scalar == "\n" {
        mark = RecipeNode.Mark(line: mark.line + 1, column: 1)
      } else {
        mark.column += 1
      }
    }
    if let from = start, !name.isEmpty { found.append((name, from)) }
    return found
  }
}
