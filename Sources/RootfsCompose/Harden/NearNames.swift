/// The candidates that a mistyped name may have meant, nearest first, then in their own order: at most three.
func nearNames(to name: String, in candidates: [String]) -> [String] {
  let limit = max(2, name.count / 3)
  return candidates.enumerated()
    .map { (distance: editDistance(name, $0.element), place: $0.offset, name: $0.element) }
    .filter { $0.distance <= limit }
    .sorted { ($0.distance, $0.place) < ($1.distance, $1.place) }
    .prefix(3).map(\.name)
}

/// How many characters must be put in, taken out or replaced to make one text of the other.
private func editDistance(_ left: String, _ right: String) -> Int {
  let left = Array(left.prefix(64))
  let right = Array(right.prefix(64))
  var row = Array(0...right.count)
  for (i, character) in left.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in right.enumerated() {
      let replaced = diagonal + (character == other ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, row[j + 1] + 1, row[j] + 1)
    }
  }
  return row[right.count]
}
