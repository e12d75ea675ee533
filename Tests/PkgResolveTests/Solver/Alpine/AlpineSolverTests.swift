import Testing

@testable import PkgResolve

@Suite struct AlpineSolverTests {
  @Test func `the newest version that fits is chosen`() throws {
    let pool = try alpinePool([
      AlpineStanza("a", "1"), AlpineStanza("a", "2"), AlpineStanza("a", "3_rc1"),
      AlpineStanza("b", depends: "a<3_rc1"),
    ])
    #expect(try alpineSolve("a", in: pool) == ["a=3_rc1"])
    #expect(try alpineSolve("a", "b", in: pool) == ["a=2", "b=1"])
    #expect(try alpineSolve("a~1", in: pool) == ["a=1"])
  }

  @Test func `a set is found where the preferred versions do not fit`() throws {
    let pool = try alpinePool([
      AlpineStanza("app", depends: "ui data"), AlpineStanza("ui", "2", depends: "lib=2"),
      AlpineStanza("ui", "1", depends: "lib=1"), AlpineStanza("lib", "1"), AlpineStanza("lib", "2"),
      AlpineStanza("data", depends: "base"), AlpineStanza("base", depends: "!lib>1"),
    ])
    #expect(
      try alpineSolve("app", in: pool) == ["app=1", "base=1", "data=1", "lib=1", "ui=1"])
  }

  @Test func `a name provided with a version excludes other packages of that name`() throws {
    let pool = try alpinePool([
      AlpineStanza("a", provides: "x=1"), AlpineStanza("b", provides: "x=2"),
      AlpineStanza("c", provides: "x"), AlpineStanza("d", provides: "x"),
    ])
    #expect(try alpineSolve("x", in: pool) == ["b=1"])
    #expect(try alpineSolve("x<2", in: pool) == ["a=1"])
    #expect(try alpineSolve("c", "d", in: pool) == ["c=1", "d=1"])
    #expect(
      try alpineSolve("a", "c", in: pool)
        == [
          """
          a: cannot be installed together with c:
            only one package can be x, and a-1 and c-1 provide it
          leave one of them out, or ask for other versions
          """
        ])
  }

  @Test func `a virtual name is chosen by provider_priority or by a package that is named`() throws
  {
    let pool = try alpinePool([
      AlpineStanza("a", provides: "mta", priority: 5),
      AlpineStanza("b", provides: "mta", priority: 10),
      AlpineStanza("c", provides: "mta"), AlpineStanza("app", depends: "mta"),
      AlpineStanza("other", depends: "c"),
    ])
    #expect(try alpineSolve("app", in: pool) == ["app=1", "b=1"])
    #expect(try alpineSolve("app", "!b", in: pool) == ["a=1", "app=1"])
    #expect(try alpineSolve("app", "c", in: pool) == ["app=1", "c=1"])
    #expect(try alpineSolve("app", "other", in: pool) == ["app=1", "c=1", "other=1"])
  }

  @Test func `a virtual name does not bring in its only provider`() throws {
    let pool = try alpinePool([
      AlpineStanza("c", provides: "mta"), AlpineStanza("app", depends: "mta"),
      AlpineStanza("other", depends: "c"),
    ])
    #expect(
      try alpineSolve("app", in: pool)
        == [
          """
          app: cannot be installed:
            app-1 needs mta, but it is a virtual name, which c provides without a provider_priority
          ask for one of these by name: c
          """
        ])
  }

  @Test func `a package comes in once its install_if holds, and so on`() throws {
    let pool = try alpinePool([
      AlpineStanza("bash"), AlpineStanza("docs"), AlpineStanza("git", depends: "bash"),
      AlpineStanza("git-doc", depends: "man", installIf: "git=1 docs"),
      AlpineStanza("man"), AlpineStanza("man-doc", installIf: "man docs"),
      AlpineStanza("old-doc", installIf: "git=2 docs"),
      AlpineStanza("broken-doc", depends: "missing", installIf: "git docs"),
      AlpineStanza("plain", installIf: "git !docs"),
    ])
    #expect(try alpineSolve("git", in: pool) == ["bash=1", "git=1", "plain=1"])
    #expect(
      try alpineSolve("git", "docs", in: pool)
        == ["bash=1", "docs=1", "git-doc=1", "git=1", "man-doc=1", "man=1"])
    #expect(
      try alpineSolve("git", "docs", "!git-doc", in: pool) == ["bash=1", "docs=1", "git=1"])
  }

  @Test func `what a package provides meets its own needs`() throws {
    let pool = try alpinePool([
      AlpineStanza("app"),
      AlpineStanza("plugin", depends: "own !own", provides: "own", installIf: "app"),
    ])
    #expect(try alpineSolve("app", in: pool) == ["app=1", "plugin=1"])
  }

  @Test func `a name that one package alone provides is settled before any install_if`() throws {
    let stanzas = [
      AlpineStanza("app"), AlpineStanza("plugin", provides: "driver", installIf: "app"),
    ]
    #expect(
      try alpineSolve("driver", "app", in: try alpinePool(stanzas))
        == [
          """
          driver: cannot be installed:
            driver is asked for, but it is a virtual name, which plugin provides without a provider_priority
          ask for one of these by name: plugin
          """
        ])
    let other = AlpineStanza("other", provides: "driver")
    #expect(
      try alpineSolve("driver", "app", in: try alpinePool(stanzas + [other])) == [
        "app=1", "plugin=1",
      ])
    #expect(
      try alpineSolve("driver", "app", "plugin", in: try alpinePool(stanzas)) == [
        "app=1", "plugin=1",
      ])
  }

  @Test func `a virtual name is met where a chain of other names leads to its provider`() throws {
    let pool = try alpinePool([
      AlpineStanza("app", depends: "mta tools"), AlpineStanza("mail", provides: "mta"),
      AlpineStanza("tools-a", depends: "lib-a", provides: "tools", priority: 2),
      AlpineStanza("tools-b", depends: "lib-b", provides: "tools", priority: 1),
      AlpineStanza("lib-a"), AlpineStanza("lib-b", depends: "mail"),
    ])
    // apk gives up here, for it does not go back on tools-a.
    #expect(
      try alpineSolve("app", in: pool) == [
        "app=1", "lib-a=1", "lib-b=1", "mail=1", "tools-a=1", "tools-b=1",
      ])
  }

  @Test func `a tagged repository answers only where its tag is asked for`() throws {
    let pool = try alpinePool(
      [AlpineStanza("a"), AlpineStanza("b"), AlpineStanza("app", depends: "a")],
      tagged: [
        "edge": [
          AlpineStanza("a", "2", depends: "b>=2"), AlpineStanza("b", "2"), AlpineStanza("c", "2"),
          AlpineStanza("meta", depends: "a", installedSize: 0),
        ]
      ])
    #expect(try alpineSolve("app", in: pool) == ["a=1", "app=1"])
    #expect(try alpineSolve("app", "a@edge", in: pool) == ["a=2", "app=1", "b=2"])
    #expect(try alpineSolve("app@edge", in: pool) == ["a=1", "app=1"])
    #expect(try alpineSolve("meta", in: pool) == ["a=1", "meta=1"])
    #expect(
      try alpineSolve("c", in: pool)
        == [
          """
          c: cannot be installed:
            c is asked for, but c-2 is in @edge only, which is not allowed here
          ask for it with its tag, as in c@edge
          """
        ])
    #expect(
      try alpineSolve("a@testing", in: pool)
        == ["a@testing: no repository has the tag @testing; there are @edge"])
  }

  @Test func `a tag asked for holds wherever the package is needed`() throws {
    let pool = try alpinePool(
      [
        AlpineStanza("app", depends: "so:lib.so.1"), AlpineStanza("lib", provides: "so:lib.so.1=1"),
      ],
      tagged: ["edge": [AlpineStanza("lib", "2", provides: "so:lib.so.1=2")]])
    #expect(try alpineSolve("app", "lib", in: pool) == ["app=1", "lib=1"])
    #expect(try alpineSolve("app", "lib@edge", in: pool) == ["app=1", "lib=2"])
  }

  @Test func `repositories are asked in their order where versions are equal`() throws {
    func table(_ name: String) throws -> AlpinePool.Index {
      AlpinePool.Index(
        try AlpineOracle.table(
          AlpineStanza("\(name)-lib", provides: "so:x=1").text, name: name))
    }
    let pool = try AlpinePool(
      architecture: "x86_64", indexes: [table("zeta"), table("alpha")])
    #expect(try alpineSolve("so:x", in: pool) == ["zeta-lib=1"])
  }

  @Test func `every package says why it is there, and every choice why it was made`() throws {
    let pool = try alpinePool([
      AlpineStanza("app", depends: "mta so:x !sendmail"),
      AlpineStanza("exim", provides: "mta", priority: 5),
      AlpineStanza("postfix", provides: "mta", priority: 10),
      AlpineStanza("libx", provides: "so:x=2"), AlpineStanza("libx-compat", provides: "so:x=1"),
      AlpineStanza("docs"), AlpineStanza("app-doc", installIf: "app docs"),
    ])
    let request = AlpineRequest([
      .init(try AlpineDependencyParser.world("app"), location: "a.yaml:3:5"),
      .init(try AlpineDependencyParser.world("docs")),
    ])
    let found = try AlpineSolver().solve(request, in: pool)
    #expect(found.lines == ["app=1", "app-doc=1", "docs=1", "libx=1", "postfix=1"])
    #expect(
      found.packages.map(\.reason) == [
        "requested", "install_if: app, docs are there", "requested", "app depends on so:x",
        "app depends on mta",
      ])
    #expect(found.requests.map(\.text) == ["app", "docs"])
    #expect(found.requests.map(\.location) == ["a.yaml:3:5", nil])
    #expect(found.requests.map(\.packages) == [[0], [2]])
    #expect(found.packages[0].requirements.map(\.relation) == ["mta", "so:x"])
    #expect(found.packages[0].requirements.map(\.packages) == [[4], [3]])
    #expect(
      found.packages[1].requirements.map(\.relation) == ["install_if app", "install_if docs"])
    #expect(found.packages[1].requirements.map(\.packages) == [[0], [2]])
    #expect(
      found.choices == [
        .init(
          package: "app", relation: "mta", chosen: "postfix", others: ["exim"],
          reason: "provider_priority 10 before 5 of exim"),
        .init(
          package: "app", relation: "so:x", chosen: "libx", others: ["libx-compat"],
          reason: "it provides so:x 2, newer than 1 of libx-compat"),
      ])
  }

  @Test(arguments: [
    (["a", "!b"], "a-1 needs b\n  !b rules out b-1\n"),
    (["nothing"], "nothing: no package has or provides this name in main; check the name"),
    (["ap"], "ap: no package has or provides this name in main; near names: app, a"),
    (["b>1"], "b>1: there is only 1 (main)"),
    (["so:x>1"], "so:x>1: there is only 1 (provided by c-1)"),
    (["foreign"], "foreign-1 is for aarch64, not for x86_64\n"),
    (["missing"], "missing-1 needs so:none.so.1, but no package has or provides it\n"),
    (["late"], "late-1 needs b>=2, but the only b is 1\n"),
    (["d"], "d-1 needs b\n  d-1 conflicts with b\n"),
    (["twice"], "twice-1 provides x more than once\n"),
    (
      ["garbled"],
      "garbled-1 has dependencies that cannot be read (\"b@edge\": a tag may stand in the world only)\n"
    ),
    (["e", "c"], "e-1 conflicts with so:x<2, which c-1 provides\n"),
  ])
  func `a refusal says why`(words: [String], text: String) throws {
    let pool = try alpinePool([
      AlpineStanza("a", depends: "b"), AlpineStanza("b"),
      AlpineStanza("c", provides: "so:x=1"), AlpineStanza("app"),
      AlpineStanza("foreign", architecture: "aarch64"),
      AlpineStanza("missing", depends: "so:none.so.1"), AlpineStanza("late", depends: "b>=2"),
      AlpineStanza("d", depends: "!b b"), AlpineStanza("e", depends: "!so:x<2"),
      AlpineStanza("twice", provides: "x=1 x=2"), AlpineStanza("garbled", depends: "b@edge"),
    ])
    guard case .failure(let error) = AlpineOracle.outcome(try AlpineOracle.request(words), in: pool)
    else {
      Issue.record("an answer was found")
      return
    }
    #expect(error.description.contains(text), "\(error)")
  }

  /// With work that grows as the square of the closure this would not end.
  @Test func `a chain of twenty thousand, whole and broken`() throws {
    let length = 20_000
    var stanzas = (0..<length).map { AlpineStanza("p\($0)", depends: "p\(($0 + 1) % length)") }
    #expect(try alpineSolve("p0", in: alpinePool(stanzas)).count == length)
    stanzas[length - 1] = AlpineStanza("p\(length - 1)", depends: "gone")
    let lines = try alpineSolve("p0", in: alpinePool(stanzas))[0].split(separator: "\n")
    #expect(lines.dropLast().last == "  p19999-1 needs gone, but no package has or provides it")
  }
}
