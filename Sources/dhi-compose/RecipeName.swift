import ArgumentParser
import FoundationEssentials

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

  /// The only recipe of the working folder.
  static func soleRecipe() throws -> String {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: ".")) ?? [])
      .filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
    guard let first = names.first else {
      throw ValidationError("this folder holds no recipe (*.yaml); name one")
    }
    guard names.count == 1 else {
      let shown = names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
      throw ValidationError("this folder holds several recipes; name one: \(shown)")
    }
    return first
  }
}
