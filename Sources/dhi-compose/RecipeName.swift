/// The names that go with a recipe's path.
enum RecipeName {
  /// `recipes/python.yaml` → `python`.
  static func stem(_ path: String) -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    for suffix in [".yaml", ".yml"] where file.hasSuffix(suffix) && file.count > suffix.count {
      return String(file.dropLast(suffix.count))
    }
    return file
  }

  /// `recipes/python.yaml` → `recipes/python.lock.json`.
  static func lockPath(for path: String) -> String {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    return folder + stem(path) + ".lock.json"
  }
}
