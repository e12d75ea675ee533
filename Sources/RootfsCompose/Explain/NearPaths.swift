import PkgResolve

/// Paths that a mistyped one may have meant, of those that an image has or its packages ship.
struct NearPaths {
  private static let limit = 3

  private let paths: [TreePath]

  init(_ composition: Composition) {
    paths = Set(composition.tree.sortedPaths + composition.shipped.paths).sorted()
  }

  /// At most three: those in the directory asked for whose name is near, then those of the same name elsewhere.
  func near(_ path: TreePath) -> [TreePath] {
    let name = Array(path.name)
    let beside = paths.filter { $0.isChild(of: path.parent) }.compactMap { candidate in
      distance(name, Array(candidate.name)).map { ($0, candidate) }
    }
    .sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.1)
    let elsewhere = paths.filter { $0.name.elementsEqual(name) && $0 != path }
    var seen = Set<TreePath>()
    return (beside + elsewhere).filter { seen.insert($0).inserted }.prefix(Self.limit).map { $0 }
  }

  /// How far a name is from the one asked for; nil where it is another name. A longer name that begins with it is near.
  private func distance(_ name: [UInt8], _ candidate: [UInt8]) -> Int? {
    let most = max(1, min(3, name.count / 3))
    if abs(name.count - candidate.count) <= most {
      let distance = editDistance(name, candidate)
      if distance <= most { return distance }
    }
    let isLonger = name.count > 2 && candidate.starts(with: name)
    return isLonger ? most + 1 : nil
  }
}
