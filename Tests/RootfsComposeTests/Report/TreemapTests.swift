import Testing

@testable import RootfsCompose

/// Areas by size.
@Suite struct TreemapTests {
  /// The example of the paper: a rectangle of 6 by 4 and the sizes 6, 6, 4, 3, 2, 2, 1.
  @Test func thePapersExample() {
    let map = Treemap([6, 6, 4, 3, 2, 2, 1], width: 6, height: 4)
    #expect(
      map.boxes.prefix(4) == [
        .init(x: 0, y: 0, width: 30, height: 20), .init(x: 0, y: 20, width: 30, height: 20),
        .init(x: 30, y: 0, width: 17, height: 23), .init(x: 47, y: 0, width: 13, height: 23),
      ])
  }

  @Test(
    arguments: [
      [1], [1, 1], [100, 1, 1, 1, 1, 1], Array(repeating: 7, count: 40),
      [Int64.max / 4, Int64.max / 4, 1], [5, 3, 0, 0],
    ] as [[Int64]])
  func theWholeIsFilledAndNothingOverlaps(sizes: [Int64]) {
    let (width, height) = (960, 400)
    let boxes = Treemap(sizes, width: width, height: height).boxes
    #expect(boxes.count == sizes.count)
    #expect(boxes.allSatisfy { $0.x >= 0 && $0.y >= 0 && $0.width >= 0 && $0.height >= 0 })
    #expect(boxes.allSatisfy { $0.x + $0.width <= width * 10 && $0.y + $0.height <= height * 10 })
    #expect(boxes.reduce(0) { $0 + $1.width * $1.height } == width * height * 100)
    for (index, one) in boxes.enumerated() {
      for other in boxes.dropFirst(index + 1) {
        let wide = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
        let high = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
        #expect(wide <= 0 || high <= 0, "\(one) and \(other)")
      }
    }
  }

  @Test func withoutSizesThereAreNoAreas() {
    #expect(Treemap([], width: 10, height: 10).boxes.isEmpty)
    #expect(Treemap([0, 0], width: 10, height: 10).boxes.allSatisfy { $0.width == 0 })
    #expect(Treemap([-5, 3], width: 10, height: 10).boxes.count == 2)
  }
}

/// Where the bytes lie.
@Suite struct DirectorySizesTests {
  private static func files(_ sizes: [(String, Int64)]) throws -> [ReportedFiles.File] {
    try sizes.map { path, size in
      ReportedFiles.File(
        path: try #require(TreePath(path)), size: size, mode: 0o644, hasCapabilities: false,
        package: nil)
    }
  }

  @Test func directoriesAddUpToTheWhole() throws {
    let files = try Self.files([
      ("/usr/lib/a", 500), ("/usr/lib/b/c", 300), ("/usr/bin/d", 100), ("/etc/e", 1), ("/f", 2),
    ])
    let list = DirectorySizes(files).list()
    #expect(
      list == [
        .init(path: "/usr/lib", share: .init(files: 1, size: 500), isRest: true),
        .init(path: "/usr/lib/b", share: .init(files: 1, size: 300), isRest: false),
        .init(path: "/usr/bin", share: .init(files: 1, size: 100), isRest: false),
        .init(path: "/", share: .init(files: 2, size: 3), isRest: true),
      ])
  }

  @Test func aPathWithoutEndCountsForItsBeginning() throws {
    let deep = String(repeating: "/x", count: 2000)
    let list = DirectorySizes(try Self.files([(deep, 5), ("/x/y", 4)])).list()
    #expect(list.first?.path == String(repeating: "/x", count: 16))
    #expect(list.map(\.share.size) == [5, 4])
  }

  @Test func onlySoManyAreToldApart() throws {
    let files = try Self.files((0..<300).map { ("/d\($0)/\($0 % 7)/x", Int64(1000 + $0)) })
    let list = DirectorySizes(files).list()
    #expect(list.count <= 37)
    #expect(list.reduce(0) { $0 + $1.share.files } == 300)
    #expect(list.map(\.share.size).reduce(0, +) == files.map(\.size).reduce(0, +))
    #expect(DirectorySizes([]).list().isEmpty)
  }
}
