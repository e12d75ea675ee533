import PkgResolve

/// Finds the name that was most likely meant.
enum Spelling {
  /// The candidate nearest to a misspelt word, nil where none is near. Ties go to the first in byte order.
  static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let wanted = Array(word.lowercased().utf8)
    guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
    let limit = max(1, min(3, wanted.count / 3))
    var best: (distance: Int, name: String)?
    for candidate in candidates.sorted() where candidate != word && candidate.utf8.count <= 64 {
      let other = Array(candidate.lowercased().utf8)
      let isStart = wanted.count >= 3 && other.starts(with: wanted)
      let edits = editDistance(wanted, other)
      let distance = isStart ? min(limit, edits) : edits
      if distance <= limit, best.map({ distance < $0.distance }) ?? true {
        best = (distance, candidate)
      }
    }
    return best?.name
  }
}
