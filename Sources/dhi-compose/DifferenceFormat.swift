import ArgumentParser

/// How `diff` and `update` say what changed.
enum DifferenceFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json
  /// GitHub's, for a pull request's comment.
  case markdown
}

/// Reads `--format`, and `--json` for short.
struct DifferenceFormatOption: ParsableArguments {
  @Option(
    name: .customLong("format"),
    help: ArgumentHelp(
      "text (the default), json, or markdown for a pull request's comment.", valueName: "form"))
  var named: DifferenceFormat?

  @Flag(help: "Print JSON: short for --format json.")
  var json = false

  @Flag(help: "Show every file and whole values; else the largest of each package.")
  var all = false

  var format: DifferenceFormat { named ?? (json ? .json : .text) }

  func validate() throws {
    if json, named != nil {
      throw ValidationError("--json is short for --format json; give one of them")
    }
  }
}
