import FoundationEssentials

/// Errors and warnings once more, as GitHub Actions shows them beside the lines of a pull request that they are about.
///
/// Source: GitHub's "Workflow commands for GitHub Actions", "Setting an error message".
enum Annotations {
  /// The command for a line that begins with `error: ` or `warning: `; nil of any other.
  ///
  /// - Parameter workspace: the folder of the repository, which paths are to be relative to.
  static func command(for line: String, workspace: String? = nil) -> String? {
    for level in ["error", "warning"] where line.hasPrefix(level + ": ") {
      let text = line.dropFirst(level.count + 2)
      guard let (place, message) = place(of: text) else {
        return "::\(level)::\(escaped(text))"
      }
      var file = place.file
      if let workspace, !workspace.isEmpty, file.hasPrefix(workspace + "/") {
        file = file[file.utf8.index(file.startIndex, offsetBy: workspace.utf8.count + 1)...]
      }
      return
        "::\(level) file=\(property(file)),line=\(place.line),col=\(place.column)::\(escaped(message))"
    }
    return nil
  }

  private struct Place {
    let file: Substring
    let line: Int
    let column: Int
  }

  /// Takes `FILE:LINE:COLUMN: ` off a text's beginning, or off what follows the name of an image.
  private static func place(of text: Substring) -> (Place, Substring)? {
    let head = text.prefix { $0 != "\n" }
    guard let match = head.firstMatch(of: #/(?:^|: )([^:\n]+):([0-9]{1,9}):([0-9]{1,9}): /#),
      let line = Int(match.2), let column = Int(match.3)
    else { return nil }
    return (
      Place(file: match.1, line: line, column: column), text[match.range.upperBound...]
    )
  }

  private static func escaped(_ text: some StringProtocol) -> String {
    String(text).replacing("%", with: "%25").replacing("\r", with: "%0D")
      .replacing("\n", with: "%0A")
  }

  private static func property(_ text: Substring) -> String {
    escaped(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
  }
}
