import PkgResolve
import Testing

@Suite struct RequestErrorTests {
  private func python() throws -> PackagePool {
    try PackagePool(
      architecture: "amd64",
      indexes: [
        index([
          Stanza("python3", "3.13.5-1", ["Provides": "python3-api"]), Stanza("python3-minimal"),
          Stanza("python3.13", "3.13.5-2", ["Provides": "python3-api"]),
          Stanza("bash", "5.2.37-2+b5"), Stanza("tzdata", "2025b-4", ["Architecture": "all"]),
        ]),
        index([Stanza("bash", "5.2.37-2+b6")], suite: "trixie-security"),
      ])
  }

  @Test func `an unknown package comes with near names`() throws {
    #expect(
      try failure("pyhton3", in: python())
        == "pyhton3: unknown package \"pyhton3\"; near names: python3")
  }

  @Test func `an unknown version comes with those that are there`() throws {
    #expect(
      try failure("bash=5.2.37-2+dhi1", in: python())
        == "bash=5.2.37-2+dhi1: trixie has 5.2.37-2+b5; trixie-security has 5.2.37-2+b6")
  }

  @Test func `all faults are told at once, each with its place`() throws {
    let items = ["pyhton3", "bash=1", "tzdata", "zzz", "python3/sid", "python3:arm64"]
    let request = ResolutionRequest(
      try items.enumerated().map {
        .init(try PackageRequest(parsing: $1), location: "r.yaml:\($0 + 3):5")
      })
    let pool = try python()
    let error = #expect(throws: ResolveError.self) {
      try ConflictDrivenSolver().solve(request, in: pool)
    }
    #expect(error?.code == .unknownPackage)
    #expect(
      error?.description == """
        r.yaml:3:5: pyhton3: unknown package "pyhton3"; near names: python3
        r.yaml:4:5: bash=1: trixie has 5.2.37-2+b5; trixie-security has 5.2.37-2+b6
        r.yaml:6:5: zzz: unknown package "zzz"; no index has it: trixie, trixie-security
        r.yaml:7:5: python3/sid: no suite "sid"; there are trixie, trixie-security
        r.yaml:8:5: python3:arm64: arm64 is a foreign architecture; this image is for amd64, and packages of one \
        architecture only (and "all") can be in it
        """)
  }

  @Test func `a virtual package lists its providers`() throws {
    #expect(
      try failure("python3-api", in: python())
        == "python3-api: \"python3-api\" is a virtual package; ask for one that provides it: python3, python3.13"
    )
  }

  @Test func `a virtual package with one provider stands for it`() throws {
    let pool = try pool(Stanza("exim4", "1", ["Provides": "default-mta, exim (= 4.96)"]))
    #expect(try solve("default-mta", in: pool) == ["exim4=1"])
    #expect(try solve("exim=4.96", in: pool) == ["exim4=1"])
    #expect(try failure("exim=4.97", in: pool).contains("is a virtual package"))
    #expect(try failure("default-mta=1", in: pool).contains("is a virtual package"))
  }

  @Test func `a name asked for twice must be both`() throws {
    let pool = try python()
    #expect(try solve("bash", "bash=5.2.37-2+b5", "bash:amd64", in: pool) == ["bash=5.2.37-2+b5"])
    #expect(
      try failure("bash=5.2.37-2+b5", "bash=5.2.37-2+b6", in: pool)
        == "bash=5.2.37-2+b5: no one version of bash is all of bash=5.2.37-2+b5, bash=5.2.37-2+b6; ask for one of them"
    )
  }

  @Test func `the revision may be left out and the newest such version is taken`() throws {
    let pool = try python()
    #expect(try solve("bash=5.2.37", in: pool) == ["bash=5.2.37-2+b6"])
    #expect(try solve("bash=5.2.37-2+b5", in: pool) == ["bash=5.2.37-2+b5"])
    #expect(try failure("bash=5.2.37-2", in: pool).contains("trixie has 5.2.37-2+b5"))
  }

  @Test func `a package for all architectures can be asked for as such`() throws {
    let pool = try python()
    #expect(try solve("tzdata:all", in: pool) == ["tzdata=2025b-4"])
    #expect(try solve("tzdata:amd64", in: pool) == ["tzdata=2025b-4"])
    #expect(try failure("bash:all", in: pool).contains("not as \"all\""))
  }
}
