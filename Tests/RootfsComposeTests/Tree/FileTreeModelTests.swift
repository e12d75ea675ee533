import RootfsCompose
import Testing

/// A tree against the simplest thing that does the same: a dictionary, sorted whenever it is asked.
@Suite struct FileTreeModelTests {
  private struct Model {
    var entries: [TreePath: FileEntry] = [.root: .directory()]

    var sortedPaths: [TreePath] {
      entries.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    func paths(below directory: TreePath) -> [TreePath] {
      sortedPaths.filter { $0 != directory && $0.isWithin(directory) }
    }

    func children(of directory: TreePath) -> [TreePath] {
      sortedPaths.filter { !$0.isRoot && $0.parent == directory }
    }

    mutating func insert(_ entry: FileEntry, at path: TreePath) -> Bool {
      if path.isRoot { return entry.isDirectory }
      var missing = [TreePath]()
      var parent = path.parent
      while entries[parent] == nil {
        missing.append(parent)
        parent = parent.parent
      }
      guard entries[parent]?.isDirectory == true else { return false }
      for each in missing { entries[each] = .directory() }
      if !entry.isDirectory { for each in paths(below: path) { entries[each] = nil } }
      entries[path] = entry
      return true
    }

    mutating func remove(_ path: TreePath) -> [TreePath] {
      guard !path.isRoot, entries[path] != nil else { return [] }
      let removed = [path] + paths(below: path)
      for each in removed { entries[each] = nil }
      return removed
    }

    /// Goes down component by component.
    func resolve(_ path: TreePath, followLast: Bool) -> TreePath? {
      var links = 0
      var pending = Array(path.components.reversed())
      var current = TreePath.root
      while let component = pending.popLast() {
        guard let name = TreePath(component) else { return nil }
        let next = current.appending(name)
        guard let target = entries[next]?.linkTarget, followLast || !pending.isEmpty else {
          current = next
          continue
        }
        links += 1
        guard links <= 40, let landing = next.resolvingLink(target) else { return nil }
        pending += landing.components.reversed()
        current = .root
      }
      return current
    }
  }

  private var generator = SplitMix(state: 5)

  /// Names that sort before and after a slash, so that byte order is not the order of a walk.
  private mutating func path() -> TreePath {
    let names = ["a", "a-z", "a.b", "a0", "b", "lib", "lib64"]
    let depth = Int.random(in: 1...4, using: &generator)
    let parts = (0..<depth).map { _ in names.randomElement(using: &generator) ?? "a" }
    return TreePath(parts.joined(separator: "/")) ?? .root
  }

  private mutating func entry() -> FileEntry {
    switch Int.random(in: 0..<6, using: &generator) {
    case 0, 1: .directory(mode: UInt16.random(in: 0...0o777, using: &generator))
    case 2: .symlink(to: path().description)
    case 3: .symlink(to: "../" + String(path().description.dropFirst()))
    default: .file("content", mode: UInt16.random(in: 0...0o777, using: &generator))
    }
  }

  private mutating func change(_ tree: inout FileTree, _ model: inout Model) {
    let place = path()
    switch Int.random(in: 0..<10, using: &generator) {
    case 0: #expect(tree.remove(place) == model.remove(place))
    case 1:
      tree.update(place) { $0.mode = 0o700 }
      model.entries[place]?.mode = 0o700
    default:
      let entry = entry()
      let isInserted = (try? tree.insert(entry, at: place)) != nil
      #expect(isInserted == model.insert(entry, at: place))
    }
  }

  private func expectSame(_ tree: FileTree, _ model: Model) {
    #expect(tree.sortedPaths == model.sortedPaths)
    #expect(tree.count == model.entries.count)
    for path in model.sortedPaths { #expect(tree[path] == model.entries[path]) }
  }

  @Test mutating func changesAgreeWithADictionary() {
    var tree = FileTree()
    var model = Model()
    for step in 0..<3000 {
      change(&tree, &model)
      let place = path()
      #expect(tree[place] == model.entries[place])
      #expect(tree.paths(below: place) == model.paths(below: place))
      #expect(tree.children(of: place) == model.children(of: place))
      for followLast in [false, true] {
        #expect(
          tree.resolve(place, followLast: followLast)
            == model.resolve(place, followLast: followLast))
      }
      if step % 250 == 0 { expectSame(tree, model) }
    }
    #expect(tree.children(of: .root) == model.children(of: .root))
    #expect(tree.paths(below: .root) == model.paths(below: .root))
    expectSame(tree, model)
  }

  @Test mutating func aCopyKeepsWhatItHeld() {
    var tree = FileTree()
    var model = Model()
    var copies = [(tree: FileTree, model: Model)]()
    for step in 0..<1200 {
      if step % 100 == 0 { copies.append((tree, model)) }
      change(&tree, &model)
    }
    for copy in copies { expectSame(copy.tree, copy.model) }
    #expect(copies.first?.tree == FileTree())
    // What changes in a copy does not show in the tree it was taken from.
    var copy = tree
    copy.remove("a")
    expectSame(tree, model)
  }

  @Test func manyPathsStayInOrder() throws {
    var tree = FileTree()
    // Longer than several runs, and in an order of its own.
    let numbers = (0..<2000).map { $0 * 7919 % 2000 }
    for number in numbers { try tree.insert(.file(""), at: path(number)) }
    let sorted = tree.sortedPaths
    #expect(sorted == sorted.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) })
    #expect(tree.count == sorted.count && Set(sorted).count == sorted.count)
    #expect(tree.paths(below: "d3").count == 200)
    #expect(tree.remove("d3").count == 201)
    #expect(tree.paths(below: "d3").isEmpty && tree["d3/1003"] == nil)
    #expect(tree.count == sorted.count - 201)
    for number in numbers where number % 10 != 3 { #expect(tree[try path(number)] != nil) }
    for directory in tree.children(of: .root) { tree.remove(directory) }
    #expect(tree == FileTree())
  }

  private func path(_ number: Int) throws -> TreePath {
    try #require(TreePath("d\(number % 10)/\(number)"))
  }
}

/// A fixed sequence of numbers: a failure comes again.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
