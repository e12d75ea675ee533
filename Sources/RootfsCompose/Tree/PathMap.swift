/// Values by path, kept in the paths' byte order: a walk needs no sorting, and all below a directory is one range.
///
/// The pairs lie in runs of bounded length, each with arrays of its own, so that a change moves few of them and a copy
/// of the map shares the runs that neither copy changes.
struct PathMap<Value> {
  fileprivate struct Run {
    var paths: [TreePath]
    var values: [Value]

    func offset(notBefore path: TreePath) -> Int { paths.partitioningIndex { !($0 < path) } }
  }

  /// A place in the order; one past a run's last pair only where that is the map's end.
  struct Index: Comparable {
    fileprivate let run: Int
    fileprivate let offset: Int

    static func < (left: Index, right: Index) -> Bool {
      (left.run, left.offset) < (right.run, right.offset)
    }
  }

  private static var longestRun: Int { 128 }

  /// None is empty.
  private var runs: [Run] = []
  private(set) var count = 0

  /// The value at a path.
  subscript(path: TreePath) -> Value? { index(of: path).map { runs[$0.run].values[$0.offset] } }

  /// Where a path stands; nil where it is not in the map.
  func index(of path: TreePath) -> Index? {
    let index = firstIndex(notBefore: path)
    return index.run < runs.count && runs[index.run].paths[index.offset] == path ? index : nil
  }

  /// Where the first path stands that does not come before the one given; the end where there is none.
  func firstIndex(notBefore path: TreePath) -> Index {
    let run = runs.partitioningIndex { !($0.paths[$0.paths.count - 1] < path) }
    guard run < runs.count else { return endIndex }
    return Index(run: run, offset: runs[run].offset(notBefore: path))
  }

  /// The range of all paths strictly below a directory.
  func range(below directory: TreePath) -> Range<Index> {
    if directory.isRoot { return firstIndex(after: .root)..<endIndex }
    let start = TreePath(unchecked: directory.bytes + [UInt8(ascii: "/")])
    return firstIndex(notBefore: start)..<firstIndex(afterAllBelow: directory)
  }

  /// Where the first path stands that would come after all below a directory, which is not the root.
  func firstIndex(afterAllBelow directory: TreePath) -> Index {
    firstIndex(notBefore: TreePath(unchecked: directory.bytes + [UInt8(ascii: "/") + 1]))
  }

  private func firstIndex(after path: TreePath) -> Index {
    index(of: path).map { index(after: $0) } ?? firstIndex(notBefore: path)
  }

  /// Puts a value at a path and returns the one it takes the place of.
  @discardableResult
  mutating func updateValue(_ value: Value, forPath path: TreePath) -> Value? {
    // What comes after all others goes to the end of the last run.
    let run = runs.dropLast().partitioningIndex { !($0.paths[$0.paths.count - 1] < path) }
    if runs.isEmpty { runs.append(Run(paths: [], values: [])) }
    let offset = runs[run].offset(notBefore: path)
    if offset < runs[run].paths.count, runs[run].paths[offset] == path {
      let old = runs[run].values[offset]
      runs[run].values[offset] = value
      return old
    }
    runs[run].paths.insert(path, at: offset)
    runs[run].values.insert(value, at: offset)
    count += 1
    if runs[run].paths.count > Self.longestRun { split(run) }
    return nil
  }

  /// Takes a range of paths out and returns them, in order.
  @discardableResult
  mutating func remove(_ range: Range<Index>) -> [TreePath] {
    var removed = [TreePath]()
    let last = Swift.min(range.upperBound.run, runs.count - 1)
    guard range.lowerBound.run <= last else { return removed }
    for run in range.lowerBound.run...last {
      let start = run == range.lowerBound.run ? range.lowerBound.offset : 0
      let end = run == range.upperBound.run ? range.upperBound.offset : runs[run].paths.count
      removed += runs[run].paths[start..<end]
      runs[run].paths.removeSubrange(start..<end)
      runs[run].values.removeSubrange(start..<end)
    }
    count -= removed.count
    var empty = range.lowerBound.run
    while empty <= last, !runs[empty].paths.isEmpty { empty += 1 }
    let full = (empty..<(last + 1)).first { !runs[$0].paths.isEmpty } ?? last + 1
    runs.removeSubrange(empty..<full)
    return removed
  }

  private mutating func split(_ run: Int) {
    let middle = runs[run].paths.count / 2
    let second = Run(
      paths: Array(runs[run].paths[middle...]), values: Array(runs[run].values[middle...]))
    runs[run].paths.removeSubrange(middle...)
    runs[run].values.removeSubrange(middle...)
    runs.insert(second, at: run + 1)
  }
}

extension RandomAccessCollection where Index == Int {
  /// Where the first element stands that belongs to the second part, in a collection in which all that belong to it
  /// come last.
  func partitioningIndex(where belongsToSecondPart: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if belongsToSecondPart(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension PathMap: BidirectionalCollection {
  var startIndex: Index { Index(run: 0, offset: 0) }
  var endIndex: Index { Index(run: runs.count, offset: 0) }

  subscript(index: Index) -> (path: TreePath, value: Value) {
    (runs[index.run].paths[index.offset], runs[index.run].values[index.offset])
  }

  func index(after index: Index) -> Index {
    index.offset + 1 < runs[index.run].paths.count
      ? Index(run: index.run, offset: index.offset + 1) : Index(run: index.run + 1, offset: 0)
  }

  func index(before index: Index) -> Index {
    index.offset > 0
      ? Index(run: index.run, offset: index.offset - 1)
      : Index(run: index.run - 1, offset: runs[index.run - 1].paths.count - 1)
  }

  /// Hands every path and value to `body`, the last first: what `reversed()` gives, without a step through an index each.
  func forEachBackwards(_ body: (TreePath, Value) -> Void) {
    for run in runs.reversed() {
      for offset in run.paths.indices.reversed() { body(run.paths[offset], run.values[offset]) }
    }
  }

  /// All paths, in order.
  var paths: [TreePath] {
    var all = [TreePath]()
    all.reserveCapacity(count)
    for run in runs { all += run.paths }
    return all
  }

  /// The paths of a range, in order.
  func paths(in range: Range<Index>) -> [TreePath] { self[range].map(\.path) }
}

extension PathMap: Sendable where Value: Sendable {}
extension PathMap.Run: Sendable where Value: Sendable {}

extension PathMap: Equatable where Value: Equatable {
  static func == (left: PathMap, right: PathMap) -> Bool {
    left.count == right.count && left.elementsEqual(right) { $0 == $1 }
  }
}
