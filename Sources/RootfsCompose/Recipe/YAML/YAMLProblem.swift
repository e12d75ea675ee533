import Yams

/// Puts what libyaml and Yams complain about into a sentence with a place.
struct YAMLProblem {
  let file: String
  let text: String

  func error(for error: YamlError) -> ComposeError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
      return at(mark, sentence(for: problem, at: mark))
    case .composer(_, let problem, let mark, _):
      return at(
        mark,
        problem.contains("alias")
          ? RecipeParser.aliasMessage
          : "expected a single document, found another; keep one recipe per file")
    case .duplicatedKeysInMapping(let keys, let context):
      return duplicate(keys.first ?? "", first: context.mark)
    case .memory:
      return ComposeError(
        .limitExceeded, file, "expected at most \(RecipeParser.maximumDepth) levels of nesting")
    default:
      return ComposeError(.invalidRecipe, file, "not valid YAML", underlying: error)
    }
  }

  private func at(_ mark: Mark, _ message: String) -> ComposeError {
    ComposeError(.invalidRecipe, "\(file):\(mark.line):\(mark.column)", message)
  }

  private func sentence(for problem: String, at mark: Mark) -> String {
    if line(mark.line).prefix(while: { $0 == " " || $0 == "\t" }).contains("\t") {
      return "expected spaces, found a tab; YAML is indented with spaces only"
    }
    return Self.sentences.first { problem.contains($0.problem) }?.sentence
      ?? "not valid YAML: \(problem)"
  }

  private static let sentences: [(problem: String, sentence: String)] = [
    ("tab", "expected spaces, found a tab; YAML is indented with spaces only"),
    (
      "mapping values are not allowed",
      "found a second \":\" where none may stand; quote the value, or check the indentation"
    ),
    (
      "could not find expected ':'",
      "expected \":\" after a key; add it, or check the indentation"
    ),
    (
      "did not find expected key",
      "expected a key or the end of the mapping; check the indentation and the quotes"
    ),
    (
      "did not find expected '-' indicator",
      "expected \"- \" or the end of the list; check the indentation"
    ),
    ("did not find expected ',' or ']'", "expected \",\" or \"]\"; close the list"),
    ("did not find expected ',' or '}'", "expected \",\" or \"}\"; close the mapping"),
    (
      "character that cannot start any token",
      "found a character that cannot begin a value; quote the value"
    ),
    ("unexpected end of stream", "found the end of the file inside quotes; close them"),
    ("unknown escape character", "found an unknown escape after \"\\\"; write \"\\\\\""),
    ("block sequence entries are not allowed", "found \"- \" where no list may begin"),
    ("mapping keys are not allowed", "found a key where none may stand; check the indentation"),
    ("document start", "expected one document; remove what stands before or after it"),
    ("YAML document", "YAML directives (%…) are not supported; remove the line"),
    ("directive", "YAML directives (%…) are not supported; remove the line"),
    ("node content", "expected a value; quote it if it begins with a sign"),
    ("whitespace", "expected a space or the end of the line; quote the value"),
    ("comment or line break", "expected the end of the line"),
    ("alphabetic or numeric", "expected a name after \"*\" or \"&\"; quote the value"),
    (
      "depth", "expected at most \(RecipeParser.maximumDepth) levels of nesting"
    ),
  ]

  private func line(_ number: Int) -> Substring {
    let lines = RecipeText.lines(of: text)
    return lines.indices.contains(number - 1) ? lines[number - 1] : ""
  }

  /// Yams tells where the first of two equal keys stands. In a block mapping the second begins a later line in the
  /// same column, before any line that is indented less.
  private func duplicate(_ key: String, first: Mark) -> ComposeError {
    let lines = RecipeText.lines(of: text)
    let place = RecipeNode.Mark(line: first.line, column: first.column)
    for number in (first.line + 1)..<max(first.line + 1, lines.count + 1) {
      let line = lines[number - 1]
      let indent = line.prefix { $0 == " " }.count
      let body = line.dropFirst(indent)
      if body.isEmpty || body.hasPrefix("#") || indent >= first.column { continue }
      guard indent == first.column - 1 else { break }
      if [key, "\"\(key)\"", "'\(key)'"].contains(where: { Self.begins(body, with: $0) }) {
        return ComposeError(
          .invalidRecipe, "\(file):\(number):\(first.column)",
          RecipeParser.duplicate(key, file: file, first: place))
      }
    }
    return at(first, "the key \(RecipeText.quoted(key)) stands twice in one mapping; remove one")
  }

  private static func begins(_ line: Substring, with key: String) -> Bool {
    guard line.hasPrefix(key) else { return false }
    return line.dropFirst(key.count).drop { $0 == " " }.hasPrefix(":")
  }
}
