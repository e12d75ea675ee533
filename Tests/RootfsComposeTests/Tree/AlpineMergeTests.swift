import TestSupport
import Testing

@testable import RootfsCompose

@Suite("Merging Alpine packages")
struct AlpineMergeTests {
  typealias Packages = AlpinePackages

  @Test("links in the root are the packages' own")
  func rootLinks() throws {
    let real = try Packages.merge(
      Packages.package("musl", ["lib": .directory(), "lib/libc.so": .file("c")]))
    #expect(real.outline == ["/lib dir 755", "/lib/libc.so file 644"])
    let merged = try Packages.merge(
      Packages.package("layout", ["usr/lib": .directory(), "lib": .symlink(to: "usr/lib")]),
      Packages.package("musl", ["lib": .directory(), "lib/libc.so": .file("c")]))
    #expect(
      merged.outline == [
        "/lib link usr/lib", "/usr dir 755", "/usr/lib dir 755", "/usr/lib/libc.so file 644",
      ])
    #expect(merged.ledger.owners["lib"] == "layout")
    #expect(
      merged.deeds == [
        "added /usr [parent-directory] a directory that no package ships, for what is below"
      ])
  }

  @Test("a shared directory gets its lowest owner and the rights that all give, in any order")
  func sharedDirectories() throws {
    let packages = [
      Packages.package("a", ["d": .directory(mode: 0o775), "e": .directory(mode: 0o700, uid: 5)]),
      Packages.package("b", ["d": .directory(mode: 0o1757), "e": .directory(mode: 0o755)]),
      Packages.package("c", ["d": .directory(mode: 0o777, gid: 7), "e": .directory(mode: 0o711)]),
    ]
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
      let tree = try ComposedTree.merge(
        order.map { packages[$0] }, policy: AlpineMergePolicy())
      #expect(tree.outline == ["/d dir 755", "/e dir 711"])
    }
    let tree = try Packages.merge(packages[0], packages[1])
    #expect(
      tree.deeds == [
        "changed /d [shared-directory] b ships it with other rights than a",
        "changed /e [shared-directory] b ships it with other rights than a",
      ])
  }

  @Test("apk 3 gives a shared directory the rights that one package gives it, in any order")
  func sharedDirectoriesOfApk3() throws {
    func package(_ name: String, _ mode: UInt16, _ fields: (String, String)...) -> UnpackedPackage {
      Packages.package(name, fields: fields, ["d": .directory(mode: mode)])
    }
    let cases: [([UnpackedPackage], String)] = [
      ([package("b", 0o700), package("a", 0o755), package("c", 0o711)], "a"),
      ([package("a", 0o700), package("b", 0o755, ("replaces_priority", "5"))], "b"),
      ([package("a", 0o700, ("origin", "b")), package("b", 0o755, ("origin", "b"))], "b"),
      ([package("a", 0o700, ("origin", "c")), package("b", 0o755, ("origin", "c"))], "a"),
    ]
    for (packages, owner) in cases {
      for order in [packages, packages.reversed()] {
        let tree = try ComposedTree.merge(order, policy: AlpineMergePolicy(release: "3.23"))
        #expect(tree.ledger.owners["d"] == owner)
        #expect(
          tree.tree["d"]?.mode == (packages.first { $0.name == owner }?.entries[0].entry.mode))
      }
    }
  }

  @Test(
    "apk 3 came with Alpine 3.23",
    arguments: [
      ("3.13", AlpineMergePolicy.Generation.two), ("3.22", .two), ("3.23", .three),
      ("3.23.1", .three), ("3.100", .three), ("4.0", .three),
    ])
  func generation(_ release: String, _ expected: AlpineMergePolicy.Generation) {
    #expect(AlpineMergePolicy(release: release).generation == expected)
  }

  @Test(
    "of two packages that ship a file the one that replaces the other keeps it, in either order",
    arguments: [
      ("new", "old", "new"), ("new", "old<2", "new"), ("new", "other old>=1.0-r0", "new"),
      ("new", "old>1.0-r0", nil), ("new", "older", nil), ("new", "!old", nil),
      ("new", "old<", nil), ("old", "new", "old"), ("old", "new~1.0", "old"),
    ])
  func replaces(_ owner: String, _ relation: String, _ winner: String?) throws {
    func package(_ name: String) -> UnpackedPackage {
      Packages.package(
        name, fields: owner == name ? [("replaces", relation)] : [], ["x": .file(name)])
    }
    for packages in [[package("old"), package("new")], [package("new"), package("old")]] {
      guard let winner else {
        #expect(throws: ComposeError.self) {
          try ComposedTree.merge(packages, policy: AlpineMergePolicy())
        }
        continue
      }
      let tree = try ComposedTree.merge(packages, policy: AlpineMergePolicy())
      #expect(try tree.text(at: "x") == winner)
      #expect(tree.ledger.owners["x"] == winner)
      let loser = winner == "old" ? "new" : "old"
      #expect(
        tree.deeds == ["changed /x [replaces] \(winner) replaces \(loser), which ships it too"])
    }
  }

  @Test("where two replace one another the higher priority decides, and the later one at a tie")
  func priority() throws {
    func package(_ name: String, _ other: String, _ priority: String?) -> UnpackedPackage {
      let fields = priority.map { [("replaces_priority", $0)] } ?? []
      return Packages.package(
        name, fields: [("replaces", other)] + fields, ["x": .file(name)])
    }
    for (first, second, winner) in [
      ("10", "2", "a"), ("2", "10", "b"), ("5", nil, "a"), (nil, nil, "b"), ("0", nil, "b"),
      ("x", "1", "b"),
    ] {
      let tree = try Packages.merge(package("a", "b", first), package("b", "a", second))
      #expect(tree.ledger.owners["x"] == winner)
    }
  }

  @Test("of packages made from one source the later one keeps a file")
  func origin() throws {
    let tree = try Packages.merge(
      Packages.package("a", fields: [("origin", "s")], ["x": .file("a")]),
      Packages.package("b", fields: [("origin", "s")], ["x": .file("b")]))
    #expect(
      tree.deeds == ["changed /x [replaces] b comes after a and from the same source, s"])
    #expect(throws: ComposeError.self) {
      try Packages.merge(
        Packages.package("a", ["x": .file("a")]), Packages.package("b", ["x": .file("b")]))
    }
  }

  @Test("of packages of one source that replace one another, apk 2 looks at the source first")
  func originAndReplaces() throws {
    let packages = [
      Packages.package("a", fields: [("origin", "s"), ("replaces", "b")], ["x": .file("a")]),
      Packages.package("b", fields: [("origin", "s")], ["x": .file("b")]),
    ]
    let cases: [(AlpineMergePolicy.Generation, String)] = [(.two, "b"), (.three, "a")]
    for (generation, owner) in cases {
      let tree = try ComposedTree.merge(packages, policy: AlpineMergePolicy(generation))
      #expect(tree.ledger.owners["x"] == owner)
    }
  }

  @Test("what two packages ship alike is no conflict; what they ship differently is one")
  func conflict() throws {
    let same = try Packages.merge(
      Packages.package("a", ["x": .file("1")]), Packages.package("b", ["x": .file("1")]))
    #expect(same.ledger.owners["x"] == "a")
    #expect {
      try Packages.merge(
        Packages.package("a", ["x": .file("1")]), Packages.package("b", ["x": .file("2")]))
    } throws: {
      "\($0)" == """
        /x: is shipped differently by a-1.0-r0 (file 0644 6b86b273ff34) and b-1.0-r0 (file 0644 d4735e3a265e); \
        expected one package to ship it, both to ship the same, replaces in one of the two; \
        leave one of the two packages out
        """
    }
  }

  @Test("what apk does not unpack is not in the tree")
  func leftOut() throws {
    let tree = try Packages.merge(
      Packages.package(
        "a",
        [
          ".dummy": .file("x"), "etc": .directory(), "etc/.keep_dir": .file(""),
          "etc/.hidden": .file("y"), "etc/.keep_": .file("z"), "etc/b\u{7}d": .file("bell"),
        ]))
    #expect(
      tree.outline == ["/etc dir 755", "/etc/.hidden file 644", "/etc/.keep_ file 644"])
  }
}
