/// Which members of an archive an item of `contents.files` takes.
///
/// Patterns are relative to the archive's root, with a leading slash or without: `etc` and `/etc` are `etc` and all
/// below it. A pattern that matches a directory takes all below it too.
struct ArchiveSelection {
  private struct Pattern {
    let written: String
    let compiled: PathPattern

    init(_ text: String, _ location: SourceLocation) throws(ComposeError) {
      written = text
      compiled = try PathPattern(
        text.hasPrefix("/") ? text : "/" + text, subject: location.description)
    }
  }

  private var includes: [Pattern] = []
  private var excludes: [Pattern] = []

  init(_ item: Definition.FileItem) throws(ComposeError) {
    for text in item.includes { includes.append(try Pattern(text, item.location)) }
    for text in item.excludes { excludes.append(try Pattern(text, item.location)) }
  }

  func takes(_ path: TreePath) -> Bool {
    (includes.isEmpty || includes.contains { $0.compiled.covers(path) })
      && !excludes.contains { $0.compiled.covers(path) }
  }

  /// The first of the `includes`, as written, that matches none of the paths.
  func unmatchedInclude(_ paths: [TreePath]) -> String? {
    Self.unmatched(includes, paths).first
  }

  /// The `excludes`, as written, that match none of the paths.
  func unmatchedExcludes(_ paths: [TreePath]) -> [String] { Self.unmatched(excludes, paths) }

  private static func unmatched(_ patterns: [Pattern], _ paths: [TreePath]) -> [String] {
    patterns.filter { pattern in !paths.contains(where: pattern.compiled.covers) }.map(\.written)
  }
}
