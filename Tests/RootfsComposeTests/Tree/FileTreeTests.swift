import RootfsCompose
import TestSupport
import Testing

@Suite struct FileTreeTests {
  private func sample() throws -> FileTree {
    var tree = FileTree()
    try tree.insert(.file("1"), at: "usr/lib/a/b/c")
    try tree.insert(.file("2"), at: "usr/lib/a-z")
    try tree.insert(.symlink(to: "lib"), at: "usr/lib64")
    return tree
  }

  @Test func parentsAreMade() throws {
    #expect(
      try sample().sortedPaths.map(\.description) == [
        "/", "/usr", "/usr/lib", "/usr/lib/a", "/usr/lib/a-z", "/usr/lib/a/b", "/usr/lib/a/b/c",
        "/usr/lib64",
      ])
    var tree = try sample()
    #expect(throws: ComposeError.self) { try tree.insert(.file("x"), at: "usr/lib/a-z/x") }
    #expect(throws: ComposeError.self) { try tree.insert(.file("x"), at: "usr/lib64/x") }
    #expect(throws: ComposeError.self) { try tree.insert(.file("x"), at: .root) }
    #expect(try tree == sample())
  }

  @Test func listingIsInByteOrder() throws {
    let tree = try sample()
    #expect(
      tree.paths(below: "usr/lib").map(\.description) == [
        "/usr/lib/a", "/usr/lib/a-z", "/usr/lib/a/b", "/usr/lib/a/b/c",
      ])
    #expect(tree.children(of: "usr/lib").map(\.description) == ["/usr/lib/a", "/usr/lib/a-z"])
    #expect(tree.children(of: .root) == ["usr"])
    #expect(tree.paths(below: "usr/lib/a-z") == [])
    #expect(tree.children(of: "nowhere") == [])
    #expect(tree.paths(below: .root).count == tree.count - 1)
  }

  @Test func removalTakesAllBelow() throws {
    var tree = try sample()
    #expect(tree.remove("usr/lib/a") == ["usr/lib/a", "usr/lib/a/b", "usr/lib/a/b/c"])
    #expect(tree.children(of: "usr/lib") == ["usr/lib/a-z"])
    #expect(tree.remove("usr/lib/a") == [])
    #expect(tree.remove(.root) == [])
    try tree.insert(.directory(), at: "usr/lib/a")
    #expect(tree.paths(below: "usr/lib/a") == [])
  }

  @Test func aFileInPlaceOfADirectoryTakesAllBelowAway() throws {
    var tree = try sample()
    try tree.insert(.file("x"), at: "usr/lib")
    #expect(tree.sortedPaths == [.root, "usr", "usr/lib", "usr/lib64"])
    tree = try sample()
    tree.update("usr/lib") { $0.kind = .fifo }
    #expect(tree.sortedPaths == [.root, "usr", "usr/lib", "usr/lib64"])
    tree.update(.root) { $0 = .file("x") }
    #expect(tree[.root]?.isDirectory == true)
  }

  @Test func equalityIsOfEntries() throws {
    var tree = try sample()
    try tree.insert(.file("x"), at: "var/x")
    tree.remove("var/x")
    var other = try sample()
    try other.insert(.directory(), at: "var")
    #expect(tree == other)
    other.update("var") { $0.mode = 0o700 }
    #expect(tree != other)
  }

  @Test func resolution() throws {
    var tree = try sample()
    try tree.insert(.symlink(to: "/usr/lib64"), at: "lib")
    try tree.insert(.symlink(to: "../../.."), at: "usr/out")
    try tree.insert(.symlink(to: "loop"), at: "loop")
    #expect(tree.resolve("lib/a/new") == "usr/lib/a/new")
    #expect(tree.resolve("lib") == "usr/lib")
    #expect(tree.resolve("lib", followLast: false) == "lib")
    #expect(tree.resolve("usr/out/x") == nil)
    #expect(tree.resolve("loop/x") == nil)
  }
}
