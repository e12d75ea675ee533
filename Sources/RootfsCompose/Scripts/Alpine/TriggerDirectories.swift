/// The directories of an image that run an Alpine package's trigger, which gets them as arguments.
///
/// At a first installation every directory is new, so that all that match count, in byte order (apk's own order is
/// that of its hash table).
/// Source: apk-package(5); apk-tools, `fire_triggers` in src/database.c: fnmatch(3) with FNM_PATHNAME, and from
/// version 3 on a `+` before a pattern that is for changed directories only.
struct TriggerDirectories {
  static let maximumPatterns = 256
  static let maximumPaths = 4096

  /// Absolute.
  private(set) var paths: [String] = []
  /// Whether there are more patterns or directories than are followed.
  private(set) var isCutShort = false

  init(matching patterns: [String], in tree: FileTree) {
    var found = Set<TreePath>()
    var work = 0
    isCutShort = patterns.count > Self.maximumPatterns
    for pattern in patterns.prefix(Self.maximumPatterns) {
      let path = pattern.hasPrefix("+") ? String(pattern.dropFirst()) : pattern
      guard path.hasPrefix("/"), path.utf8.count <= 1024 else { continue }
      found.formUnion(Self.directories(matching: path, in: tree, &work))
    }
    if found.count > Self.maximumPaths || work > ShellWalk.maximumComparisons { isCutShort = true }
    paths = found.sorted().prefix(Self.maximumPaths).map(\.description)
  }

  /// `work` grows by the characters compared; over a script's bound nothing is found any more.
  private static func directories(
    matching pattern: String, in tree: FileTree, _ work: inout Int
  ) -> [TreePath] {
    var found = [TreePath.root]
    for part in pattern.split(separator: "/").map(String.init) {
      var next: [TreePath] = []
      for directory in found {
        work += part.utf8.count
        if ShellPattern.hasWildcards(part) {
          let children = tree.children(of: directory)
          work += children.reduce(0) { $0 + $1.name.count * part.utf8.count }
          guard work <= ShellWalk.maximumComparisons else { return [] }
          next += children.filter { ShellPattern.matches(part, $0.nameText) }
        } else if part != ".", let name = TreePath(part) {
          next.append(directory.appending(name))
        }
      }
      found = next.filter { tree[$0]?.isDirectory == true }
    }
    return found
  }
}
