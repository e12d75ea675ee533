import Testing

@testable import RootfsCompose

@Suite struct TreePathTests {
  @Test(arguments: [
    ("./usr//bin/", "usr/bin"), ("/usr/./bin", "usr/bin"), ("usr/.../x", "usr/.../x"), ("", ""),
    ("/", ""), ("./.", ""), ("..a/.b", "..a/.b"), ("a/ /b", "a/ /b"),
  ])
  func oneFormOfEachPath(written: String, bytes: String) {
    #expect(TreePath(written)?.bytes == Array(bytes.utf8))
  }

  @Test(arguments: ["a/../b", "..", "a\0b", "a/\0"])
  func refusesWhatIsNoPath(text: String) {
    #expect(TreePath(text) == nil)
  }

  @Test func refusesWhatIsTooLong() {
    #expect(TreePath(String(repeating: "x", count: 256)) == nil)
    #expect(TreePath(String(repeating: "x", count: 255)) != nil)
    #expect(TreePath(String(repeating: "x/", count: 2049)) == nil)
    #expect(TreePath(String(repeating: "x/", count: 2048)) != nil)
  }

  @Test func parts() {
    let (path, above, top): (TreePath, TreePath, TreePath) = ("usr/lib/x", "usr/lib", "usr")
    #expect(path.parent == above && path.parentName.elementsEqual("lib".utf8))
    #expect(path.depth == 3 && TreePath.root.depth == 0)
    #expect(top.parentName.isEmpty && above.parentName.elementsEqual("usr".utf8))
    #expect(path.isChild(of: above) && !path.isChild(of: top) && !path.isChild(of: path))
    #expect(top.isChild(of: .root) && !TreePath.root.isChild(of: .root))
    #expect(path.isWithin(path) && path.isWithin(top) && path.isWithin(.root))
    #expect(!path.isWithin("us") && !path.isWithin("usr/lib/x/y") && !path.isWithin("usr/lix"))
  }

  private static let sample: [TreePath] = [
    .root, "a", "a-", "a-/b", "a-b", "a.b", "a/b", "a/b/c", "a/b-c", "a0", "ab", "b", "b/a", "é",
  ]

  @Test func orderIsThatOfBytes() {
    for left in Self.sample {
      for right in Self.sample {
        #expect((left < right) == left.bytes.lexicographicallyPrecedes(right.bytes))
        #expect((left == right) == (left.bytes == right.bytes))
        // The root, which ends with no slash, holds all.
        let (one, other) = (
          left.isRoot ? [] : left.bytes + Array("/".utf8),
          right.isRoot ? [] : right.bytes + Array("/".utf8)
        )
        #expect(left.precedesDepthFirst(right) == one.lexicographicallyPrecedes(other))
      }
    }
    #expect(Set(Self.sample + Self.sample).count == Self.sample.count)
  }

  @Test func aSetOfPlacesHoldsWhatLiesInOne() {
    let places: [TreePath] = ["a/b", "a-", "a-/b", "a.b", "b/a", "a/b/c"]
    let set = PlaceSet(places)
    for path in Self.sample + ["a-/b/c", "a-c", "b/a/x", "b/ax", "a/b-c/d"] {
      #expect(set.holds(path) == places.contains(where: path.isWithin), "\(path)")
    }
    #expect(!PlaceSet([]).holds("a"))
    let all = PlaceSet([.root])
    #expect(all.holds("a") && all.holds("-a") && all.holds(.root))
  }

  @Test(arguments: [
    ("x", "usr/lib/x"), ("../x/./y", "usr/x/y"), ("/x//y/", "x/y"), ("../../../x", nil),
    ("../..", ""), ("a/../../b", "usr/b"), ("/..", nil), ("", "usr/lib"), ("a/b/..", "usr/lib/a"),
    ("x\0", nil),
  ])
  func linksLeadWithinTheTree(target: String, landing: String?) {
    let link: TreePath = "usr/lib/link"
    #expect(link.resolvingLink(Array(target.utf8))?.bytes == landing.map { Array($0.utf8) })
  }
}
