import OCIImage

/// Two layers that should be the same, entry by entry.
struct LayerPair {
  let expected: LayerListing
  let found: LayerListing
  /// Counted from one.
  let layer: Int

  private let before: [TreePath: LayerEntry]
  private let after: [TreePath: LayerEntry]

  init(_ expected: LayerListing, _ found: LayerListing, layer: Int) {
    self.expected = expected
    self.found = found
    self.layer = layer
    // What stands last is what unpacking leaves.
    before = Dictionary(expected.entries.map { ($0.path, $0) }) { $1 }
    after = Dictionary(found.entries.map { ($0.path, $0) }) { $1 }
  }

  /// Whether each has the paths of the other, and hides nothing of the layers below.
  var holdsSamePaths: Bool {
    before.count == after.count
      && before.keys.allSatisfy { after[$0] != nil && LayerEntry.whiteout($0) == nil }
  }

  static func missing(_ entry: LayerEntry, layer: Int) -> Deviation {
    Deviation(
      .layer, .missing, path: entry.path, expected: EntryComparison.text(entry), layer: layer)
  }

  static func extra(_ entry: LayerEntry, layer: Int) -> Deviation {
    Deviation(.layer, .extra, path: entry.path, found: EntryComparison.text(entry), layer: layer)
  }

  /// - Parameter told: paths that have been spoken of.
  func deviations(besides told: Set<String>) -> [Deviation] {
    var result = [Deviation]()
    var seen = Set<TreePath>()
    for path in expected.entries.map(\.path) where seen.insert(path).inserted {
      guard result.count < LayerComparison.limit else { return result }
      guard let old = before[path], !told.contains(path.description) else { continue }
      if let new = after[path] {
        result += EntryComparison.deviations(path, expected: old, found: new, layer: layer)
      } else {
        result.append(Self.missing(old, layer: layer))
      }
    }
    for path in found.entries.map(\.path) where seen.insert(path).inserted {
      guard result.count < LayerComparison.limit else { return result }
      guard let new = after[path], !told.contains(path.description) else { continue }
      result.append(Self.extra(new, layer: layer))
    }
    result += repetitions(besides: told)
    if let moved = firstMoved { result.append(moved) }
    if result.isEmpty, told.isEmpty {
      result.append(
        Deviation(
          .layer, .encoding, expected: expected.diffID.description,
          found: found.diffID.description, layer: layer))
    }
    return result
  }

  private func repetitions(besides told: Set<String>) -> [Deviation] {
    func counts(_ layer: LayerListing) -> [TreePath: Int] {
      layer.entries.reduce(into: [:]) { $0[$1.path, default: 0] += 1 }
    }
    let (left, right) = (counts(expected), counts(found))
    guard left.count != expected.entries.count || right.count != found.entries.count else {
      return []
    }
    return right.sorted { $0.key < $1.key }.compactMap { path, count in
      guard let usual = left[path], usual != count, !told.contains(path.description) else {
        return nil
      }
      return Deviation(
        .header, .repetition, path: path, expected: "once", found: "\(count) times", layer: layer)
    }
  }

  /// The first entry that stands elsewhere among those that both layers have.
  private var firstMoved: Deviation? {
    var left = [TreePath]()
    var right = [TreePath]()
    var seen = Set<TreePath>()
    for path in expected.entries.map(\.path) where after[path] != nil {
      if seen.insert(path).inserted { left.append(path) }
    }
    seen = []
    for path in found.entries.map(\.path) where before[path] != nil {
      if seen.insert(path).inserted { right.append(path) }
    }
    guard let start = left.indices.first(where: { $0 < right.count && left[$0] != right[$0] })
    else { return nil }
    // Either the one found here came from further down, or the one expected here went there.
    let next = start + 1
    let came = next < right.count && right[next] == left[start]
    let went = next < left.count && left[next] == right[start]
    let path = came || !went ? right[start] : left[start]
    return Deviation(
      .layer, .order, path: path, expected: Self.place(of: path, in: left),
      found: Self.place(of: path, in: right), layer: layer)
  }

  private static func place(of path: TreePath, in order: [TreePath]) -> String? {
    order.firstIndex(of: path).map { index in
      index == 0 ? "first" : "after \(order[index - 1])"
    }
  }
}
