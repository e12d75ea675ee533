/// The names closest to one that is unknown: at most five, the closest first; of those as close, first the one that
/// agrees with it for longest: "libssl3" for "libssl1.1".
func nearNames(of name: String, among names: some Sequence<String>) -> [String] {
  let wanted = Array(name.utf8)
  let limit = min(3, max(1, wanted.count / 3))
  var found = [(distance: Int, difference: Int, name: String)]()
  for other in names {
    let candidate = Array(other.utf8)
    guard abs(candidate.count - wanted.count) <= limit else { continue }
    let distance = editDistance(wanted, candidate)
    guard distance <= limit else { continue }
    let agreement = zip(wanted, candidate).prefix { $0 == $1 }.count
    found.append((distance, wanted.count - agreement, other))
  }
  found.sort { ($0.distance, $0.difference, $0.name) < ($1.distance, $1.difference, $1.name) }
  return found.prefix(5).map(\.name)
}

/// The fewest insertions, deletions, substitutions and swaps of neighbours that turn one text into the other.
public func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var beforeLast = [Int]()
  var last = Array(0...right.count)
  for (i, a) in left.enumerated() {
    var row = [i + 1]
    row.reserveCapacity(right.count + 1)
    for (j, b) in right.enumerated() {
      var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a == b ? 0 : 1))
      if i > 0, j > 0, a == right[j - 1], left[i - 1] == b {
        cost = min(cost, beforeLast[j - 1] + 1)
      }
      row.append(cost)
    }
    beforeLast = last
    last = row
  }
  return last[right.count]
}
