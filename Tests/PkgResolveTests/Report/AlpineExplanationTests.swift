import PkgResolve
import Testing

/// The whole text of failures on Alpine's dependencies.
@Suite struct AlpineExplanationTests {
  private func explain(
    _ stanzas: [AlpineStanza], edge: [AlpineStanza]? = nil, _ words: String...
  ) throws -> String {
    let pool = try alpinePool(stanzas, tagged: edge.map { ["edge": $0] } ?? [:])
    switch AlpineOracle.outcome(try AlpineOracle.request(words), in: pool) {
    case .success(let lines): return "found \(lines)"
    case .failure(let error): return error.description
    }
  }

  private let missing = """

    ask for another package or version, or add a repository that has what is missing
    """
  private let rivals = """

    leave one of them out, or ask for other versions
    """

  @Test func `no package has a library`() throws {
    #expect(
      try explain([AlpineStanza("python3", "3.12-r0", depends: "so:libfoo.so.1")], "python3") == """
        python3: cannot be installed:
          python3-3.12-r0 needs so:libfoo.so.1, but no package has or provides it
        """ + missing)
  }

  @Test func `the only version is too old`() throws {
    #expect(
      try explain([AlpineStanza("app", depends: "lib>=2"), AlpineStanza("lib", "1.9-r0")], "app")
        == """
        app: cannot be installed:
          app-1 needs lib>=2, but the only lib is 1.9-r0
        """ + missing)
  }

  @Test func `the only version does not continue what was asked for`() throws {
    #expect(
      try explain([AlpineStanza("app", depends: "lib~2.1"), AlpineStanza("lib", "2.2-r0")], "app")
        == """
        app: cannot be installed:
          app-1 needs lib~2.1, but the only lib is 2.2-r0
        """ + missing)
  }

  @Test func `every version of a dependency needs what is missing`() throws {
    let text = try explain(
      [
        AlpineStanza("app", depends: "mid"), AlpineStanza("mid", "2", depends: "gone"),
        AlpineStanza("mid", "1", depends: "gone"), AlpineStanza("noise"),
      ], "noise", "app")
    #expect(
      text == """
        app: cannot be installed:
          app-1 needs mid
          mid-2 and mid-1 need gone, but no package has or provides it
        """ + missing)
  }

  @Test func `one excludes what another needs`() throws {
    let text = try explain(
      [
        AlpineStanza("app", depends: "!old"), AlpineStanza("tool", depends: "old"),
        AlpineStanza("old"),
      ], "app", "tool")
    #expect(
      text == """
        app: cannot be installed together with tool:
          tool-1 needs old
          app-1 conflicts with old
        """ + rivals)
  }

  @Test func `a version is excluded that is the only one`() throws {
    let text = try explain(
      [
        AlpineStanza("app", depends: "!lib<2 tool"), AlpineStanza("tool", depends: "lib"),
        AlpineStanza("lib"),
      ], "app")
    #expect(
      text == """
        app: cannot be installed:
          app-1 needs tool
          tool-1 needs lib
          app-1 conflicts with lib<2, which lib-1 is
        ask for another package or version
        """)
  }

  @Test func `a virtual name that nobody chose`() throws {
    let text = try explain(
      [
        AlpineStanza("app", depends: "mta"), AlpineStanza("a", provides: "mta"),
        AlpineStanza("b", provides: "mta"),
      ], "app")
    #expect(
      text == """
        app: cannot be installed:
          app-1 needs mta, but it is a virtual name, which a and b provide without a provider_priority
        ask for one of these by name: a, b
        """)
  }

  @Test func `two packages provide one name`() throws {
    let text = try explain(
      [
        AlpineStanza("postfix", "3-r0", provides: "cmd:sendmail=3-r0"),
        AlpineStanza("exim", "4-r0", provides: "cmd:sendmail=4-r0"),
      ], "postfix", "exim")
    #expect(
      text == """
        postfix: cannot be installed together with exim:
          only one package can be cmd:sendmail, and postfix-3-r0 and exim-4-r0 provide it
        """ + rivals)
  }

  @Test func `two versions of one package`() throws {
    let text = try explain(
      [
        AlpineStanza("app", depends: "lib>1"), AlpineStanza("tool", depends: "lib<2"),
        AlpineStanza("lib", "1"), AlpineStanza("lib", "2"),
      ], "app", "tool")
    #expect(
      text == """
        app: cannot be installed together with tool:
          app-1 needs lib>1, which lib-2 is
          tool-1 needs lib<2, which lib-1 is
          only one version of lib can be installed, 2 or 1
        """ + rivals)
  }

  @Test func `the request rules out what it needs`() throws {
    #expect(
      try explain([AlpineStanza("app", depends: "lib"), AlpineStanza("lib")], "app", "!lib") == """
        app: cannot be installed together with !lib:
          app-1 needs lib
          !lib rules out lib-1
        """ + rivals)
  }

  @Test func `a package of another architecture`() throws {
    let text = try explain(
      [AlpineStanza("app", depends: "lib"), AlpineStanza("lib", architecture: "aarch64")], "app")
    #expect(
      text == """
        app: cannot be installed:
          app-1 needs lib
          lib-1 is for aarch64, not for x86_64
        ask for another package or version
        """)
  }

  @Test func `a tagged repository alone has the version`() throws {
    let text = try explain(
      [AlpineStanza("app", depends: "lib>=2"), AlpineStanza("lib")],
      edge: [AlpineStanza("lib", "2")], "app")
    #expect(
      text == """
        app: cannot be installed:
          app-1 needs lib>=2, but lib-2 is in @edge only, which is not allowed here
        ask for another package or version
        """)
  }
}
