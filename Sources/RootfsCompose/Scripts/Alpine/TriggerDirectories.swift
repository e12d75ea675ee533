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
    isCutShort = patterns.count > Self.maximumPatterns
    for pattern in patterns.prefix(Self.maximumPatterns) {
      let path = pattern.hasPrefix("+") ? String(pattern.dropFirst()) : pattern
      guard path.hasPrefix("/"), path.utf8.count <= 1024 else { continue }
      found.formUnion(Self.directories(matching: path, in: tree))
    }
    if found.count > Self.maximumPaths { isCutShort = true }
    paths = found.sorted().prefix(Self.maximumPaths).map(\.description)
  }

  private static func directories(matching pattern: String, in tree: FileTree) -> [TreePath] {
    var found = [TreePath.root]
    for part in pattern.split(separator: "/").map(String.init) {
      var next: [TreePath] = []
      for directory in found {
        if ShellPattern.hasWildcards(part) {
          next += tree.children(of: directory).filter {
            ShellPattern.matches(part, $0.nameText)
          }
        } else if part != ".", let name = TreePath(part) {
          next.append(directory.appending(name))
        }
      }
      found = next.filter { tree[$0]?.isDirectory == true }
    }
    return found
  }
}
