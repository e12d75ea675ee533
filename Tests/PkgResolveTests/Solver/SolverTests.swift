import PkgResolve
import Testing

@Suite struct SolverTests {
  @Test func `takes dependencies and nothing else`() throws {
    let pool = try pool(
      Stanza("app", "1", ["Depends": "lib (>= 2)", "Pre-Depends": "pre", "Recommends": "extra"]),
      Stanza("lib", "2"), Stanza("lib", "1"), Stanza("pre"), Stanza("extra"),
      Stanza("base", "1", ["Essential": "yes"]))
    let resolution = try ConflictDrivenSolver().solve(request(["app"]), in: pool)
    #expect(resolution.lines == ["app=1", "lib=2", "pre=1"])
    #expect(
      resolution.packages.map(\.reason) == [
        "requested", "app depends on lib (>= 2)", "app depends on pre",
      ])
  }

  @Test func `the leftmost alternative and the newest version are preferred`() throws {
    let pool = try pool(
      Stanza("app", "1", ["Depends": "a | b, c"]), Stanza("b"), Stanza("a", "1.0~rc1"),
      Stanza("a", "1.0"), Stanza("c", "9"), Stanza("c", "1:1"))
    #expect(try solve("app", in: pool) == ["a=1.0", "app=1", "c=1:1"])
    #expect(try solve("app", "b", in: pool) == ["app=1", "b=1", "c=1:1"])
  }

  @Test func `a newer version in another suite wins, unless the priority says otherwise`() throws {
    let old = try index([Stanza("a", "1")], suite: "trixie")
    let new = try index([Stanza("a", "2")], suite: "trixie-security")
    let pinned = try index([Stanza("a", "1")], suite: "local", priority: 900)
    #expect(
      try solve("a", in: PackagePool(architecture: "amd64", indexes: [old, new])) == ["a=2"])
    #expect(
      try solve("a", in: PackagePool(architecture: "amd64", indexes: [new, pinned])) == ["a=1"])
    #expect(
      try solve("a/trixie", in: PackagePool(architecture: "amd64", indexes: [old, new])) == ["a=1"])
  }

  @Test func `goes back to another alternative or version on a conflict`() throws {
    let pool = try pool(
      Stanza("app", "1", ["Depends": "a | b, lib"]), Stanza("a", "1", ["Depends": "deep"]),
      Stanza("deep", "1", ["Breaks": "lib (<< 3)"]), Stanza("b"),
      Stanza("lib", "2"), Stanza("lib", "1"))
    #expect(try solve("app", in: pool) == ["app=1", "b=1", "lib=2"])
    #expect(
      try failure("app", "a", in: pool) == """
        app: cannot be installed together with a:
          app 1 needs lib
          a 1 needs deep
          deep 1 breaks lib (<< 3), which lib 2 and lib 1 are
        leave one of them out, or ask for other versions
        """)
  }

  @Test func `an older version is taken where the newest cannot be`() throws {
    let pool = try pool(
      Stanza("app", "1", ["Depends": "a, b (= 1)"]), Stanza("a", "2", ["Depends": "b (= 2)"]),
      Stanza("a", "1", ["Depends": "b"]), Stanza("b", "2"), Stanza("b", "1"))
    #expect(try solve("app", in: pool) == ["a=1", "app=1", "b=1"])
  }

  @Test func `solves where every pair of choices but one fails`() throws {
    // Eight names with eight versions each, all tied to one common version: only the oldest exists everywhere.
    var stanzas = [
      Stanza("app", "1", ["Depends": (0..<8).map { "p\($0)" }.joined(separator: ", ")])
    ]
    for name in 0..<8 {
      for version in 1...8 where version == 1 || (name + version) % 8 != 0 {
        let peer = "p\((name + 1) % 8) (= \(version))"
        stanzas.append(Stanza("p\(name)", "\(version)", ["Depends": peer]))
      }
    }
    let pool = try PackagePool(architecture: "amd64", indexes: [index(stanzas)])
    let lines = try solve("app", in: pool)
    #expect(lines == ["app=1"] + (0..<8).map { "p\($0)=1" })
  }

  @Test func `pigeons without holes are refused`() throws {
    var stanzas = [Stanza]()
    for pigeon in 0..<5 {
      let holes = (0..<4).map { "p\(pigeon)h\($0)" }
      stanzas.append(Stanza("pigeon\(pigeon)", "1", ["Depends": holes.joined(separator: " | ")]))
      for (hole, name) in holes.enumerated() {
        stanzas.append(
          Stanza(name, "1", ["Provides": "hole\(hole)", "Conflicts": "hole\(hole)"]))
      }
    }
    let pool = try PackagePool(architecture: "amd64", indexes: [index(stanzas)])
    #expect(try solve("pigeon0", "pigeon1", "pigeon2", "pigeon3", in: pool).count == 8)
    let text = try failure("pigeon0", "pigeon1", "pigeon2", "pigeon3", "pigeon4", in: pool)
    #expect(text.hasPrefix("pigeon0: cannot be installed together with pigeon1, pigeon2"))
  }

  @Test func `cycles and self-provided dependencies end`() throws {
    let pool = try pool(
      Stanza("a", "1", ["Depends": "b, virtual", "Provides": "virtual", "Conflicts": "virtual"]),
      Stanza("b", "1", ["Depends": "a"]))
    #expect(try solve("a", in: pool) == ["a=1", "b=1"])
  }

  @Test func `provides meet versions only where they name one`() throws {
    let pool = try pool(
      Stanza("app", "1", ["Depends": "api (>= 2)"]),
      Stanza("any", "1", ["Depends": "api"]),
      Stanza("x", "9", ["Provides": "api", "Priority": "optional"]),
      Stanza("y", "1", ["Provides": "api (= 2.1)", "Priority": "optional"]),
      Stanza("z", "1", ["Provides": "api (= 1)", "Priority": "required"]))
    #expect(try solve("app", in: pool) == ["app=1", "y=1"])
    #expect(try solve("any", in: pool) == ["any=1", "z=1"])
    let resolution = try ConflictDrivenSolver().solve(request(["any"]), in: pool)
    #expect(resolution.choices.map(\.chosen) == ["z"])
    #expect(resolution.choices.map(\.others) == [["x", "y"]])
  }

  @Test func `any needs multi-arch allowed, and foreign qualifiers are never met`() throws {
    let pool = try pool(
      Stanza("app", "1", ["Depends": "py:any"]), Stanza("py", "1", ["Multi-Arch": "allowed"]),
      Stanza("bad", "1", ["Depends": "lib:any"]), Stanza("lib", "1", ["Multi-Arch": "foreign"]),
      Stanza("cross", "1", ["Depends": "lib:arm64"]), Stanza("own", "1", ["Depends": "lib:amd64"]),
      Stanza("rival", "1", ["Conflicts": "lib:arm64", "Depends": "lib"]))
    #expect(try solve("app", in: pool) == ["app=1", "py=1"])
    #expect(
      try failure("bad", in: pool).contains(
        "bad 1 needs lib:any, but lib 1 from trixie/main is not marked Multi-Arch: allowed"))
    #expect(
      try failure("cross", in: pool).contains(
        "cross 1 needs lib:arm64, but packages of arm64 cannot be in a set for amd64"))
    #expect(try solve("own", in: pool) == ["lib=1", "own=1"])
    #expect(try solve("rival", in: pool) == ["lib=1", "rival=1"])
  }

  @Test func `an exclusion is never installed and counts as met`() throws {
    let pool = try pool(
      Stanza("base-files", "1", ["Pre-Depends": "awk"]),
      Stanza("mawk", "1", ["Provides": "awk"]), Stanza("gawk", "1", ["Provides": "awk"]),
      Stanza("app", "1", ["Depends": "debconf (>= 9) | debconf-2.0, gone, base-files"]),
      Stanza("debconf", "1", ["Provides": "debconf-2.0"]))
    #expect(try solve("base-files", "!mawk", in: pool) == ["base-files=1", "gawk=1"])
    let resolution = try ConflictDrivenSolver().solve(
      request(["app", "!debconf", "!gone", "!mawk", "!gawk", "!base-files", "base-files"]), in: pool
    )
    #expect(resolution.lines == ["app=1", "base-files=1"])
    #expect(
      resolution.waived == [
        "app depends on debconf (>= 9) | debconf-2.0", "app depends on gone",
        "base-files depends on awk",
      ])
  }

  @Test func `an exclusion that keeps nothing out is told`() throws {
    let pool = try pool(
      Stanza("app", "1", ["Depends": "lib, gone | lost"]), Stanza("lib"),
      Stanza("other", "1", ["Provides": "api"]))
    let request = ["app", "!gone", "!libb", "!api", "!other", "!app"]
    let resolution = try ConflictDrivenSolver().solve(
      ResolutionRequest(
        try request.enumerated().map {
          .init(try PackageRequest(parsing: $1), location: "r.yaml:\($0 + 3):5")
        }), in: pool)
    #expect(resolution.lines == ["app=1", "lib=1"])
    #expect(
      resolution.warnings == [
        "r.yaml:5:5: !libb: excludes nothing, for no package has this name; near names: lib",
        "r.yaml:8:5: !app: is asked for as well, and so it is installed",
      ])
  }

  @Test func `the same request gives the same answer whatever the order of records`() throws {
    let stanzas = [
      Stanza("app", "1", ["Depends": "api"]), Stanza("b", "1", ["Provides": "api"]),
      Stanza("a", "1", ["Provides": "api"]), Stanza("c", "1", ["Provides": "api"]),
    ]
    for order in [stanzas, stanzas.reversed()] {
      let pool = try PackagePool(architecture: "amd64", indexes: [index(order)])
      #expect(try solve("app", in: pool) == ["a=1", "app=1"])
    }
  }

  @Test func `one package may meet two requests`() throws {
    let pool = try pool(
      Stanza("exim4", "1", ["Provides": "default-mta", "Depends": "lib"]), Stanza("lib"))
    #expect(try solve("exim4", "default-mta", in: pool) == ["exim4=1", "lib=1"])
    #expect(try solve("default-mta", "exim4", "lib", in: pool) == ["exim4=1", "lib=1"])
  }

  @Test func `gives up at the limit`() throws {
    let pool = try pool(
      Stanza("app", "1", ["Depends": "a | b, lib"]), Stanza("a", "1", ["Depends": "deep"]),
      Stanza("deep", "1", ["Conflicts": "lib"]), Stanza("b"), Stanza("lib"))
    let error = #expect(throws: ResolveError.self) {
      try ConflictDrivenSolver(conflictLimit: 0).solve(request(["app"]), in: pool)
    }
    #expect(error?.code == .exhausted)
  }

  @Test func `ends when it is told to`() throws {
    let pool = try pool(Stanza("app", "1", ["Depends": "lib"]), Stanza("lib"))
    let error = #expect(throws: ResolveError.self) {
      try ConflictDrivenSolver(isCancelled: { true }).solve(request(["app"]), in: pool)
    }
    #expect(error?.code == .cancelled)
  }

  @Test func `two records of one version do not depend on their order`() throws {
    let stanzas = [
      Stanza("a", "1", ["SHA256": String(repeating: "2b", count: 32), "Depends": "second"]),
      Stanza("a", "1", ["SHA256": String(repeating: "1a", count: 32), "Depends": "first"]),
      Stanza("first"), Stanza("second"),
    ]
    for order in [stanzas, stanzas.reversed()] {
      let pool = try PackagePool(architecture: "amd64", indexes: [index(order)])
      #expect(try solve("a", in: pool) == ["a=1", "first=1"])
    }
  }

  @Test func `a malformed relation is named with its line`() throws {
    let pool = try pool(Stanza("x"), Stanza("app", "1", ["Depends": "lib >= 2"]))
    #expect(
      try failure("app", in: pool)
        == "trixie main:8: app: Depends: unexpected \">= 2\"; expected \",\" or the end")
  }
}
