/// Places of a tree as one question: does a path lie within one of them?
struct PlaceSet: Sendable, ExpressibleByArrayLiteral {
  /// Depth first. None lies within another, so that only the last that does not come after a path can hold it.
  private let places: [TreePath]

  init(_ places: [TreePath]) {
    var outermost = [TreePath]()
    for place in places.sorted(by: { $0.precedesDepthFirst($1) }) {
      if let last = outermost.last, place.isWithin(last) { continue }
      outermost.append(place)
    }
    self.places = outermost
  }

  init(arrayLiteral places: TreePath...) { self.init(places) }

  /// Whether a path is one of the places or lies below one.
  func holds(_ path: TreePath) -> Bool {
    let next = places.partitioningIndex { path.precedesDepthFirst($0) }
    return next > 0 && path.isWithin(places[next - 1])
  }
}
