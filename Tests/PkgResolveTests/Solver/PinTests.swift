import PkgResolve
import Testing

@Suite struct PinTests {
  private func pool(_ pins: [PackagePins.Pin], backports: Int = 100) throws -> PackagePool {
    try PackagePool(
      architecture: "amd64",
      indexes: [
        index([
          Stanza("curl", "1", ["Depends": "libcurl4"]), Stanza("libcurl4", "1"), Stanza("vim", "1"),
        ]),
        index(
          [
            Stanza("curl", "2", ["Depends": "libcurl4 (>= 2)"]), Stanza("libcurl4", "2"),
            Stanza("vim", "2"), Stanza("new"), Stanza("other", "1", ["Provides": "api"]),
          ], suite: "backports", priority: backports),
      ], pins: PackagePins(pins))
  }

  @Test func `a suite of low priority is taken from only where nothing else will do`() throws {
    let pool = try pool([])
    #expect(try solve("curl", "vim", in: pool) == ["curl=1", "libcurl4=1", "vim=1"])
    #expect(try solve("curl/backports", "new", in: pool) == ["curl=2", "libcurl4=2", "new=1"])
  }

  @Test func `a pin that names packages comes before one that names none`() throws {
    let pool = try pool([
      .init(suite: "backports", priority: 600),
      .init(suite: "backports", packages: ["*im"], priority: 50),
      .init(suite: "backports", packages: ["vim"], priority: 900),
    ])
    #expect(try solve("curl", "vim", in: pool) == ["curl=2", "libcurl4=2", "vim=1"])
  }

  @Test func `stars stand for any letters`() throws {
    for (pattern, fits) in [
      ("lib*", true), ("*4", true), ("l*c*4", true), ("libcurl4", true), ("*", true),
      ("lib", false), ("*5", false), ("l*x*4", false), ("libcurl4?", false), ("", false),
    ] {
      let pool = try pool([
        .init(suite: "backports", packages: [pattern], priority: 900)
      ])
      #expect(
        try solve("libcurl4", in: pool) == [fits ? "libcurl4=2" : "libcurl4=1"], "\(pattern)")
    }
  }

  @Test func `a negative priority keeps packages out, and the message says so`() throws {
    let pool = try pool([.init(suite: "backports", priority: -1)])
    #expect(try solve("vim", in: pool) == ["vim=1"])
    #expect(
      try failure("new", in: pool)
        == "new: a pin keeps out new 1 from backports/main; give it a priority of 0 or more")
    #expect(
      try failure("vim=2", in: pool)
        == "vim=2: a pin keeps out vim 2 from backports/main; give it a priority of 0 or more")
    #expect(
      try failure("api", in: pool)
        == "api: no such package for amd64 in trixie, backports; check its name")
  }
}
