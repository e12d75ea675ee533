/// Areas by size, laid out in a rectangle as near to squares as may be.
///
/// Source: Bruls, Huizing, van Wijk, "Squarified Treemaps", 2000.
struct Treemap: Equatable {
  /// In tenths of a unit of the drawing.
  struct Box: Equatable {
    var x: Int
    var y: Int
    var width: Int
    var height: Int
  }

  /// One for each size, in the order given; without area where the size is nought.
  let boxes: [Box]

  /// Lays sizes out, which are to come the largest first; width and height are in units of the drawing.
  init(_ sizes: [Int64], width: Int, height: Int) {
    var layout = TreemapLayout(width: Double(width), height: Double(height))
    let positive = sizes.map { Double(max(0, $0)) }
    layout.lay(positive)
    boxes = layout.boxes
  }
}

/// What is free of the rectangle while rows are laid out along its shorter side.
private struct TreemapLayout {
  private(set) var boxes: [Treemap.Box] = []
  private var x = 0.0
  private var y = 0.0
  private var width: Double
  private var height: Double

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  mutating func lay(_ sizes: [Double]) {
    let total = sizes.reduce(0, +)
    guard total > 0, width > 0, height > 0 else {
      boxes = sizes.map { _ in Treemap.Box(x: 0, y: 0, width: 0, height: 0) }
      return
    }
    let areas = sizes.map { $0 / total * width * height }
    var start = 0
    while start < areas.count {
      let side = min(width, height)
      var end = start + 1
      while end < areas.count,
        worst(areas[start...end], side) <= worst(areas[start..<end], side)
      {
        end += 1
      }
      place(areas[start..<end])
      start = end
    }
  }

  /// The largest ratio of a row's sides, were the row laid along `side`.
  private func worst(_ row: ArraySlice<Double>, _ side: Double) -> Double {
    let sum = row.reduce(0, +)
    guard let largest = row.max(), let smallest = row.min(), sum > 0, smallest > 0, side > 0 else {
      return .infinity
    }
    let (square, ofSum) = (side * side, sum * sum)
    return max(square * largest / ofSum, ofSum / (square * smallest))
  }

  private mutating func place(_ row: ArraySlice<Double>) {
    let sum = row.reduce(0, +)
    let isUpright = width >= height
    let side = isUpright ? height : width
    let depth = side > 0 ? sum / side : 0
    var offset = 0.0
    for area in row {
      let length = depth > 0 ? area / depth : 0
      boxes.append(
        isUpright
          ? box(x, y + offset, depth, length) : box(x + offset, y, length, depth))
      offset += length
    }
    if isUpright {
      x += depth
      width = max(0, width - depth)
    } else {
      y += depth
      height = max(0, height - depth)
    }
  }

  /// Edges are rounded, not extents, so that neighbours meet.
  private func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> Treemap.Box {
    func tenths(_ value: Double) -> Int { Int((value * 10).rounded()) }
    let (left, top) = (tenths(x), tenths(y))
    return Treemap.Box(
      x: left, y: top, width: tenths(x + width) - left, height: tenths(y + height) - top)
  }
}
