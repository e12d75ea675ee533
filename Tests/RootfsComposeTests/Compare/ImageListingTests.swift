import OCIImage
import TestSupport
import Testing

@testable import RootfsCompose

/// The tree that layers make.
@Suite struct ImageListingTests {
  private func paths(_ layers: [TarBuilder.Member]...) throws -> [String] {
    let tar = try TarImage(layers)
    return try ImageListing(of: tar.part, in: tar.image).paths.map(\.description)
  }

  private func place(of path: TreePath, in listing: ImageListing) -> [Int]? {
    listing.tree[path].map { [$0.layer, $0.entry] }
  }

  @Test func upperLayersStandOverLowerOnes() throws {
    let tar = try TarImage([
      [.directory("etc/"), .file("etc/a", "old"), .file("etc/b", "b")],
      [.file("etc/a", "new")],
    ])
    let listing = try ImageListing(of: tar.part, in: tar.image) { $0 == "etc/a" || $0 == "etc/b" }
    #expect(listing.paths.map(\.description) == ["/etc", "/etc/a", "/etc/b"])
    #expect(place(of: "etc/a", in: listing) == [1, 0])
    #expect(listing["etc/a"]?.digest == Digest.sha256(of: Array("new".utf8)))
    #expect(listing.contents(of: "etc/a") == Array("new".utf8))
    #expect(listing.contents(of: "etc/b") == Array("b".utf8))
    #expect(listing["etc/c"] == nil)
  }

  @Test func aWhiteoutHidesAPathAndAllBelowIt() throws {
    #expect(
      try paths(
        [.file("a"), .directory("d/"), .file("d/x/y"), .file("dx")],
        [.file(".wh.a"), .file(".wh.d")]) == ["/dx"])
  }

  @Test func aWhiteoutLeavesWhatItsOwnLayerBrings() throws {
    #expect(
      try paths(
        [.directory("d/"), .file("d/old")], [.directory("d/"), .file("d/new"), .file(".wh.d")])
        == ["/d", "/d/new"])
  }

  @Test func anOpaqueDirectoryStaysAndHoldsItsOwnLayersPathsAlone() throws {
    #expect(
      try paths(
        [.directory("d/"), .file("d/x"), .file("d/e/y"), .file("other")],
        [.file("d/.wh..wh..opq"), .file("d/new")]) == ["/d", "/d/new", "/other"])
    #expect(
      try paths([.file("a"), .file("d/x")], [.file(".wh..wh..opq"), .file("b")]) == ["/b"])
  }

  @Test func whatIsNoDirectoryAnyMoreHoldsNothing() throws {
    #expect(
      try paths([.directory("d/"), .file("d/x")], [.link("d", "/elsewhere")]) == ["/d"])
    // A directory that no layer lists.
    #expect(try paths([.file("d/e/x"), .file("f")], [.file("d")]) == ["/d", "/f"])
    #expect(try paths([.file("d")], [.directory("d/"), .file("d/x")]) == ["/d", "/d/x"])
  }

  @Test func aNameThatIsNoWhiteoutIsAFile() throws {
    #expect(
      try paths([.file("a.wh.b"), .file(".whx"), .file("x/.wh.")])
        == ["/.whx", "/a.wh.b", "/x/.wh."])
  }

  /// An image may name any number of paths that lead through any number of links.
  @Test func linksAreFollowedAsLongAsThereAreSteps() throws {
    let tar = try TarImage([[.link("a", "b"), .link("b", "c"), .file("c/x")]])
    let listing = try ImageListing(of: tar.part, in: tar.image)
    var steps = 10
    let far = listing.resolved("a/x", &steps)
    #expect(far == "c/x")
    #expect(steps == 6)
    let near = listing.resolved("c/x", &steps)
    #expect(near == "c/x")
    #expect(steps == 6)
    steps = 3
    let tooFar = listing.resolved("a/x", &steps)
    #expect(tooFar == nil)
  }

  @Test func whatIsInMemoryAtOnceIsBounded() throws {
    let tar = try TarImage([[.file("a"), .file("b")], [.file("c")]])
    let layers = try ImageListing(of: tar.part, in: tar.image).layers
    var bound = ListingBound(entries: 2)
    try bound.add(layers[0], of: tar.part.digest)
    let error = #expect(throws: ComposeError.self) {
      try bound.add(layers[1], of: tar.part.digest)
    }
    #expect(error?.code == .limitExceeded)
  }

  @Test func theLastOfAPathCounts() throws {
    let tar = try TarImage([[.file("a", "1"), .file("a", "2")]])
    let listing = try ImageListing(of: tar.part, in: tar.image)
    #expect(place(of: "a", in: listing) == [0, 1])
    #expect(listing.layers[0].entries.count == 2)
  }
}
