import PkgResolve
import Testing

@Suite struct WhyTests {
  @Test func `the shortest chain, and who else needs it`() throws {
    #expect(
      try RenderingTests.sample().whyText("gawk") == """
        r.yaml:3:7: app
          app 1.0-1 depends on awk, which gawk provides (gawk over mawk: the first by name of those with the priority unknown)
        gawk 5 amd64, 1.0 kB

        """)
    #expect(
      try RenderingTests.sample().whyText("data") == """
        data=3
          takes data
        data 3 all, 1.2 MB; 2 other packages need it: app, libapp

        """)
    #expect(
      try RenderingTests.sample().whyText("app") == """
        r.yaml:3:7: app
        app 1.0-1 amd64, 2.5 kB, 10.2 kB installed

        """)
    #expect(try RenderingTests.sample().whyText("mawk") == nil)
    #expect(try RenderingTests.sample().nearNames(of: "libap") == ["libapp"])
  }

  @Test func `of two ways the shorter, of two of one length the first`() throws {
    let pool = try pool(
      Stanza("a", "1", ["Depends": "b"]), Stanza("b", "1", ["Depends": "goal"]),
      Stanza("c", "1", ["Depends": "goal"]), Stanza("d", "1", ["Depends": "goal"]),
      Stanza("goal"))
    let resolution = try ConflictDrivenSolver().solve(request(["a", "d", "c"]), in: pool)
    #expect(
      resolution.whyText("goal") == """
        d
          d 1 depends on goal
        goal 1 amd64, 1.0 kB; 2 other packages need it: b, c

        """)
  }

  @Test func `an install_if is a link of the chain, not a need`() throws {
    let pool = try alpinePool([
      AlpineStanza("app"), AlpineStanza("doc"), AlpineStanza("base"),
      AlpineStanza("app-doc", depends: "base", installIf: "app doc"),
    ])
    let request = AlpineRequest(
      try ["app", "doc"].map { .init(try AlpineDependencyParser.world($0)) })
    let resolution = try AlpineSolver().solve(request, in: pool)
    #expect(
      resolution.whyText("base") == """
        app
          app-doc comes in by its install_if: app, doc are there
          app-doc 1 depends on base
        base 1 x86_64, 1 B, 1 B installed

        """)
    #expect(resolution.whyText("doc") == "doc\ndoc 1 x86_64, 1 B, 1 B installed\n")
    #expect(
      resolution.treeText() == """
        app
        └── app 1 x86_64  1 B, 1 B installed
        doc
        └── doc 1 x86_64  1 B, 1 B installed
        install_if: app, doc are there
        └── app-doc 1 x86_64  1 B, 1 B installed
            ├── base 1 x86_64  1 B, 1 B installed
            ├── app 1 x86_64  1 B, 1 B installed (*)
            └── doc 1 x86_64  1 B, 1 B installed (*)

        4 packages, 4 B to download, 4 B installed

        """)
  }

  @Test func `a change is told package by package`() throws {
    let pool = try pool(
      Stanza("app", "1", ["Depends": "awk, lib"]), Stanza("lib", "2", ["Size": "5000"]),
      Stanza("lib", "1"), Stanza("gawk", "1", ["Provides": "awk", "Installed-Size": "1"]),
      Stanza("mawk", "1", ["Provides": "awk", "Depends": "lib (<< 2)"]))
    func solved(_ names: [String]) throws -> Resolution {
      try ConflictDrivenSolver().solve(request(names), in: pool)
    }
    let change = ResolutionChange(from: try solved(["app"]), to: try solved(["app", "mawk"]))
    #expect(
      change.text == """
          add    mawk 1 amd64  1.0 kB
          change lib 2 -> 1 amd64  1.0 kB
          remove gawk 1 amd64  1.0 kB, 1.0 kB installed
          1 added, 1 changed, 1 removed; download -4.0 kB, installed -1.0 kB

        """)
    #expect(ResolutionChange(from: try solved(["app"]), to: try solved(["app", "gawk"])).isEmpty)
    #expect(
      try solved(["app"]).rejections(of: "mawk") == [
        "app depends on awk, and gawk was taken: the first by name of those with the priority unknown"
      ])
  }
}
