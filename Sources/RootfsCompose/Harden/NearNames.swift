import PkgResolve

/// The candidates that a mistyped name may have meant, nearest first, then in their own order: at most three.
func nearNames(to name: String, in candidates: [String]) -> [String] {
  let limit = max(2, name.count / 3)
  return candidates.enumerated()
    .map { place, candidate in
      let distance = editDistance(Array(name.utf8.prefix(64)), Array(candidate.utf8.prefix(64)))
      return (distance: distance, place: place, name: candidate)
    }
    .filter { $0.distance <= limit }
    .sorted { ($0.distance, $0.place) < ($1.distance, $1.place) }
    .prefix(3).map(\.name)
}
