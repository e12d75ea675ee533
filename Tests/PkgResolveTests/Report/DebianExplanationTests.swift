import PkgResolve
import Testing

/// The whole text of failures on Debian's relations.
@Suite struct DebianExplanationTests {
  private func explain(_ stanzas: [Stanza], _ request: String...) throws -> String {
    let items = try request.enumerated().map {
      ResolutionRequest.Item(try PackageRequest(parsing: $1), location: "app.yaml:\($0 + 7):7")
    }
    let pool = try PackagePool(architecture: "amd64", indexes: [index(stanzas)])
    do {
      let found = try ConflictDrivenSolver().solve(ResolutionRequest(items), in: pool)
      return "found \(found.lines)"
    } catch {
      return error.description
    }
  }

  private let missing = """

    ask for another package or version, or add an archive that has what is missing
    """
  private let rivals = """

    leave one of them out, or ask for other versions
    """

  @Test func `the only version is too old`() throws {
    let text = try explain(
      [
        Stanza("python3-foo", "1.2-1", ["Depends": "python3, libbar (>= 2)"]), Stanza("python3"),
        Stanza("libbar", "1.9"),
      ], "python3-foo")
    #expect(
      text == """
        app.yaml:7:7: python3-foo: cannot be installed:
          python3-foo 1.2-1 needs libbar (>= 2), but the only libbar, 1.9 from trixie/main, is too old
        """ + missing)
  }

  @Test func `all versions are too new`() throws {
    let text = try explain(
      [
        Stanza("app", "1", ["Depends": "middle"]), Stanza("middle", "1", ["Depends": "lib (<< 3)"]),
        Stanza("lib", "4"), Stanza("lib", "3"),
      ], "app")
    #expect(
      text == """
        app.yaml:7:7: app: cannot be installed:
          app 1 needs middle
          middle 1 needs lib (<< 3), but the oldest lib, 3 from trixie/main, is too new
        """ + missing)
  }

  @Test func `no version is the one asked for`() throws {
    let text = try explain(
      [
        Stanza("app", "1", ["Depends": "lib (= 2)"]), Stanza("lib", "3"), Stanza("lib", "1"),
      ], "app")
    #expect(
      text == """
        app.yaml:7:7: app: cannot be installed:
          app 1 needs lib (= 2), but there are only 3 (trixie/main), 1 (trixie/main)
        """ + missing)
  }

  @Test func `nothing has the name`() throws {
    let text = try explain(
      [Stanza("app", "1", ["Depends": "gone | lost (>= 2)"])], "app")
    #expect(
      text == """
        app.yaml:7:7: app: cannot be installed:
          app 1 needs gone | lost (>= 2), but no package is called gone or provides it; no package is called lost or \
        provides it
        """ + missing)
  }

  @Test func `every version of a dependency needs what is missing`() throws {
    let text = try explain(
      [
        Stanza("app", "1", ["Depends": "lib"]), Stanza("lib", "2", ["Depends": "gone"]),
        Stanza("lib", "1", ["Depends": "gone"]), Stanza("noise", "1", ["Depends": "gone"]),
      ], "noise", "app")
    #expect(
      text == """
        app.yaml:7:7: noise: cannot be installed:
          noise 1 needs gone, but no package is called gone or provides it
        """ + missing)
    #expect(
      try explain(
        [
          Stanza("app", "1", ["Depends": "lib"]), Stanza("lib", "2", ["Depends": "gone"]),
          Stanza("lib", "1", ["Depends": "gone"]),
        ], "app") == """
          app.yaml:7:7: app: cannot be installed:
            app 1 needs lib
            lib 2 and lib 1 need gone, but no package is called gone or provides it
          """ + missing)
  }

  @Test func `a virtual name without a version meets none`() throws {
    let text = try explain(
      [
        Stanza("app", "1", ["Depends": "api (>= 2)"]), Stanza("impl", "3", ["Provides": "api"]),
      ], "app")
    #expect(
      text == """
        app.yaml:7:7: app: cannot be installed:
          app 1 needs api (>= 2), but impl 3 from trixie/main provides it without a version, which meets no relation \
        that names one
        """ + missing)
  }

  @Test func `a virtual name is provided in another version`() throws {
    let text = try explain(
      [
        Stanza("app", "1", ["Depends": "api (>= 2)"]),
        Stanza("impl", "3", ["Provides": "api (= 1)"]),
        Stanza("other", "3", ["Provides": "api (= 1.5)"]),
        Stanza("plain", "3", ["Provides": "api"]),
      ], "app")
    #expect(
      text == """
        app.yaml:7:7: app: cannot be installed:
          app 1 needs api (>= 2), but impl 3 from trixie/main provides it in version 1, other 3 from \
        trixie/main provides it in version 1.5, plain 3 from trixie/main provides it without a version
        """ + missing)
  }

  @Test func `any architecture will not do`() throws {
    let text = try explain(
      [
        Stanza("app", "1", ["Depends": "python3:any"]),
        Stanza("python3", "3.13", ["Multi-Arch": "foreign"]),
      ], "app")
    #expect(
      text == """
        app.yaml:7:7: app: cannot be installed:
          app 1 needs python3:any, but python3 3.13 from trixie/main is not marked Multi-Arch: allowed
        """ + missing)
  }

  @Test func `a package of another architecture`() throws {
    let text = try explain([Stanza("app", "1", ["Depends": "lib:arm64"]), Stanza("lib")], "app")
    #expect(
      text == """
        app.yaml:7:7: app: cannot be installed:
          app 1 needs lib:arm64, but packages of arm64 cannot be in a set for amd64
        """ + missing)
  }

  @Test func `two requests conflict`() throws {
    let text = try explain(
      [
        Stanza("exim4", "4.96", ["Provides": "mta", "Conflicts": "mta"]),
        Stanza("postfix", "3.7", ["Provides": "mta", "Conflicts": "mta"]), Stanza("bash"),
      ], "bash", "exim4", "postfix")
    #expect(
      text == """
        app.yaml:8:7: exim4: cannot be installed together with postfix (app.yaml:9:7):
          exim4 4.96 conflicts with mta, which postfix 3.7 provides
        """ + rivals)
  }

  @Test func `a dependency breaks another's`() throws {
    let text = try explain(
      [
        Stanza("app", "1", ["Depends": "new"]), Stanza("new", "5", ["Breaks": "old (<< 3)"]),
        Stanza("tool", "1", ["Depends": "old"]), Stanza("old", "2"), Stanza("old", "1"),
      ], "app", "tool")
    #expect(
      text == """
        app.yaml:7:7: app: cannot be installed together with tool (app.yaml:8:7):
          app 1 needs new
          tool 1 needs old
          new 5 breaks old (<< 3), which old 2 and old 1 are
        """ + rivals)
  }

  @Test func `two versions of one package`() throws {
    let text = try explain(
      [
        Stanza("app", "1", ["Depends": "lib (>= 2)"]),
        Stanza("tool", "1", ["Depends": "lib (<< 2)"]),
        Stanza("lib", "2"), Stanza("lib", "1"),
      ], "app", "tool")
    #expect(
      text == """
        app.yaml:7:7: app: cannot be installed together with tool (app.yaml:8:7):
          app 1 needs lib (>= 2)
          tool 1 needs lib (<< 2)
          only one version of lib can be installed, lib 2 or lib 1
        """ + rivals)
  }

  @Test func `each alternative fails in its own way`() throws {
    let text = try explain(
      [
        Stanza("app", "1", ["Depends": "a | b, lib"]), Stanza("a", "1", ["Conflicts": "lib"]),
        Stanza("b", "1", ["Pre-Depends": "lib (>= 9)"]), Stanza("lib", "2"), Stanza("unrelated"),
      ], "unrelated", "app")
    #expect(
      text == """
        app.yaml:8:7: app: cannot be installed:
          app 1 needs a | b
          app 1 needs lib
          a 1 conflicts with lib
          b 1 needs lib (>= 9), but the only lib, 2 from trixie/main, is too old
        """ + missing)
  }

  @Test func `a version that was asked for stands in the way`() throws {
    let text = try explain(
      [
        Stanza("app", "1", ["Depends": "lib (>= 2)"]), Stanza("lib", "2"), Stanza("lib", "1"),
      ], "lib=1", "app")
    #expect(
      text == """
        app.yaml:7:7: lib=1: cannot be installed together with app (app.yaml:8:7):
          app 1 needs lib (>= 2)
          only one version of lib can be installed, lib 1 or lib 2
        """ + rivals)
  }

  @Test func `no more facts than are needed`() throws {
    // A request of many names and long chains, of which two packages alone are at odds.
    var stanzas = [Stanza]()
    for chain in 0..<6 {
      for link in 0..<6 {
        stanzas.append(
          Stanza("c\(chain)l\(link)", "1", ["Depends": "c\(chain)l\(link + 1), c0l6 | c1l6"]))
      }
      stanzas.append(Stanza("c\(chain)l6", "1", chain == 5 ? ["Conflicts": "c2l3"] : [:]))
    }
    let text = try explain(stanzas, "c0l0", "c1l0", "c2l2", "c3l0", "c4l0", "c5l5")
    #expect(
      text == """
        app.yaml:9:7: c2l2: cannot be installed together with c5l5 (app.yaml:12:7):
          c2l2 1 needs c2l3
          c5l5 1 needs c5l6
          c5l6 1 conflicts with c2l3
        """ + rivals)
  }

  @Test func `a pin keeps out what is needed`() throws {
    let pool = try PackagePool(
      architecture: "amd64",
      indexes: [
        index([Stanza("app", "1", ["Depends": "lib (>= 2)"]), Stanza("lib", "1")]),
        index([Stanza("lib", "2"), Stanza("lib", "3")], suite: "sid"),
      ], pins: PackagePins([.init(suite: "sid", priority: -1)]))
    #expect(
      try failure("app", in: pool) == """
        app: cannot be installed:
          app 1 needs lib (>= 2), but a pin keeps out lib 2 from sid/main
        """ + missing)
    for request in ["lib/sid", "lib=2"] {
      #expect(
        try failure(request, in: pool)
          == "\(request): a pin keeps out lib 2 from sid/main; give it a priority of 0 or more")
    }
  }

  @Test func `what stands for a virtual name, and what an exclusion takes from it`() throws {
    let text = try explain(
      [
        Stanza("app", "1", ["Depends": "awk"]), Stanza("mawk", "1.3", ["Provides": "awk"]),
        Stanza("gawk", "5", ["Provides": "awk"]), Stanza("tool", "1", ["Conflicts": "gawk"]),
      ], "app", "tool", "!mawk")
    #expect(
      text == """
        app.yaml:7:7: app: cannot be installed together with tool (app.yaml:8:7):
          app 1 needs awk, which gawk 5 provides, and !mawk keeps out mawk
          tool 1 conflicts with gawk
        """ + rivals)
  }

  @Test func `one version from two archives`() throws {
    let pool = try PackagePool(
      architecture: "amd64",
      indexes: [
        index([
          Stanza("app", "1", ["Depends": "left, right"]), Stanza("lib", "1", ["Provides": "left"]),
        ]),
        index([Stanza("lib", "1", ["Provides": "right"])], suite: "sid"),
      ])
    #expect(
      try failure("app", in: pool) == """
        app: cannot be installed:
          app 1 needs left, which lib 1 provides
          app 1 needs right, which lib 1 provides
          only one version of lib can be installed, lib 1 from trixie/main or lib 1 from sid/main
        ask for another package or version
        """)
  }

  @Test func `of a very long chain the beginning and the end`() throws {
    let length = 5000
    let pool = try PackagePool(
      architecture: "amd64",
      indexes: [index((0..<length).map { Stanza("p\($0)", "1", ["Depends": "p\($0 + 1)"]) })])
    let lines = try failure("p0", in: pool).split(separator: "\n")
    #expect(lines.count == 1 + 16 + 1 + 8 + 1)
    #expect(lines[1] == "  p0 1 needs p1")
    #expect(lines[17] == "  … (4976 more causes)")
    #expect(
      lines[25] == "  p4999 1 needs p5000, but no package is called p5000 or provides it")
  }

  @Test func `an alternative that is no choice`() throws {
    let text = try explain(
      [
        Stanza("app", "1", ["Depends": "lib (>= 2) | alt"]), Stanza("lib"), Stanza("alt"),
        Stanza("tool", "1", ["Conflicts": "alt"]),
      ], "app", "tool")
    #expect(
      text == """
        app.yaml:7:7: app: cannot be installed together with tool (app.yaml:8:7):
          app 1 needs lib (>= 2) | alt; the only lib, 1 from trixie/main, is too old
          tool 1 conflicts with alt
        """ + rivals)
  }

  @Test func `a choice names the conflict that was found when it was tried`() throws {
    let pool = try pool(
      Stanza("app", "1", ["Depends": "a | b, c"]), Stanza("a", "1", ["Conflicts": "c"]),
      Stanza("b"), Stanza("c"))
    let choices = try ConflictDrivenSolver().solve(request(["app"]), in: pool).choices
    #expect(choices.map(\.reason) == ["a conflicts with c"])
  }
}
