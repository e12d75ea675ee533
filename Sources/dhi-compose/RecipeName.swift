import ArgumentParser
import FoundationEssentials
import RootfsCompose

/// The names that go with a recipe's path.
enum RecipeName {
  /// `recipes/python.yaml` → `python`.
  static func stem(_ path: String) -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    for suffix in [".yaml", ".yml"] where file.hasSuffix(suffix) && file.count > suffix.count {
      let stem = String(file.dropLast(suffix.count))
      // What is named after it must not lead out of its folder.
      return stem == "." || stem == ".." ? file : stem
    }
    return file
  }

  /// What an image is called: `python`, and `static-debian-13` where the recipe lists distributions.
  static func image(of recipe: Recipe) -> String {
    stem(recipe.path) + (listed(recipe).map { "-" + $0 } ?? "")
  }

  /// `recipes/python.lock.json`, and `recipes/static.debian-13.lock.json` where the recipe lists distributions.
  static func lockPath(of recipe: Recipe) -> String {
    lockPath(for: recipe.path, listed(recipe))
  }

  static func lockPath(for path: String, _ distribution: String? = nil) -> String {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    return folder + stem(path) + (distribution.map { "." + $0 } ?? "") + ".lock.json"
  }

  /// The command that makes a recipe's lock.
  static func lockCommand(_ recipe: Recipe) -> String {
    "dhi-compose lock \(recipe.path)" + (listed(recipe).map { " --distribution \($0)" } ?? "")
  }

  /// Throws a usage error where two things would be written to one place.
  static func refuseTwins(_ places: [String], _ message: (String) -> String) throws {
    var seen = Set<String>()
    for place in places where !seen.insert(place).inserted {
      throw ValidationError(message(place))
    }
  }

  /// The recipe files that paths name: a folder stands for those it holds, in the order of their names.
  static func files(_ paths: [String]) throws -> [String] {
    try paths.flatMap { path -> [String] in
      var isFolder = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder else {
        return [path]
      }
      let names = try recipes(in: path)
      guard !names.isEmpty else {
        throw ValidationError("the folder \(path) holds no recipe (*.yaml); name one")
      }
      return names.map { path.hasSuffix("/") ? path + $0 : path + "/" + $0 }
    }
  }

  /// Hidden files are none: editors keep their own beside a file that is being edited.
  private static func recipes(in folder: String) throws -> [String] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw ValidationError("the folder \(folder) cannot be read; check its permissions")
    }
    return names.filter { name in
      !name.hasPrefix(".") && (name.hasSuffix(".yaml") || name.hasSuffix(".yml"))
    }.sorted()
  }

  private static func listed(_ recipe: Recipe) -> String? {
    recipe.listedDistributions.isEmpty ? nil : recipe.distribution
  }

  /// The only recipe of the working folder.
  static func soleRecipe() throws -> String {
    let names = try recipes(in: ".")
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
