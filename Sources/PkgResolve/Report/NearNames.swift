/// Names that a mistyped one may have meant.
public enum NearNames {
  /// The nearest known names, at most `limit`, nearest first: within a third of the length in single-letter edits, or
  /// with the name as their beginning.
  public static func of(_ name: String, in known: some Sequence<String>, limit: Int = 5) -> [String]
  {
    let typed = Array(name.lowercased().utf8)
    guard (1...100).contains(typed.count) else { return [] }
    let bound = max(1, typed.count / 3)
    var found = [(distance: Int, name: String)]()
    for candidate in known {
      let bytes = Array(candidate.lowercased().utf8)
      guard abs(bytes.count - typed.count) <= bound else { continue }
      let distance = distance(typed, bytes)
      if distance <= bound { found.append((distance, candidate)) }
    }
    return found.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
      .prefix(limit).map(\.name)
  }

  /// Insertions, deletions, replacements and swaps of neighbours that make one from the other.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var before = [Int](repeating: 0, count: right.count + 1)
    var previous = Array(0...right.count)
    for i in 0..<left.count {
      var current = [i + 1]
      for j in 0..<right.count {
        var best = min(
          previous[j + 1] + 1, current[j] + 1, previous[j] + (left[i] == right[j] ? 0 : 1))
        if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
          best = min(best, before[j - 1] + 1)
        }
        current.append(best)
      }
      before = previous
      previous = current
    }
    return previous[right.count]
  }
}
