/// Causes as the lines of an error, each on a line of its own. Of very many the first and the last: the chain begins at
/// the request, and what cannot be stands at its end.
func causeList(_ lines: [String]) -> String {
  let (first, last) = (16, 8)
  var shown = lines
  if lines.count > first + last + 1 {
    let more = "… (\(lines.count - first - last) more causes)"
    shown = lines.prefix(first) + [more] + lines.suffix(last)
  }
  return shown.map { "  \($0)\n" }.joined()
}

/// Causes that are still to be told: those that are ready come first, otherwise in the order given.
struct PendingCauses<Cause> {
  private let causes: [Cause]
  private var isTold: [Bool]
  /// All before this one have been told.
  private var start = 0

  init(_ causes: [Cause]) {
    self.causes = causes
    isTold = Array(repeating: false, count: causes.count)
  }

  /// The first that is ready, else the first of all; nil where all have been told.
  mutating func next(where isReady: (Cause) -> Bool) -> Cause? {
    while start < causes.count, isTold[start] { start += 1 }
    guard start < causes.count else { return nil }
    let rest = start..<causes.count
    let next = rest.first { !isTold[$0] && isReady(causes[$0]) } ?? start
    isTold[next] = true
    return causes[next]
  }
}
