import PkgResolve

/// Which packages of a set each of them leads to.
///
/// An order for layers and nothing more: a relation that cannot be read leads nowhere.
struct DependencyClosure {
  private var needs: [String: [String]] = [:]
  private var providers: [String: [String]] = [:]

  init(_ packages: [UnpackedPackage]) {
    for package in packages {
      let (needed, provided) = Self.names(of: package)
      needs[package.name, default: []] += needed
      for name in [package.name] + provided { providers[name, default: []].append(package.name) }
    }
  }

  /// How many packages a package cannot do without, itself included.
  func size(of package: UnpackedPackage) -> Int {
    var reached: Set = [package.name]
    var pending = [package.name]
    while let next = pending.popLast() {
      for name in needs[next] ?? [] {
        for provider in providers[name] ?? [] where reached.insert(provider).inserted {
          pending.append(provider)
        }
      }
    }
    return reached.count
  }

  private static func names(of package: UnpackedPackage) -> ([String], [String]) {
    switch package.metadata {
    case .debian(let control):
      let needed = ["Pre-Depends", "Depends"].flatMap { field in
        split(control[field] ?? "", at: ",|").map { name($0, endingAt: " (:[\t\n") }
      }
      let provided = split(control["Provides"] ?? "", at: ",").map { name($0, endingAt: " (:") }
      return (needed, provided)
    case .alpine(let metadata):
      return (
        metadata.values("depend").filter { !$0.hasPrefix("!") }
          .map { name($0[...], endingAt: "<>=~") },
        metadata.values("provides").map { name($0[...], endingAt: "=") }
      )
    }
  }

  private static func split(_ text: String, at separators: String) -> [Substring] {
    text.split { separators.contains($0) }
  }

  private static func name(_ text: Substring, endingAt ends: String) -> String {
    String(text.drop(while: \.isWhitespace).prefix { !ends.contains($0) })
  }
}
